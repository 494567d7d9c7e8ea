"""Bring Temporal in line with PostgreSQL: start what should run, deliver what waits. Nothing is ever sent twice by it,
because a case that starts anew plans from the facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.deliver import at_once, deliver, start_case, start_plan
from activities.warn_of_limitation import warn_of_limitation
from domain.contract import INVOICE_WORKFLOW, Reconcile, Reconciled, case_workflow_id
from store.find_undelivered import (
    CaseRef,
    mark_cases_started,
    open_cases,
    undelivered_events,
    unstarted_plans,
)

PATIENCE: Final = timedelta(seconds=20)
"""A message younger than this is probably being delivered by whoever received it."""
AGAIN: Final = timedelta(minutes=10)
"""A case that has not taken note this long after Temporal acknowledged the message is told again."""


async def reconcile(
    engine: AsyncEngine,
    client: Client,
    task_queue: str,
    request: Reconcile,
    on_progress: Callable[[int], None] = lambda _: None,
    *,
    patience: timedelta = PATIENCE,
    again: timedelta = AGAIN,
) -> Reconciled:
    """`on_progress` is told how many cases have been looked at."""
    started = await start_cases(engine, client, task_queue, on_progress, everything=request.everything)
    plans = await _start_plans(engine, client, task_queue, everything=request.everything)
    delivered = await _deliver(
        engine, client, task_queue, patience, timedelta() if request.everything else again
    )
    warned = await warn_of_limitation(engine, datetime.now(UTC))
    return Reconciled(len(started), plans, delivered, [case.invoice_id for case in started[:10]], warned)


async def start_cases(
    engine: AsyncEngine,
    client: Client,
    task_queue: str,
    on_progress: Callable[[int], None] = lambda _: None,
    *,
    everything: bool = False,
) -> list[CaseRef]:
    """Start the cases that Temporal never acknowledged; with `everything`, also those that it has lost."""
    running = await _running(client) if everything else set()
    started: list[CaseRef] = []
    looked_at = 0
    async for page in open_cases(engine, only_unstarted=not everything):
        missing = [c for c in page if case_workflow_id(c.creditor_id, c.invoice_id) not in running]
        await at_once(missing, lambda c: start_case(client, task_queue, c, first_move=not everything))
        async with engine.begin() as tx:
            await mark_cases_started(tx, [c.invoice_id for c in page], datetime.now(UTC))
        started += missing
        looked_at += len(page)
        on_progress(looked_at)
    return started


async def _running(client: Client) -> set[str]:
    """Ids of the cases that Temporal shows as running. It may lag; starting one that runs does nothing."""
    query = f"WorkflowType = '{INVOICE_WORKFLOW}' AND ExecutionStatus = 'Running'"
    return {workflow.id async for workflow in client.list_workflows(query, page_size=1000)}


async def _start_plans(engine: AsyncEngine, client: Client, task_queue: str, *, everything: bool) -> int:
    async with engine.connect() as connection:
        plans = await unstarted_plans(connection, everything=everything)
    for creditor_id, plan_id in plans:
        await start_plan(engine, client, task_queue, creditor_id, plan_id)
    return len(plans)


async def _deliver(
    engine: AsyncEngine, client: Client, task_queue: str, patience: timedelta, again: timedelta
) -> int:
    now, delivered = datetime.now(UTC), 0
    async for page in undelivered_events(engine, now - patience, now - again):
        await deliver(engine, client, task_queue, page)
        delivered += len(page)
    return delivered
