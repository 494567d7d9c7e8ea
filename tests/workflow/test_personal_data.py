"""No name, address, account or word of a person reaches Temporal, whatever happens to the case."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from sqlalchemy import text

from activities.deliver import deliver_event
from domain.contract import RECONCILE_WORKFLOW, Reconcile
from domain.events import Message
from domain.stages import EventKind
from store.add_creditors import add_creditors
from store.record_event import add_event
from tests.support.database import sample_creditors
from tests.support.stories import Case, Story
from tests.support.waiting import until
from tests.support.worker import TAKEN
from worker.run_worker import make_worker

CANARY: Final = "canary"
"""Part of every text below, and of nothing else."""
DEBTOR: Final = {
    name: f"{CANARY}-{name}"
    for name in ("name", "contact_name", "phone", "address_line", "postal_code", "city", "description")
} | {"payment_reference": f"{CANARY}-reference", "email": f"{CANARY}@debtor.example", "number": f"{CANARY}-7"}
CREDITOR: Final = {
    name: f"{CANARY}-{name}"
    for name in ("name", "company_number", "phone", "address_line", "postal_code", "city")
} | {
    "email": f"{CANARY}@creditor.example",
    "reply_to": f"{CANARY}@desk.example",
    "iban": f"NL91{CANARY.upper()}0417164300",
}
POLICY: Final = """
name: all-channels
version: 1
time_zone: Europe/Amsterdam
agency: {email: canary@agency.example}
steps:
  - {key: reminder, after: 7d, anchor: due, channel: email, tone: friendly}
  - {key: notice, after: 7d, anchor: previous, channel: email, tone: formal}
  - {key: call, after: 7d, anchor: previous, channel: call_task}
  - {key: hand-over, after: 7d, anchor: previous, channel: hand_over, requires_approval: true}
"""


async def everything_temporal_has(story: Story) -> AsyncIterator[bytes]:
    """Raw: histories with payloads and failures, search attributes, memos, summaries, current details."""
    queue = story.tools.task_queue
    async for run in story.client.list_workflows(f"TaskQueue = '{queue}'"):
        handle = story.client.get_workflow_handle(run.id, run_id=run.run_id)
        yield (await handle.describe()).raw_description.SerializeToString()
        async for event in handle.fetch_history_events():
            yield event.SerializeToString()
        if run.status and run.status.name == "RUNNING":
            yield str(await handle.query("__temporal_workflow_metadata")).encode()


async def searched(story: Story, case: Case) -> list[str]:
    """What gives a person away, of everything; the invoice's own id must be found, or the search is blind."""
    found = [raw async for raw in everything_temporal_has(story)]
    assert sum(case.id.encode() in raw for raw in found) > 10
    assert any(b"what is missing" in raw for raw in found)
    return [str(raw) for raw in found if CANARY.encode() in raw.lower()]


async def say(case: Case, kind: EventKind, **fields: str) -> None:
    """With the words of a person, as the API stores them."""
    story, message = case.story, Message(f"{kind.value}/1", **fields)
    async with story.engine.begin() as tx:
        await add_event(tx, case.id, kind, message, actor=f"{CANARY}-actor", note=f"{CANARY}-note")
    await deliver_event(story.engine, story.client, story.tools.task_queue, message.event_id)
    await story.all_applied()


async def test_whatever_happens_nothing_personal_reaches_temporal(asleep: Story) -> None:
    story = asleep
    async with story.engine.begin() as tx:
        await add_creditors(tx, sample_creditors(**CREDITOR))
    case = await story.enrol(debtor=f"{CANARY}-ref", policy=await story.policy(POLICY), **DEBTOR)

    async with make_worker(story.client, story.tools):
        answers = iter(
            ["451 4.3.0 <canary@debtor.example> is busy", "550 5.1.1 canary@debtor.example: unknown"]
        )
        story.mail.answer = lambda mail: next(answers, TAKEN)
        await story.until(8)
        assert story.mail.refused == 2
        await case.tell("task_completed", ref=(await case.open_tasks())["check_delivery"], outcome="retry")
        await say(case, EventKind.DISPUTE_OPENED, ref="d1", amount="10.00")
        await say(case, EventKind.HOLD_PLACED, ref="h1", until=story.date(9))
        await story.until(10)
        await story.agree({11: "10.00"}, case)
        await story.until(14)  # the plan is broken
        await story.until(60)
        await case.tell("step_approved", step="hand-over")
        await story.until(63)
        await story.client.execute_workflow(
            RECONCILE_WORKFLOW, Reconcile(), id=f"r-{case.id}", task_queue=story.tools.task_queue
        )
        assert await case.stage() == "handed_over"
        assert any(CANARY.encode() in mail.as_bytes() for mail in story.mail.mails)
        assert await searched(story, case) == []


async def test_a_database_that_quotes_a_row_in_its_error_tells_temporal_nothing(asleep: Story) -> None:
    """Here it refuses to mark as applied whatever somebody has written a note about."""
    story = asleep
    case = await story.enrol(**DEBTOR)

    async def failed() -> bytes:
        case_now = (await case.handle.describe()).raw_description
        return b"".join(one.last_failure.SerializeToString() for one in case_now.pending_activities)

    async with make_worker(story.client, story.tools):
        async with story.engine.begin() as tx:
            await tx.execute(
                text("ALTER TABLE events ADD CONSTRAINT broken CHECK (note = '' OR applied_at IS NULL)")
            )
        try:
            telling = asyncio.create_task(say(case, EventKind.HOLD_PLACED, ref="h1"))
            failure = await until(failed, what="a failed attempt")
        finally:
            async with story.engine.begin() as tx:
                await tx.execute(text("ALTER TABLE events DROP CONSTRAINT broken"))
        assert b"IntegrityError" in failure
        assert b"see the worker's log" in failure
        assert CANARY.encode() not in failure.lower()
        await telling
        assert await case.stage() == "on_hold"
        found = [raw async for raw in everything_temporal_has(story)]
        assert [raw for raw in found if CANARY.encode() in raw.lower()] == []
