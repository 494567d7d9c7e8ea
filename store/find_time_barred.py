"""Open claims that will soon be time-barred and of which nobody was told lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_FIND = text(
    """
    SELECT i.id::text FROM invoices i
    WHERE i.time_barred_on <= :until AND i.stage NOT IN ('settled', 'written_off', 'withdrawn')
        AND NOT EXISTS (
            SELECT 1 FROM tasks t WHERE t.invoice_id = i.id AND t.kind = 'limitation'
                AND t.step = 'limitation-7' AND t.opened_at > i.time_barred_on - INTERVAL '10 days')
    ORDER BY i.time_barred_on, i.id
    """
)


async def soon_time_barred(connection: AsyncConnection, until: date) -> Sequence[str]:
    """Ids of those that lapse by `until`, the first to lapse first; who had the last warning is left out."""
    return (await connection.execute(_FIND, {"until": until})).scalars().all()
