"""All facts of a case in one round trip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import parse_when
from domain.facts import (
    Contact,
    DebtorKind,
    Discount,
    Dispute,
    DisputeOutcome,
    Ending,
    Facts,
    Hold,
    PlanMembership,
    PlanOutcome,
    Promise,
    PromiseOutcome,
    StepState,
    StepTaken,
    Task,
    TaskKind,
    Term,
)
from domain.ledger import Entry, EntryKind
from domain.money import Money
from store.fetch_together import fetch_together
from store.lock_debtor import LOCK_DEBTOR

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredCase:
    facts: Facts
    policy_name: str
    policy_version: int
    event_known: bool
    """The event asked about has been applied or refused before."""
    has_others: bool = False
    """The debtor has other open invoices."""


def _rows(table: str, order: str, where: str = "") -> str:
    return (
        f"(SELECT coalesce(json_agg(row_to_json(x) ORDER BY {order}), '[]') "  # noqa: S608 - constants only
        f"FROM {table} x WHERE x.invoice_id = i.id {where})"
    )


_CONTACTS: Final = 50
"""How many of the last contacts are read: more than any budget looks at."""

# What is left of the debtor's money once older claims have taken theirs (see domain/cover.py): what came in and is
# not allocated, and what other invoices left over.
_CASH: Final = """
    (SELECT least(i.open_amount, had.amount - coalesce((
        SELECT sum(o.open_amount) FROM invoices o
        WHERE o.debtor_id = d.id AND o.currency = i.currency AND o.stage NOT IN ('settled', 'written_off', 'withdrawn')
            AND (o.due, o.issued, o.number) < (i.due, i.issued, i.number)), 0))
     FROM (SELECT sum(amount) AS amount FROM (
        SELECT u.amount FROM unallocated_cash u WHERE u.debtor_id = d.id AND u.currency = i.currency
        UNION ALL SELECT x.amount FROM debtor_credits x WHERE x.debtor_id = d.id AND x.currency = i.currency
     ) each HAVING count(*) > 0) had)
"""

_CASE = f"""
    SELECT json_build_object(
        'entries', (SELECT coalesce(json_agg(json_build_object(
            'key', x.key, 'kind', x.kind, 'amount', x.amount::text, 'on', x."on") ORDER BY x.id), '[]')
            FROM ledger_entries x WHERE x.invoice_id = i.id),
        'credits', (SELECT coalesce(json_agg(json_build_object(
            'key', x.key, 'kind', x.kind, 'amount', x.amount::text, 'on', x."on") ORDER BY x.id), '[]')
            FROM debtor_credits x WHERE x.invoice_id = i.id),
        'terms', (SELECT json_agg(json_build_object('due', x.due, 'amount', x.amount::text) ORDER BY x.number)
            FROM terms x WHERE x.invoice_id = i.id),
        'disputes', (SELECT coalesce(json_agg(json_build_object(
            'id', x.id, 'amount', x.amount::text, 'opened_at', x.opened_at, 'resolved_at', x.resolved_at,
            'outcome', x.outcome) ORDER BY x.opened_at, x.id), '[]') FROM disputes x WHERE x.invoice_id = i.id),
        'promises', (SELECT coalesce(json_agg(json_build_object(
            'id', x.id, 'amount', x.amount::text, 'due', x.due, 'made_at', x.made_at,
            'open_then', x.open_then::text, 'ended_at', x.ended_at, 'outcome', x.outcome)
            ORDER BY x.made_at, x.id), '[]') FROM promises x WHERE x.invoice_id = i.id),
        'steps', (SELECT coalesce(json_agg(json_build_object(
            'cycle', x.cycle, 'step', x.step, 'state', x.state, 'at', x.at, 'planned_at', x.planned_at,
            'reason', x.reason, 'notice_id', x.notice_id, 'asked', x.asked::text, 'attempts', x.attempts,
            'first_tried_at', x.first_tried_at, 'retry_at', x.retry_at,
            'channel', x.channel) ORDER BY x.cycle, x.at, x.step), '[]')
            FROM steps_taken x WHERE x.invoice_id = i.id),
        'holds', {_rows("holds", "x.placed_at, x.id")},
        'standing_holds', (SELECT coalesce(json_agg(json_build_object(
            'id', x.id, 'placed_at', x.placed_at, 'until', x.until, 'lifted_at', x.lifted_at)
            ORDER BY x.placed_at, x.id), '[]') FROM standing_holds x
            WHERE x.lifted_at IS NULL AND (x.debtor_id = d.id
                OR (x.debtor_id IS NULL AND x.creditor_id = i.creditor_id))),
        'contacts', (SELECT coalesce(json_agg(json_build_object(
            'at', x.at, 'courtesy', x.courtesy, 'ref', x.ref) ORDER BY x.at, x.ref), '[]')
            FROM (SELECT * FROM contacts k WHERE k.debtor_id = d.id ORDER BY k.at DESC LIMIT {_CONTACTS}) x),
        'plans', {_rows("plan_invoices", "x.joined_at, x.plan_id", "AND x.joined_at IS NOT NULL")},
        'tasks', {_rows("tasks", "x.opened_at, x.id")}
    ) AS parts,
    i.id::text, i.creditor_id::text, i.debtor_id::text, i.currency, i.issued, i.enrolled_at, i.cycle, i.ending,
    i.policy_name, i.policy_version, d.kind, d.country, d.email <> '' AS mailable,
    d.address_line <> '' AND d.city <> '' AS letterable, d.segment, d.tags, d.behaviour, d.mandate,
    i.delivered, i.discount_percent, i.discount_until, c.statement_on, {_CASH} AS cash,
    EXISTS (SELECT 1 FROM invoices o WHERE o.debtor_id = d.id AND o.id <> i.id
            AND o.stage NOT IN ('settled', 'written_off', 'withdrawn')) AS has_others,
    EXISTS (SELECT 1 FROM events e WHERE e.invoice_id = i.id AND e.event_id = :event_id
            AND e.applied_at IS NOT NULL) AS event_known
    FROM invoices i JOIN debtors d ON d.id = i.debtor_id JOIN creditors c ON c.id = i.creditor_id
    """  # noqa: S608 - constants only
_READ = text(f"{_CASE} WHERE i.id = :invoice_id")
_READ_MANY = text(f"{_CASE} WHERE i.id = ANY(CAST(:ids AS uuid[])) ORDER BY i.issued, i.number")
_READ_OPEN = text(
    f"{_CASE} WHERE i.debtor_id = :debtor_id AND i.stage NOT IN ('settled', 'written_off', 'withdrawn')"
    " ORDER BY i.issued, i.number"
)


async def read_case(connection: AsyncConnection, invoice_id: str, event_id: str = "") -> StoredCase | None:
    """The case as stored, and whether it has seen `event_id`. None: no such invoice."""
    row = (
        (await connection.execute(_READ, {"invoice_id": invoice_id, "event_id": event_id})).mappings().first()
    )
    return _case(row) if row else None


async def lock_and_read_case(
    connection: AsyncConnection, invoice_id: str, event_id: str = ""
) -> StoredCase | None:
    """The same under the lock of the debtor (see `lock_debtor`), as its former holder left it."""
    values = {"invoice_id": invoice_id, "event_id": event_id}
    _, rows = await fetch_together(connection, (LOCK_DEBTOR, _READ), values)
    return _case(rows[0]) if rows else None


async def read_open_cases(connection: AsyncConnection, debtor_id: str) -> list[StoredCase]:
    """Every case of the debtor that is not closed, oldest invoice first."""
    rows = (await connection.execute(_READ_OPEN, {"debtor_id": debtor_id, "event_id": ""})).mappings()
    return [_case(row) for row in rows]


async def read_cases(connection: AsyncConnection, ids: Sequence[str]) -> list[StoredCase]:
    """These cases, oldest invoice first; ids that are none are left out."""
    rows = (await connection.execute(_READ_MANY, {"ids": list(ids), "event_id": ""})).mappings()
    return [_case(row) for row in rows]


def _case(row: Mapping[Any, Any]) -> StoredCase:
    parts: dict[str, list[Row]] = row["parts"]
    currency = row["currency"]
    facts = Facts(
        invoice_id=row["id"],
        creditor_id=row["creditor_id"],
        debtor_id=row["debtor_id"],
        debtor_kind=DebtorKind(row["kind"]),
        country=row["country"],
        mailable=row["mailable"],
        currency=currency,
        issued=row["issued"],
        enrolled_at=row["enrolled_at"],
        ending=Ending(row["ending"]) if row["ending"] else None,
        delivered=row["delivered"],
        discount=_discount(row),
        letterable=row["letterable"],
        segment=row["segment"],
        tags=frozenset(row["tags"]),
        behaviour=row["behaviour"],
        mandate=row["mandate"],
        standing_holds=tuple(_hold(x) for x in parts["standing_holds"]),
        contacts=tuple(Contact(_moment(x["at"]), x["courtesy"], x["ref"]) for x in parts["contacts"]),
        cash=Money(row["cash"], currency) if row["cash"] and row["cash"] > 0 else None,
        statement_on=row["statement_on"],
        terms=tuple(
            Term(date.fromisoformat(x["due"]), _money(x["amount"], currency)) for x in parts["terms"]
        ),
        entries=tuple(_entry(x, currency) for x in parts["entries"]),
        credits=tuple(_entry(x, currency) for x in parts["credits"]),
        disputes=tuple(_dispute(x, currency) for x in parts["disputes"]),
        holds=tuple(_hold(x) for x in parts["holds"]),
        promises=tuple(_promise(x, currency) for x in parts["promises"]),
        plans=tuple(_membership(x) for x in parts["plans"]),
        steps=tuple(_step(x, currency) for x in parts["steps"]),
        tasks=tuple(_task(x) for x in parts["tasks"]),
    )
    return StoredCase(facts, row["policy_name"], row["policy_version"], row["event_known"], row["has_others"])


def _discount(row: Mapping[Any, Any]) -> Discount | None:
    until = row["discount_until"]
    return Discount(row["discount_percent"], until) if until else None


def _entry(x: Row, currency: str) -> Entry:
    return Entry(x["key"], EntryKind(x["kind"]), _money(x["amount"], currency), date.fromisoformat(x["on"]))


def _dispute(x: Row, currency: str) -> Dispute:
    return Dispute(
        id=x["id"],
        amount=_maybe(x["amount"], lambda amount: _money(amount, currency)),
        opened_at=_moment(x["opened_at"]),
        resolved_at=_maybe(x["resolved_at"], _moment),
        outcome=_maybe(x["outcome"], DisputeOutcome),
    )


def _hold(x: Row) -> Hold:
    return Hold(
        id=x["id"],
        placed_at=_moment(x["placed_at"]),
        until=_maybe(x["until"], _moment),
        lifted_at=_maybe(x["lifted_at"], _moment),
        term=x.get("term"),
    )


def _promise(x: Row, currency: str) -> Promise:
    return Promise(
        id=x["id"],
        amount=_money(x["amount"], currency),
        due=parse_when("due", x["due"]),
        made_at=_moment(x["made_at"]),
        open_then=_money(x["open_then"], currency),
        ended_at=_maybe(x["ended_at"], _moment),
        outcome=_maybe(x["outcome"], PromiseOutcome),
    )


def _membership(x: Row) -> PlanMembership:
    left_at, outcome = _maybe(x["left_at"], _moment), _maybe(x["outcome"], PlanOutcome)
    return PlanMembership(x["plan_id"], _moment(x["joined_at"]), left_at, outcome)


def _step(x: Row, currency: str) -> StepTaken:
    return StepTaken(
        cycle=x["cycle"],
        step=x["step"],
        state=StepState(x["state"]),
        at=_moment(x["at"]),
        planned_at=_moment(x["planned_at"]),
        reason=x["reason"],
        notice_id=x["notice_id"],
        asked=_maybe(x["asked"], lambda amount: _money(amount, currency)),
        attempts=x["attempts"],
        first_tried_at=_maybe(x["first_tried_at"], _moment),
        retry_at=_maybe(x["retry_at"], _moment),
        channel=x["channel"],
    )


def _task(x: Row) -> Task:
    return Task(
        id=x["id"],
        kind=TaskKind(x["kind"]),
        cycle=x["cycle"],
        step=x["step"],
        opened_at=_moment(x["opened_at"]),
        completed_at=_maybe(x["completed_at"], _moment),
        outcome=x["outcome"],
    )


def _money(text_: str, currency: str) -> Money:
    return Money(Decimal(text_), currency)


def _moment(text_: str) -> datetime:
    return datetime.fromisoformat(text_)


def _maybe(value: str | None, read: Callable[[str], T]) -> T | None:
    return None if value is None else read(value)
