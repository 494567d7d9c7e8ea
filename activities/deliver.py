"""Tell Temporal: start cases and plans, and hand messages to them. Every call may be repeated without harm."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from domain.contract import (
    CREDITOR_REF,
    DEBTOR_REF,
    INVOICE_WORKFLOW,
    NEXT_ACTION_AT,
    PLAN_WORKFLOW,
    STAGE,
    STEP,
    CaseStart,
    NextMove,
    PlanStart,
    case_workflow_id,
    plan_workflow_id,
)
from domain.events import Message
from store.find_undelivered import (
    CaseRef,
    Undelivered,
    claim_delivery,
    mark_delivered,
    mark_plan_started,
    undelivered_events_of,
)

AT_ONCE: Final = 50
"""Requests to Temporal under way at the same time."""
PAGE: Final = 100
"""Messages that are handed over before it is remembered that they were."""
T = TypeVar("T")

_STAGE = SearchAttributeKey.for_keyword(STAGE)
_STEP = SearchAttributeKey.for_keyword(STEP)
_NEXT_ACTION_AT = SearchAttributeKey.for_datetime(NEXT_ACTION_AT)
_CREDITOR_REF = SearchAttributeKey.for_keyword(CREDITOR_REF)
_DEBTOR_REF = SearchAttributeKey.for_keyword(DEBTOR_REF)


async def start_case(client: Client, task_queue: str, case: CaseRef, *, first_move: bool = True) -> None:
    """Start the workflow of a case; nothing happens if it runs.

    `first_move`: the stored decision is fresh (the invoice was just added), so the workflow need not plan at once.
    """
    await client.start_workflow(
        INVOICE_WORKFLOW,
        CaseStart(case.invoice_id, _first_move(case) if first_move else None),
        id=case_workflow_id(case.creditor_id, case.invoice_id),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=_attributes(case),
        static_summary=f"invoice {case.invoice_id}",
    )


async def send_message(client: Client, task_queue: str, case: CaseRef, kind: str, message: Message) -> None:
    """Signal a case; a case that is closed, or lost, starts anew from the facts with this message."""
    await client.start_workflow(
        INVOICE_WORKFLOW,
        CaseStart(case.invoice_id),
        id=case_workflow_id(case.creditor_id, case.invoice_id),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=_attributes(case),
        static_summary=f"invoice {case.invoice_id}",
        start_signal=kind,
        start_signal_args=[message],
    )


async def start_plan(
    engine: AsyncEngine, client: Client, task_queue: str, creditor_id: str, plan_id: str
) -> None:
    """Start the workflow of a plan, and remember that Temporal has it."""
    await client.start_workflow(
        PLAN_WORKFLOW,
        PlanStart(plan_id),
        id=plan_workflow_id(creditor_id, plan_id),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary=f"payment plan {plan_id}",
    )
    async with engine.begin() as tx:
        await mark_plan_started(tx, plan_id, datetime.now(UTC))


async def deliver_event(engine: AsyncEngine, client: Client, task_queue: str, event_id: str) -> int:
    """Hand a stored message to every case of which Temporal does not have it; how many there were.

    Many take longer than the reconciler's patience: they are claimed, lest it tells the same cases meanwhile.
    """
    async with engine.connect() as connection:
        waiting = await undelivered_events_of(connection, event_id)
    if len(waiting) <= PAGE:
        await deliver(engine, client, task_queue, waiting)
        return len(waiting)
    async with engine.begin() as claim:
        if not await claim_delivery(claim, event_id):
            return 0
        for start in range(0, len(waiting), PAGE):
            await deliver(engine, client, task_queue, waiting[start : start + PAGE])
    return len(waiting)


async def deliver(
    engine: AsyncEngine, client: Client, task_queue: str, messages: Sequence[Undelivered]
) -> None:
    """Many cases at a time, each its own messages in the order given; then remember that Temporal has them."""
    by_case: dict[str, list[Undelivered]] = {}
    for item in messages:
        by_case.setdefault(item.case.invoice_id, []).append(item)

    async def tell(items: Sequence[Undelivered]) -> None:
        for item in items:
            await send_message(client, task_queue, item.case, item.kind, item.message)

    await at_once(by_case.values(), tell)
    async with engine.begin() as tx:
        await mark_delivered(tx, messages, datetime.now(UTC))


async def at_once(items: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Do something with each, AT_ONCE of them at a time. The first failure ends it."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with gate:
            await act(item)

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))


def _first_move(case: CaseRef) -> NextMove:
    reasons = (
        f"{r['code']} until {_shown(r['until'])}" if r["until"] else r["code"] or "" for r in case.reasons
    )
    when = _shown(case.next_at) if case.next_at else "a message"
    return NextMove(
        stage=case.stage,
        closed=False,
        wake_at=case.next_at,
        step=case.next_step,
        summary=f"{case.next_step or 'nothing'} at {when}",
        details=f"**{case.stage}** · {case.next_step or 'nothing'} at {when}\n\n{', '.join(reasons) or 'due now'}",
    )


def _shown(moment: datetime | str) -> str:
    """In UTC: the policy, which knows the zone, is not at hand."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _attributes(case: CaseRef) -> TypedSearchAttributes:
    pairs: list[SearchAttributePair[str] | SearchAttributePair[datetime]] = [
        SearchAttributePair(_STAGE, case.stage),
        SearchAttributePair(_STEP, case.next_step or ""),
        SearchAttributePair(_CREDITOR_REF, case.creditor_id),
        SearchAttributePair(_DEBTOR_REF, case.debtor_id),
    ]
    if case.next_at:
        pairs.append(SearchAttributePair(_NEXT_ACTION_AT, case.next_at))
    return TypedSearchAttributes(pairs)
