"""Up to which day the bank statements of a creditor are booked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.move import ReasonCode
from domain.stages import EventKind

_SET = text("UPDATE creditors SET statement_on = :on WHERE reference = :reference RETURNING id::text")
_TELL = text(
    """
    INSERT INTO events (invoice_id, event_id, kind, message, actor, note)
    SELECT i.id, :event_id, :kind, '{}', :actor, '' FROM invoices i
    WHERE i.creditor_id = :creditor AND i.reasons @> jsonb_build_array(jsonb_build_object('code', CAST(:code AS text)))
        AND i.stage NOT IN ('settled', 'written_off', 'withdrawn')
    ON CONFLICT DO NOTHING
    """
)


async def set_statement(connection: AsyncConnection, reference: str, on: date) -> str | None:
    """Id of the creditor; None: there is none of this reference."""
    set_ = await connection.execute(_SET, {"reference": reference, "on": on})
    found: str | None = set_.scalar()
    return found


async def tell_waiting_cases(connection: AsyncConnection, creditor_id: str, event_id: str, actor: str) -> int:
    """Keep a message for every case that waits for a statement; how many there are."""
    values = {
        "creditor": creditor_id,
        "event_id": event_id,
        "kind": EventKind.FACTS_CHANGED.value,
        "actor": actor,
        "code": ReasonCode.STALE_BANK_DATA.value,
    }
    return (await connection.execute(_TELL, values)).rowcount
