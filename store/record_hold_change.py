"""What was done to the holds on an invoice, when its case has taken note of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import Facts, Hold

_RECORD: Final = text(
    """
    INSERT INTO hold_changes (hold_id, invoice_id, at, what, until, actor, note)
    SELECT CAST(:hold_id AS text), e.invoice_id, e.applied_at, CAST(:what AS text), CAST(:until AS timestamptz),
        e.actor, CASE WHEN CAST(:what AS text) = 'placed' AND e.note = '' THEN e.kind ELSE e.note END
    FROM events e WHERE e.invoice_id = :invoice_id AND e.event_id = :event_id
    """
)


async def record_hold_changes(tx: AsyncConnection, before: Facts, after: Facts, event_id: str) -> None:
    """By the message that was just applied; who sent it and why is known where it was kept."""
    known = {hold.id: hold for hold in before.holds}
    changed = [_change(known.get(hold.id), hold) for hold in after.holds if known.get(hold.id) != hold]
    for change in changed:
        await tx.execute(_RECORD, change | {"invoice_id": after.invoice_id, "event_id": event_id})


def _change(before: Hold | None, after: Hold) -> dict[str, object]:
    if before is None or before.placed_at != after.placed_at:
        what = "placed"
    else:
        what = "lifted" if after.lifted_at else "extended"
    return {"hold_id": after.id, "what": what, "until": None if after.lifted_at else after.until}
