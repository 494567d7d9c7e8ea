"""What PostgreSQL knows and Temporal may not: the outbox, read from the facts themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.events import Message
from domain.plan_instalments import PlanState
from domain.stages import CLOSED
from store.tables import events, invoices, payment_plans

PAGE = 500


@dataclass(frozen=True, slots=True)
class CaseRef:
    """What starting an invoice's workflow needs."""

    invoice_id: str
    creditor_id: str
    debtor_id: str
    number: str
    stage: str
    next_step: str | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    case: CaseRef
    kind: str
    message: Message


_REF = tuple(
    c.label("invoice_id") if c.name == "id" else c
    for c in (
        invoices.c.id,
        invoices.c.creditor_id,
        invoices.c.debtor_id,
        invoices.c.number,
        invoices.c.stage,
        invoices.c.next_step,
        invoices.c.next_at,
    )
)


async def read_case_ref(connection: AsyncConnection, invoice_id: str) -> CaseRef | None:
    row = (await connection.execute(select(*_REF).where(invoices.c.id == invoice_id))).mappings().first()
    return CaseRef(**row) if row else None


async def open_cases(
    engine: AsyncEngine, *, only_unstarted: bool = False
) -> AsyncIterator[Sequence[CaseRef]]:
    """Every case that is not closed, in pages; or only those of them whose workflow Temporal never acknowledged."""
    where: ColumnElement[bool] = invoices.c.stage.not_in([stage.value for stage in CLOSED])
    if only_unstarted:
        where &= invoices.c.started_at.is_(None)
    last = None
    while True:
        query = select(*_REF).where(where).order_by(invoices.c.id).limit(PAGE)
        if last:
            query = query.where(invoices.c.id > last)
        async with engine.connect() as connection:
            page = [CaseRef(**row) for row in (await connection.execute(query)).mappings()]
        if not page:
            return
        yield page
        last = page[-1].invoice_id


async def undelivered_events(connection: AsyncConnection, received_before: datetime) -> list[Undelivered]:
    """Messages that were kept but have not been applied, oldest first, at most a page."""
    e = events.c
    query = (
        select(*_REF, e.event_id, e.kind, e.message)
        .join(invoices, invoices.c.id == e.invoice_id)
        .where(e.applied_at.is_(None), e.received_at < received_before)
        .order_by(e.received_at)
        .limit(PAGE)
    )
    return [_undelivered(dict(row)) for row in (await connection.execute(query)).mappings()]


async def undelivered_events_of(connection: AsyncConnection, event_id: str) -> list[Undelivered]:
    """The same, for one message that goes to several invoices."""
    e = events.c
    query = (
        select(*_REF, e.event_id, e.kind, e.message)
        .join(invoices, invoices.c.id == e.invoice_id)
        .where(e.applied_at.is_(None), e.event_id == event_id)
    )
    return [_undelivered(dict(row)) for row in (await connection.execute(query)).mappings()]


def _undelivered(row: dict[str, Any]) -> Undelivered:
    ref = CaseRef(**{f.name: row[f.name] for f in fields(CaseRef)})
    return Undelivered(ref, row["kind"], Message(event_id=row["event_id"], **row["message"]))


async def mark_cases_started(connection: AsyncConnection, invoice_ids: Sequence[str], at: datetime) -> None:
    query = update(invoices).where(invoices.c.id.in_(invoice_ids), invoices.c.started_at.is_(None))
    await connection.execute(query.values(started_at=at))


async def unstarted_plans(connection: AsyncConnection, *, everything: bool = False) -> list[tuple[str, str]]:
    """(creditor id, plan id) of active plans whose workflow was never acknowledged; or of all active ones."""
    p = payment_plans.c
    query = select(p.creditor_id, p.id).where(p.state == PlanState.ACTIVE.value)
    if not everything:
        query = query.where(p.started_at.is_(None))
    return [(creditor_id, plan_id) for creditor_id, plan_id in await connection.execute(query)]


async def mark_plan_started(connection: AsyncConnection, plan_id: str, at: datetime) -> None:
    await connection.execute(update(payment_plans).where(payment_plans.c.id == plan_id).values(started_at=at))
