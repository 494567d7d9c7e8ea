"""Temporal is brought back in line with PostgreSQL, and nothing is sent twice by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.reconcile import reconcile
from domain.contract import RECONCILE_WORKFLOW, Reconcile, Reconciled
from domain.events import Message
from domain.stages import EventKind
from store.record_event import add_event
from store.tables import invoices
from tests.support.embedded import scratch_dir
from tests.support.stories import Case, Story
from tests.support.waiting import until
from tests.support.worker import TIME_SKIPPING, MailServer, tools_for
from worker.connect import connect
from worker.embedded.temporal import EmbeddedTemporal
from worker.run_worker import make_worker


async def put_right(story: Story, *, everything: bool = False) -> Reconciled:
    request = Reconcile(everything=everything)
    tools = story.tools
    return await reconcile(story.engine, tools.client, tools.task_queue, request, patience=timedelta(0))


async def keep_payment(case: Case, amount: str) -> None:
    """Stored and never signalled: whoever received it died in between."""
    message = Message("payment/p1", ref="p1", amount=amount, on=case.story.today)
    async with case.story.engine.begin() as tx:
        await add_event(tx, case.id, EventKind.PAYMENT_RECEIVED, message, actor="bank")


async def test_a_message_that_was_stored_and_never_signalled_is_delivered(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    await keep_payment(case, "100.00")
    assert (await put_right(story)).delivered == 1
    assert (await case.ended()).stage == "settled"
    assert (await put_right(story)).delivered == 0


async def test_an_invoice_that_was_stored_and_never_started_is_started_once(story: Story) -> None:
    case = await story.enrol(started=False)
    found = await put_right(story)
    assert (found.started, found.examples) == (1, [case.id])
    assert (await put_right(story)).started == 0
    await story.until(7)
    assert await case.sent() == ["7 reminder-1 100.00"]
    assert await case.runs() == 1


async def test_an_invoice_paid_before_it_was_started_stays_closed(story: Story) -> None:
    case = await story.enrol(started=False)
    await case.pay("100.00")
    await case.ended()
    assert (await put_right(story, everything=True)).started == 0
    assert not await case.is_running()


async def test_a_plan_that_was_stored_and_never_started_is_started(story: Story) -> None:
    case = await story.enrol()
    await story.until(8)
    await story.agree({21: "100.00"}, case, started=False)
    assert (await put_right(story)).plans_started == 1
    await story.until(24)
    assert await case.stage() == "chasing"


async def test_the_reconciler_runs_as_a_workflow_too(story: Story) -> None:
    case = await story.enrol(started=False)
    done = await story.client.execute_workflow(
        RECONCILE_WORKFLOW,
        Reconcile(),
        id=f"reconcile-{story.tools.task_queue}",
        task_queue=story.tools.task_queue,
        result_type=Reconciled,
    )
    assert done.examples == [case.id]


@asynccontextmanager
async def a_temporal(engine: AsyncEngine, mail: MailServer) -> AsyncIterator[Story]:
    with (
        scratch_dir() as path,
        EmbeddedTemporal(log_file=path / "log", dynamic_config=TIME_SKIPPING) as server,
    ):
        client = await connect({"target_host": server.address}, patience=10)
        async with tools_for(engine, client, mail) as tools, make_worker(client, tools):
            yield Story(engine, client, tools, mail)


async def test_when_temporals_data_is_lost_every_open_case_comes_back_and_nothing_is_sent_twice(
    database: AsyncEngine, mail: MailServer
) -> None:
    async with a_temporal(database, mail) as story:
        chased, paid, disputed = [await story.enrol() for _ in range(3)]
        promised, on_plan = [await story.enrol() for _ in range(2)]
        await story.until(8)
        await paid.pay("100.00")
        await disputed.tell("dispute_opened", ref="d1")
        await promised.tell("promise_made", ref="r1", amount="100.00", until=story.date(15))
        await story.agree({12: "100.00"}, on_plan)
        await story.until(9)
        await keep_payment(chased, "40.00")
        sent = list(mail.mails)
        cases, now = story.cases, story.now
    async with a_temporal(database, mail) as after:
        mail.mails.extend(sent)
        after.take_over(story)
        found = await put_right(after, everything=True)
        assert (found.started, found.plans_started) == (4, 1)
        assert sorted(found.examples) == sorted(case.id for case in cases if case is not paid)
        await after.all_applied()
        assert [await case.stage() for case in cases] == [
            "chasing",
            "settled",
            "disputed",
            "promised",
            "on_plan",
        ]
        await until(lambda: planned(after), what="every open case has planned")
        assert len(mail.mails) == len(sent)
        await after.until(21)
        assert await chased.sent() == ["7 reminder-1 100.00", "21 reminder-2 60.00"]
        assert await paid.sent() == ["7 reminder-1 100.00"]
        assert await promised.stage() == "chasing"
        assert await on_plan.stage() == "chasing"
        assert now < after.now


async def planned(story: Story) -> bool:
    """Every open case has decided since the story went on."""
    query = select(invoices.c.id).where(invoices.c.stage != "settled", invoices.c.decided_at < story.now)
    return not await story.rows(query)
