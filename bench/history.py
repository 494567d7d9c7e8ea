"""What one case costs in Temporal: history events and billable actions, read from real histories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from activities.deliver import send_message
from activities.reconcile import start_cases
from activities.tools import Tools
from bench.portfolio import five_steps, one_step, portfolio, prepare
from domain.contract import case_workflow_id
from domain.events import Message
from store.add_invoices import add_invoices
from store.find_undelivered import CaseRef
from worker.run_worker import make_worker

_BILLED: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    }
)
"""What Temporal Cloud charges for, among what a case does (its documentation: evaluate/cloud/actions)."""


@dataclass(frozen=True)
class Cost:
    events: int
    actions: int


async def paid_before_first_reminder(engine: AsyncEngine, tools: Tools) -> Cost:
    """A case whose money comes while it sleeps."""
    async with make_worker(tools.client, tools):
        case = await _enrol(engine, tools, lambda name: one_step(name, 3600))
        await _asleep(tools.client, case, timers=1)
        message = Message("payment/early", ref="early", amount="100.00", currency="EUR", on="2026-02-01")
        await send_message(tools.client, tools.task_queue, case, "payment_received", message)
        await _handle(tools.client, case).result()
        return _cost(await _history(tools.client, case))


async def five_step_ladder(engine: AsyncEngine, tools: Tools) -> tuple[Cost, Cost]:
    """A case that is reminded five times: the whole of it, and the dearest of its steps."""
    async with make_worker(tools.client, tools):
        case = await _enrol(engine, tools, lambda name: five_steps(name, 5))
        kinds = await _asleep(tools.client, case, timers=5, activities=5)
    timers = [n for n, kind in enumerate(kinds) if kind == EventType.EVENT_TYPE_TIMER_STARTED]
    steps = [_cost(kinds[a:b]) for a, b in pairwise([*timers, len(kinds)])]
    return _cost(kinds), max(steps, key=lambda step: (step.actions, step.events))


def _cost(kinds: list[int]) -> Cost:
    return Cost(len(kinds), sum(kind in _BILLED for kind in kinds))


async def _enrol(engine: AsyncEngine, tools: Tools, ladder: Callable[[str], str]) -> CaseRef:
    name = f"bench-{uuid4().hex[:8]}"
    policies = await prepare(engine, [ladder(name)])
    async with engine.begin() as tx:
        await add_invoices(tx, portfolio(name, 1, name), policies, datetime.now(UTC))
    (case,) = await start_cases(engine, tools.client, tools.task_queue)
    return case


def _handle(client: Client, case: CaseRef) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(case_workflow_id(case.creditor_id, case.invoice_id))


async def _history(client: Client, case: CaseRef) -> list[int]:
    return [event.event_type async for event in _handle(client, case).fetch_history_events()]


async def _asleep(client: Client, case: CaseRef, *, timers: int, activities: int = 0) -> list[int]:
    """The history once the case has set so many timers, done so many activities, and sleeps."""
    async with asyncio.timeout(90):
        while True:
            kinds = await _history(client, case)
            asleep = kinds[-1] in (
                EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
                EventType.EVENT_TYPE_TIMER_STARTED,
            )
            done = kinds.count(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
            if asleep and kinds.count(EventType.EVENT_TYPE_TIMER_STARTED) >= timers and done >= activities:
                return kinds
            await asyncio.sleep(0.1)
