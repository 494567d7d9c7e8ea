"""All facts of a case in one round trip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import parse_when
from domain.facts import (
    DebtorKind,
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

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredCase:
    facts: Facts
    policy_name: str
    policy_version: int
    event_known: bool
    """The event asked about has been applied or refused before."""


def _rows(table: str, order: str, where: str = "") -> str:
    return (
        f"(SELECT coalesce(json_agg(row_to_json(x) ORDER BY {order}), '[]') "  # noqa: S608 - constants only
        f"FROM {table} x WHERE x.invoice_id = i.id {where})"
    )


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
        'plans', {_rows("plan_invoices", "x.joined_at, x.plan_id", "AND x.joined_at IS NOT NULL")},
        'tasks', {_rows("tasks", "x.opened_at, x.id")}
    ) AS parts,
    i.id::text, i.creditor_id::text, i.debtor_id::text, i.currency, i.issued, i.enrolled_at, i.cycle, i.ending,
    i.policy_name, i.policy_version, d.kind, d.country, d.email <> '' AS mailable,
    EXISTS (SELECT 1 FROM events e WHERE e.invoice_id = i.id AND e.event_id = :event_id
            AND e.applied_at IS NOT NULL) AS event_known
    FROM invoices i JOIN debtors d ON d.id = i.debtor_id
    """  # noqa: S608 - constants only
_READ = text(f"{_CASE} WHERE i.id = :invoice_id")
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


async def read_open_cases(connection: AsyncConnection, debtor_id: str) -> list[StoredCase]:
    """Every case of the debtor that is not closed, oldest invoice first."""
    rows = (await connection.execute(_READ_OPEN, {"debtor_id": debtor_id, "event_id": ""})).mappings()
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
        cycle=row["cycle"],
        ending=Ending(row["ending"]) if row["ending"] else None,
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
    return StoredCase(facts, row["policy_name"], row["policy_version"], row["event_known"])


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
        x["id"], _moment(x["placed_at"]), _maybe(x["until"], _moment), _maybe(x["lifted_at"], _moment)
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
