"""A payment plan over invoices of one debtor: kept, broken, or overtaken by a payment."""

from __future__ import annotations

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus

from store.tables import notices, payment_plans
from tests.support.stories import Story


async def state(story: Story, plan: str) -> str:
    (row,) = await story.rows(select(payment_plans.c.state).where(payment_plans.c.id == plan))
    return str(row["state"])


async def announced(story: Story) -> list[int]:
    """The days on which announcements of instalments arrived."""
    known = {r["message_id"] for r in await story.rows(select(notices).where(notices.c.kind == "instalment"))}
    return [story.day_of(mail) for mail in story.mail.mails if mail["Message-ID"] in known]


async def ended(story: Story) -> None:
    handle = story.client.get_workflow_handle(story.plans[0])
    await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_a_plan_that_is_kept_announces_each_instalment_and_settles_its_invoices(
    twice_told: Story,
) -> None:
    story = twice_told
    one, two = await story.enrol(debtor="D-1"), await story.enrol(debtor="D-1", amount="50.00")
    await story.until(8)
    plan = await story.agree({21: "70.00", 51: "80.00"}, one, two)
    assert [await case.stage() for case in (one, two)] == ["on_plan", "on_plan"]
    await story.until(19)
    assert await announced(story) == [18]
    await one.pay("70.00")
    await story.until(40)
    assert await state(story, plan) == "active"
    await story.until(49)
    assert await announced(story) == [18, 49]
    await one.pay("30.00", "p2")
    assert (await one.ended()).stage == "settled"
    await two.pay("50.00", "p3")
    assert (await two.ended()).stage == "settled"
    await ended(story)
    await story.all_applied()
    assert await state(story, plan) == "completed"
    assert [len(await case.sent()) for case in (one, two)] == [1, 1]


async def test_a_plan_that_is_broken_sets_its_invoices_free_where_they_were(twice_told: Story) -> None:
    story = twice_told
    one, two = await story.enrol(debtor="D-1"), await story.enrol(debtor="D-1", amount="50.00")
    await story.until(8)
    plan = await story.agree({21: "70.00", 51: "80.00"}, one, two)
    await story.until(22)
    assert [await case.stage() for case in (one, two)] == ["on_plan", "on_plan"]
    await story.until(24)  # two days' grace
    assert await state(story, plan) == "broken"
    await ended(story)
    assert [await case.stage() for case in (one, two)] == ["chasing", "chasing"]
    await story.until(25)
    assert await one.sent() == ["7 reminder-1 100.00", "25 reminder-2 100.00"]
    assert await two.sent() == ["7 reminder-1 50.00", "25 reminder-2 50.00"]


async def test_a_plan_is_completed_as_soon_as_all_is_paid(story: Story) -> None:
    case = await story.enrol()
    await story.until(8)
    plan = await story.agree({21: "50.00", 51: "50.00"}, case)
    await story.until(10)
    await case.pay("100.00")
    await ended(story)
    assert await state(story, plan) == "completed"
    assert await announced(story) == []


async def test_an_announcement_that_is_refused_for_now_is_tried_again(story: Story) -> None:
    case = await story.enrol()
    await story.until(8)
    await story.agree({21: "100.00"}, case)
    story.mail.answer = lambda mail: "451 try again" if story.mail.refused < 2 else "250 2.0.0 taken"
    await story.until(19)
    assert await announced(story) == [18]
    assert story.mail.refused == 2
