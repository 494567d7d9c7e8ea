"""A worker that vanishes is noticed by its silence; one that is slow is left alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.message import EmailMessage

import pytest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueRequest
from temporalio.worker import Worker

from domain.contract import CaseStart
from tests.support.stories import Case, Story
from tests.support.waiting import until
from tests.support.worker import TAKEN
from worker import heartbeat
from worker.run_worker import make_worker
from workflows import calls


async def attempts(case: Case) -> list[int]:
    """With which each activity that has ended began."""
    return [
        event.activity_task_started_event_attributes.attempt
        async for event in case.handle.fetch_history_events()
        if event.HasField("activity_task_started_event_attributes")
    ]


async def test_the_activity_of_a_worker_that_vanished_is_done_by_another(
    asleep: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "LOST_AFTER", timedelta(seconds=1))
    case = await asleep.enrol(started=False)
    queue = asleep.tools.task_queue
    async with Worker(asleep.client, task_queue=queue):  # takes workflows only
        await case.start(CaseStart(case.id))
        vanished = await asleep.client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(
                namespace="default", task_queue=TaskQueue(name=queue), identity="about to vanish"
            )
        )
    assert vanished.activity_type.name == "take_next_step"
    async with make_worker(asleep.client, asleep.tools):
        assert await until(lambda: attempts(case), what="the second attempt") == [2]
        assert await case.stage() == "not_due"


async def test_a_worker_that_waits_for_a_slow_mail_server_is_not_taken_for_lost(
    asleep: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "LOST_AFTER", timedelta(seconds=4))
    monkeypatch.setattr(heartbeat, "BEAT", timedelta(milliseconds=50))
    case = await asleep.enrol()
    offered, let_go = asyncio.Event(), asyncio.Event()

    async def slowly(mail: EmailMessage) -> str:
        offered.set()
        await let_go.wait()
        return TAKEN

    async def has_beaten() -> bool:
        (pending,) = (await case.handle.describe()).raw_description.pending_activities
        return pending.HasField("last_heartbeat_time")

    asleep.mail.answer = slowly
    async with make_worker(asleep.client, asleep.tools):
        forwarding = asyncio.create_task(asleep.until(7))
        await asyncio.wait_for(offered.wait(), 20)
        await until(has_beaten, what="a heartbeat")
        let_go.set()
        await forwarding
        assert await case.sent() == ["7 reminder-1 100.00"]
        assert await attempts(case) == [1]
