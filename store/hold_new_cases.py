"""Hold cases back in the transaction that adds them: what has not been committed cannot leave too early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.bundle import Case
from domain.facts import Hold
from domain.next_move import next_move, stage_of
from domain.stages import EventKind
from store.insert_rows import insert_rows
from store.save_case import save_decisions
from store.tables import events, hold_changes, holds

# A hold ends at 00:00 of its day in some zone: at noon of that day it is the same day everywhere we know.
_PLANNED = text(
    """
    SELECT ((h.until + interval '12 hours') AT TIME ZONE 'UTC')::date AS day, count(DISTINCT i.debtor_id) AS debtors
    FROM holds h JOIN invoices i ON i.id = h.invoice_id
    JOIN hold_changes x ON x.hold_id = h.id AND x.invoice_id = h.invoice_id AND x.what = 'placed'
    WHERE x.actor = :actor AND h.lifted_at IS NULL AND h.until > :now GROUP BY 1
    """
)
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('termijn enrol'))")


@dataclass(frozen=True, slots=True)
class HeldCase:
    """`case` has the hold among its facts already."""

    case: Case
    hold: Hold
    until: date


async def hold_new_cases(
    tx: AsyncConnection, held: Sequence[HeldCase], now: datetime, *, actor: str, reason: str
) -> None:
    """With the message that would have placed each hold, and the decision that follows."""
    await insert_rows(tx, holds, [_hold(one) for one in held])
    await insert_rows(tx, hold_changes, [_change(one, actor, reason) for one in held])
    await insert_rows(tx, events, [_event(one, now, actor, reason) for one in held])
    cases = [one.case for one in held]
    await save_decisions(tx, [(c.facts, c.policy, next_move(c.facts, c.policy, now)) for c in cases], now)


async def planned_days(tx: AsyncConnection, actor: str, now: datetime) -> Counter[date]:
    """Of how many debtors such holds end on each day. Until the transaction ends, nobody else plans."""
    await tx.execute(_ALONE)
    rows = await tx.execute(_PLANNED, {"actor": actor, "now": now})
    return Counter({row.day: row.debtors for row in rows})


def _hold(one: HeldCase) -> dict[str, object]:
    hold = one.hold
    return {
        "invoice_id": one.case.facts.invoice_id,
        "id": hold.id,
        "placed_at": hold.placed_at,
        "until": hold.until,
    }


def _change(one: HeldCase, actor: str, reason: str) -> dict[str, object]:
    hold = one.hold
    return {
        "hold_id": hold.id,
        "invoice_id": one.case.facts.invoice_id,
        "at": hold.placed_at,
        "what": "placed",
        "until": hold.until,
        "actor": actor,
        "note": reason,
    }


def _event(one: HeldCase, now: datetime, actor: str, reason: str) -> dict[str, object]:
    facts, policy = one.case.facts, one.case.policy
    free = replace(facts, holds=tuple(hold for hold in facts.holds if hold != one.hold))
    return {
        "invoice_id": facts.invoice_id,
        "event_id": f"hold/{one.hold.id}",
        "kind": EventKind.HOLD_PLACED.value,
        "message": {"ref": one.hold.id, "until": one.until.isoformat()},
        "actor": actor,
        "note": reason,
        "received_at": now,
        "applied_at": now,
        "stage_before": stage_of(free, policy, now).value,
        "stage_after": stage_of(facts, policy, now).value,
    }
