"""The schedule that runs the reconciler."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from domain.contract import RECONCILE_WORKFLOW, Reconcile

_QUICK: Final = "reconcile"
_THOROUGH: Final = "reconcile-everything"
THOROUGH_EVERY: Final = timedelta(hours=6)


async def ensure_schedules(client: Client, task_queue: str, every_seconds: int) -> None:
    """Look for what is missing every `every_seconds`, and at everything a few times a day."""
    await _ensure(
        client, _QUICK, _schedule(_QUICK, task_queue, timedelta(seconds=every_seconds), Reconcile())
    )
    thorough = _schedule(_THOROUGH, task_queue, THOROUGH_EVERY, Reconcile(everything=True))
    await _ensure(client, _THOROUGH, thorough)


async def _ensure(client: Client, schedule_id: str, schedule: Schedule) -> None:
    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:

        def renew(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule)

        await client.get_schedule_handle(schedule_id).update(renew)


def _schedule(name: str, task_queue: str, every: timedelta, request: Reconcile) -> Schedule:
    action = ScheduleActionStartWorkflow(RECONCILE_WORKFLOW, request, id=name, task_queue=task_queue)
    return Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
