"""A letter over several invoices is posted once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_POSTED = text(
    """
    UPDATE steps_taken SET state = 'done', at = :at
    WHERE notice_id = :notice AND state = 'printed' AND invoice_id <> :besides RETURNING invoice_id::text
    """
)
_SENT = text("UPDATE notices SET sent_at = :at WHERE id = :notice AND sent_at IS NULL")


async def mark_posted(
    connection: AsyncConnection, notice_id: str, besides: str, at: datetime
) -> Sequence[str]:
    """The letter has left: ids of the other invoices whose step is done with it."""
    values = {"notice": notice_id, "besides": besides, "at": at}
    await connection.execute(_SENT, {"notice": notice_id, "at": at})
    return (await connection.execute(_POSTED, values)).scalars().all()
