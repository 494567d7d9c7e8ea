"""All facts of a case in one round trip."""

from __future__ import annotations

from collections.abc import Callable
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


_READ = text(
    f"""
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
            'first_tried_at', x.first_tried_at, 'retry_at', x.retry_at) ORDER BY x.cycle, x.at, x.step), '[]')
            FROM steps_taken x WHERE x.invoice_id = i.id),
        'holds', {_rows("holds", "x.placed_at, x.id")},
        'plans', {_rows("plan_invoices", "x.joined_at, x.plan_id", "AND x.joined_at IS NOT NULL")},
        'tasks', {_rows("tasks", "x.opened_at, x.id")}
    ) AS parts,
    i.id::text, i.creditor_id::text, i.debtor_id::text, i.currency, i.issued, i.enrolled_at, i.cycle, i.ending,
    i.policy_name, i.policy_version, d.kind, d.country, d.email <> '' AS mailable,
    EXISTS (SELECT 1 FROM events e WHERE e.invoice_id = i.id AND e.event_id = :event_id
            AND e.applied_at IS NOT NULL) AS event_known
    FROM invoices i JOIN debtors d ON d.id = i.debtor_id WHERE i.id = :invoice_id
    """  # noqa: S608 - constants only
)


async def read_case(connection: AsyncConnection, invoice_id: str, event_id: str = "") -> StoredCase | None:
    """The case as stored, and whether it has seen `event_id`. None: no such invoice."""
    row = (
        (await connection.execute(_READ, {"invoice_id": invoice_id, "event_id": event_id})).mappings().first()
    )
    if row is None:
        return None
    parts: dict[str, list[Row]] = row["parts"]
    currency = row["currency"]

    def money(value: str | None) -> Money | None:
        return None if value is None else Money(Decimal(value), currency)

    def amount(value: str) -> Money:
        return Money(Decimal(value), currency)

    def entry(x: Row) -> Entry:
        return Entry(x["key"], EntryKind(x["kind"]), amount(x["amount"]), date.fromisoformat(x["on"]))

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
        terms=tuple(Term(date.fromisoformat(x["due"]), amount(x["amount"])) for x in parts["terms"]),
        entries=tuple(map(entry, parts["entries"])),
        credits=tuple(map(entry, parts["credits"])),
        disputes=tuple(
            Dispute(
                x["id"],
                money(x["amount"]),
                _moment(x["opened_at"]),
                _maybe(x["resolved_at"], _moment),
                _maybe(x["outcome"], DisputeOutcome),
            )
            for x in parts["disputes"]
        ),
        holds=tuple(
            Hold(
                x["id"], _moment(x["placed_at"]), _maybe(x["until"], _moment), _maybe(x["lifted_at"], _moment)
            )
            for x in parts["holds"]
        ),
        promises=tuple(
            Promise(
                x["id"],
                amount(x["amount"]),
                parse_when("due", x["due"]),
                _moment(x["made_at"]),
                amount(x["open_then"]),
                _maybe(x["ended_at"], _moment),
                _maybe(x["outcome"], PromiseOutcome),
            )
            for x in parts["promises"]
        ),
        plans=tuple(
            PlanMembership(
                x["plan_id"],
                _moment(x["joined_at"]),
                _maybe(x["left_at"], _moment),
                _maybe(x["outcome"], PlanOutcome),
            )
            for x in parts["plans"]
        ),
        steps=tuple(
            StepTaken(
                cycle=x["cycle"],
                step=x["step"],
                state=StepState(x["state"]),
                at=_moment(x["at"]),
                planned_at=_moment(x["planned_at"]),
                reason=x["reason"],
                notice_id=x["notice_id"],
                asked=money(x["asked"]),
                attempts=x["attempts"],
                first_tried_at=_maybe(x["first_tried_at"], _moment),
                retry_at=_maybe(x["retry_at"], _moment),
            )
            for x in parts["steps"]
        ),
        tasks=tuple(
            Task(
                x["id"],
                TaskKind(x["kind"]),
                x["cycle"],
                x["step"],
                _moment(x["opened_at"]),
                _maybe(x["completed_at"], _moment),
                x["outcome"],
            )
            for x in parts["tasks"]
        ),
    )
    return StoredCase(facts, row["policy_name"], row["policy_version"], row["event_known"])


def _moment(text_: str) -> datetime:
    return datetime.fromisoformat(text_)


def _maybe(value: str | None, read: Callable[[str], T]) -> T | None:
    return None if value is None else read(value)
