"""Write what a decision changed: the difference between the facts before and after it, and nothing else."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import Facts
from domain.limitation import time_barred_on
from domain.money import Money
from domain.move import Move
from domain.policy import Policy
from store import tables as t

Values = dict[str, Any]

_ADD_ENTRY = insert(t.ledger_entries)
_ADD_CREDIT = insert(t.debtor_credits)
_SAVE_INVOICE = update(t.invoices).where(t.invoices.c.id == bindparam("case"))


async def save_facts(connection: AsyncConnection, before: Facts, after: Facts) -> None:
    """Insert what is new and update what changed. The caller holds the debtor's lock.

    Ledger entries are only ever added; a key that is there already violates its constraint and rolls everything back.
    """
    case = {"invoice_id": after.invoice_id}
    entries = [case | _values(e) for e in after.entries[len(before.entries) :]]
    await _execute(connection, _ADD_ENTRY, entries)
    debtor = {"debtor_id": after.debtor_id, "currency": after.currency}
    surplus = [case | debtor | _values(e) for e in after.credits[len(before.credits) :]]
    await _execute(connection, _ADD_CREDIT, surplus)
    for table, old, new in (
        (t.disputes, before.disputes, after.disputes),
        (t.holds, before.holds, after.holds),
        (t.promises, before.promises, after.promises),
        (t.plan_invoices, before.plans, after.plans),
        (t.steps_taken, before.steps, after.steps),
        (t.tasks, before.tasks, after.tasks),
    ):
        if new is not old:
            rows = [case | _values(x) for x in new if x not in old]
            await _execute(connection, _upsert(table), rows)
    if (before.ending, before.cycle) != (after.ending, after.cycle):
        changed = {"ending": after.ending.value if after.ending else None, "cycle": after.cycle}
        await connection.execute(_SAVE_INVOICE, {"case": after.invoice_id} | changed)


async def save_decision(
    connection: AsyncConnection, facts: Facts, policy: Policy, move: Move, now: datetime
) -> None:
    """Keep the case's own summary in step with its last decision."""
    values = {"case": facts.invoice_id} | decision_values(facts, policy, move, now)
    await connection.execute(_SAVE_INVOICE, values)


def decision_values(facts: Facts, policy: Policy, move: Move, now: datetime) -> Values:
    """The computed columns of `invoices`."""
    return {
        "time_barred_on": time_barred_on(facts, policy),
        "stage": move.stage.value,
        "open_amount": facts.open.amount,
        "next_step": move.step,
        "next_at": move.wake_at,
        "reasons": [
            {"code": r.code.value, "until": r.until.isoformat() if r.until else None} for r in move.reasons
        ],
        "decided_at": now,
    }


@cache
def _upsert(table: Table) -> Insert:
    """Every column but the key takes the new value. Built once: building costs more than executing."""
    keys = {column.name for column in table.primary_key}
    statement = insert(table)
    changed = {name: value for name, value in statement.excluded.items() if name not in keys}
    return statement.on_conflict_do_update(index_elements=sorted(keys), set_=changed)


async def _execute(connection: AsyncConnection, statement: Insert, rows: list[Values]) -> None:
    if rows:
        await connection.execute(statement, rows[0] if len(rows) == 1 else rows)


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
