"""Whatever is told to a case, it goes on; who waits for an answer gets one."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.events import Message
from store.tables import events
from tests.support.stories import Story
from tests.support.waiting import until


async def test_an_event_that_does_not_fit_is_recorded_with_its_refusal_and_the_case_goes_on(
    twice_told: Story,
) -> None:
    case = await twice_told.enrol()
    await twice_told.until(3)
    assert await case.tell("dispute_resolved", ref="d9", outcome="rejected") == "unknown_dispute"
    assert await case.tell("hold_lifted", ref="h9") == "unknown_hold"
    assert await case.tell("step_approved", step="reminder-1") == "does_not_fit_stage"
    assert (
        await case.tell("payment_received", ref="p1", amount="1.00", on=twice_told.date(9)) == "in_the_future"
    )
    await twice_told.until(7)
    assert await case.sent() == ["7 reminder-1 100.00"]


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        (Message("e1", ref="p1", amount="ten", on="2026-01-20"), "bad_amount"),
        (Message("e1", ref="p1", amount="10.00", currency="USD", on="2026-01-20"), "currency_mismatch"),
        (Message("e1", ref="p1", amount="10.00", on="yesterday"), "bad_date"),
        (Message("e1", ref="p1", on="2026-01-20"), "missing_field"),
        (Message("", ref="p1", amount="10.00", on="2026-01-20"), "missing_field"),
        (Message("e1\0", ref="p1", amount="10.00", on="\0"), "bad_date"),
    ],
)
async def test_a_signal_that_makes_no_sense_is_recorded_and_the_case_goes_on(
    story: Story, message: Message, refusal: str
) -> None:
    """Sent past the API, as anyone may from Temporal's UI."""
    case = await story.enrol()
    await case.handle.signal("payment_received", message)
    query = select(events.c.refusal).where(events.c.invoice_id == case.id, events.c.applied_at.is_not(None))
    ((refused,),) = [row.values() for row in await until(lambda: story.rows(query), what="recorded")]
    assert refused == refusal
    await story.until(7)
    assert await case.sent() == ["7 reminder-1 100.00"]


async def test_a_plan_that_nobody_made_is_refused(story: Story) -> None:
    case = await story.enrol()
    assert await case.tell("plan_agreed", ref="no such plan") == "unknown_plan"
    assert await case.tell("plan_agreed", ref="7d9f1c3e-0000-4000-8000-000000000001") == "unknown_plan"
    assert await case.stage() == "not_due"


async def test_messages_that_the_case_does_not_know_change_nothing(twice_told: Story) -> None:
    case = await twice_told.enrol()
    await case.handle.signal("invoice_eaten", Message("e1"))
    await case.handle.signal("payment_received", {"no": "message"})
    await case.handle.signal("payment_received", 7)
    await case.pay("10.00")
    await twice_told.until(7)
    assert await case.sent() == ["7 reminder-1 90.00"]


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("invoice_eaten", {}, "unknown_message"),
        ("payment_received", {"ref": "p1", "amount": "1.00"}, "missing_field"),
        ("hold_placed", {}, "missing_field"),
    ],
)
async def test_an_update_without_sense_is_turned_down_before_it_is_in_the_history(
    story: Story, kind: str, fields: dict[str, str], code: str
) -> None:
    case = await story.enrol()
    await story.until(1)
    before = await case.cost()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await case.record(kind, **fields)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == code
    assert await case.cost() == before


async def test_an_update_answers_with_the_state_after_it_also_when_it_closes_the_case(
    twice_told: Story,
) -> None:
    case = await twice_told.enrol()
    await twice_told.until(3)
    answer = await case.record("payment_received", ref="p1", amount="40.00", on=twice_told.today)
    assert (answer.stage, answer.closed, answer.step) == ("chasing", False, "reminder-1")
    answer = await case.record("payment_received", ref="p2", amount="60.00", on=twice_told.today)
    assert (answer.stage, answer.closed) == ("settled", True)
    assert (await case.ended()).closed


async def test_many_messages_at_once_are_applied_one_by_one(twice_told: Story) -> None:
    case = await twice_told.enrol()
    await twice_told.until(3)
    for number in range(10):
        message = Message(f"payment/{number}", ref=f"p{number}", amount="10.00", on=twice_told.today)
        await case.handle.signal("payment_received", message)
    assert (await case.ended()).stage == "settled"
    assert await case.owed() == 0
