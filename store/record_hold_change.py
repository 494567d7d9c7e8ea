"""What was done to a hold on an invoice, when its case has taken note of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.stages import EventKind

HOLD_EVENTS: Final = frozenset({EventKind.HOLD_PLACED, EventKind.HOLD_EXTENDED, EventKind.HOLD_LIFTED})

_RECORD = text(
    """
    INSERT INTO hold_changes (hold_id, invoice_id, at, what, until, actor, note)
    SELECT h.id, h.invoice_id, e.applied_at, substr(e.kind, 6), CASE WHEN h.lifted_at IS NULL THEN h.until END,
        e.actor, e.note
    FROM events e JOIN holds h ON h.invoice_id = e.invoice_id AND h.id = e.message->>'ref'
    WHERE e.invoice_id = :invoice_id AND e.event_id = :event_id
    """
)


async def record_hold_change(tx: AsyncConnection, invoice_id: str, event_id: str) -> None:
    """Of a message, one of `HOLD_EVENTS`, that was just applied: who sent it is known where it was kept."""
    await tx.execute(_RECORD, {"invoice_id": invoice_id, "event_id": event_id})
