"""What PostgreSQL knows and Temporal may not: the outbox, read from the facts themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, text, tuple_, update
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
    reasons: Sequence[Mapping[str, str | None]]
    """`code` and `until` of the last decision, weightiest first."""


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
        invoices.c.reasons,
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


async def undelivered_events(
    engine: AsyncEngine, received_before: datetime, delivered_before: datetime
) -> AsyncIterator[Sequence[Undelivered]]:
    """Messages that were kept but have not been applied, oldest first, in pages. Left out is what somebody is just
    delivering, and what Temporal acknowledged, unless that was so long ago that it may have lost it."""
    e = events.c
    place = tuple_(e.received_at, e.invoice_id, e.event_id)
    query = _UNDELIVERED.where(_NOT_CLAIMED).where(
        e.received_at < received_before, or_(e.delivered_at.is_(None), e.delivered_at < delivered_before)
    )
    query = query.order_by(e.received_at, e.invoice_id, e.event_id).limit(PAGE)
    last: tuple[Any, ...] | None = None
    while True:
        async with engine.connect() as connection:
            after = query.where(place > last) if last else query
            rows = (await connection.execute(after)).mappings().all()
        if not rows:
            return
        yield [_undelivered(dict(row)) for row in rows]
        last = (rows[-1]["received_at"], rows[-1]["invoice_id"], rows[-1]["event_id"])


async def claim_delivery(tx: AsyncConnection, event_id: str) -> bool:
    """Until the transaction ends, however it ends, nobody else delivers this message. False: somebody does."""
    return bool((await tx.execute(_CLAIM, {"event_id": event_id})).scalar())


async def undelivered_events_of(connection: AsyncConnection, event_id: str) -> list[Undelivered]:
    """One message that goes to several invoices: those of them of which Temporal does not have it."""
    query = _UNDELIVERED.where(events.c.delivered_at.is_(None), events.c.event_id == event_id)
    return [_undelivered(dict(row)) for row in (await connection.execute(query)).mappings()]


async def mark_delivered(connection: AsyncConnection, items: Sequence[Undelivered], at: datetime) -> None:
    values = {"ids": [i.case.invoice_id for i in items], "events": [i.message.event_id for i in items]}
    await connection.execute(_MARK_DELIVERED, values | {"at": at})


async def unapplied(connection: AsyncConnection, event_id: str | None = None) -> tuple[int, int]:
    """Of how many messages the cases have not taken note yet, and how many of those Temporal does not have either:
    of all, or of those of one id."""
    e = events.c
    query = select(func.count(), func.count().filter(e.delivered_at.is_(None))).where(e.applied_at.is_(None))
    if event_id:
        query = query.where(e.event_id == event_id)
    waiting, undelivered = (await connection.execute(query)).one()
    return waiting, undelivered


_UNDELIVERED = (
    select(*_REF, events.c.event_id, events.c.kind, events.c.message, events.c.received_at)
    .join(invoices, invoices.c.id == events.c.invoice_id)
    .where(events.c.applied_at.is_(None))
)
_DELIVERIES: Final = 1_413_829_197
"""First half of the keys of our advisory locks: no other lock of ours has it."""
_CLAIM = text(f"SELECT pg_try_advisory_xact_lock({_DELIVERIES}, hashtext(:event_id))")
_NOT_CLAIMED = text(
    f"""
    NOT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {_DELIVERIES}
        AND objid = (hashtext(events.event_id)::bigint & 4294967295)::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    """  # noqa: S608 - a constant
)
_MARK_DELIVERED = text(
    """
    UPDATE events SET delivered_at = :at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:events AS text[])) AS told (invoice_id, event_id)
    WHERE events.invoice_id = told.invoice_id AND events.event_id = told.event_id
    """
)


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
