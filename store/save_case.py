"""Write what a decision changed: the difference between the facts before and after it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import Facts
from domain.limitation import time_barred_on
from domain.money import Money
from domain.move import Move
from domain.policy import Policy
from store import tables as t
from store.insert_rows import inserting, updating, upserting
from store.write_together import Write, write_together

Values = dict[str, Any]

_SAVE_ENDING = update(t.invoices).where(t.invoices.c.id == bindparam("case"))


async def save_facts(connection: AsyncConnection, before: Facts, after: Facts) -> None:
    """Insert what is new and update what changed. The caller holds the debtor's lock.

    Ledger entries are only ever added; a key that is there already violates its constraint and rolls everything back.
    """
    await save_all_facts(connection, [(before, after)])


async def save_all_facts(
    connection: AsyncConnection, changes: Sequence[tuple[Facts, Facts]], *beside: Write
) -> None:
    """The same for several cases of a debtor and for what else goes with it, in one round trip."""
    rows: dict[str, list[Values]] = {name: [] for name in (*_ADDED, *_UPSERTED)}
    for before, after in changes:
        if before.ending != after.ending:
            changed = {"ending": after.ending.value if after.ending else None}
            await connection.execute(_SAVE_ENDING, {"case": after.invoice_id} | changed)
        for name, row in _changed(before, after):
            rows[name].append(row)
    added = [inserting(table, rows[name]) for name, table in _ADDED.items() if rows[name]]
    kept = [upserting(table, rows[name]) for name, table in _UPSERTED.items() if rows[name]]
    await write_together(connection, [*beside, *added, *kept])


def _changed(before: Facts, after: Facts) -> Iterator[tuple[str, Values]]:
    """Rows to write, with the name of the fact."""
    case = {"invoice_id": after.invoice_id}
    debtor = {"debtor_id": after.debtor_id, "currency": after.currency}
    for entry in after.entries[len(before.entries) :]:
        yield "entries", case | _values(entry)
    for entry in after.credits[len(before.credits) :]:
        yield "credits", case | debtor | _values(entry)
    for name in _UPSERTED:
        old, new = getattr(before, name), getattr(after, name)
        if new is not old:
            for fact in new:
                if fact not in old:
                    yield name, case | _values(fact)


async def save_decision(
    connection: AsyncConnection, facts: Facts, policy: Policy, move: Move, now: datetime
) -> None:
    """Keep the case's own summary in step with its last decision."""
    await save_decisions(connection, [(facts, policy, move)], now)


async def save_decisions(
    connection: AsyncConnection, decided: Sequence[tuple[Facts, Policy, Move]], now: datetime
) -> None:
    """The same for several cases in one round trip."""
    if decided:
        await write_together(connection, [decision_write(decided, now)])


def decision_write(decided: Sequence[tuple[Facts, Policy, Move]], now: datetime) -> Write:
    """At least one."""
    rows = [{"id": f.invoice_id} | decision_values(f, policy, move, now) for f, policy, move in decided]
    return updating(t.invoices, rows)


def decision_values(facts: Facts, policy: Policy, move: Move, now: datetime) -> Values:
    """The computed columns of `invoices`."""
    return {
        "time_barred_on": time_barred_on(facts, policy),
        "stage": move.stage.value,
        "due": facts.due,
        "cycle": facts.cycle,
        "open_amount": facts.open.amount,
        "next_step": move.step,
        "next_at": move.wake_at,
        "reasons": [
            {"code": r.code.value, "until": r.until.isoformat() if r.until else None} for r in move.reasons
        ],
        "decided_at": now,
    }


_ADDED: Final = {"entries": t.ledger_entries, "credits": t.debtor_credits}
_UPSERTED: Final = {
    "disputes": t.disputes,
    "holds": t.holds,
    "promises": t.promises,
    "plans": t.plan_invoices,
    "tasks": t.tasks,
    # The last of a statement is done first: who records a sending has locked its step before the invoice.
    "steps": t.steps_taken,
}


def _values(fact: object) -> Values:
    """A fact as the columns of its row: enums as codes, money as a number, dates that may be moments as ISO text."""
    row: Values = {}
    for name in fact.__slots__:  # type: ignore[attr-defined]
        value = getattr(fact, name)
        if isinstance(value, Money):
            value = value.amount
        elif isinstance(value, Enum):
            value = value.value
        elif name == "due":
            value = value.isoformat()
        row[name] = value
    return row
