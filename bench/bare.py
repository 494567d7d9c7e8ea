"""The floor: a workflow with the timer, activities and signal of a case with one step, and nothing in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker


@dataclass
class Counter:
    """How many milestones and closings have been done."""

    milestones: int = 0
    closings: int = 0


@workflow.defn
class BareWorkflow:
    def __init__(self) -> None:
        self._paid = False

    @workflow.run
    async def run(self, due: float) -> None:
        await workflow.sleep(max(due - workflow.now().timestamp(), 0.001))
        await workflow.execute_activity("bare_milestone", start_to_close_timeout=timedelta(seconds=30))
        await workflow.wait_condition(lambda: self._paid)
        await workflow.execute_activity("bare_closing", start_to_close_timeout=timedelta(seconds=30))

    @workflow.signal
    def paid(self) -> None:
        self._paid = True


def bare_worker(client: Client, counter: Counter, *, activities_at_once: int) -> Worker:
    """A worker with the settings of Termijn's own."""

    @activity.defn(name="bare_milestone")
    async def milestone() -> None:
        counter.milestones += 1

    @activity.defn(name="bare_closing")
    async def closing() -> None:
        counter.closings += 1

    return Worker(
        client,
        task_queue="bare",
        workflows=[BareWorkflow],
        activities=[milestone, closing],
        max_concurrent_activities=activities_at_once,
        workflow_runner=UnsandboxedWorkflowRunner(),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )
