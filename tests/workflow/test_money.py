"""Money comes in, goes back, and comes again."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select

from store.tables import debtor_credits, events
from tests.support.stories import Case, Story


async def surplus(case: Case) -> Decimal:
    credit = func.sum(debtor_credits.c.amount).label("credit")
    (row,) = await case.story.rows(select(credit).where(debtor_credits.c.invoice_id == case.id))
    return Decimal(row["credit"])


async def test_what_is_paid_above_the_claim_settles_it_and_stays_the_debtors(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    assert await case.pay("130.00") is None
    assert (await case.ended()).stage == "settled"
    assert (await case.owed(), await surplus(case)) == (Decimal(0), Decimal(30))


async def test_a_payment_that_is_taken_back_opens_the_closed_case_again(twice_told: Story) -> None:
    case = await twice_told.enrol()
    await twice_told.until(9)
    await case.pay("100.00")
    assert (await case.ended()).stage == "settled"
    await twice_told.until(14)
    assert await case.tell("payment_reversed", ref="p1", on=twice_told.today) is None
    assert await case.stage() == "chasing"
    assert await case.is_running()
    await twice_told.until(21)
    assert await case.sent() == ["7 reminder-1 100.00", "21 reminder-2 100.00"]
    await case.pay("100.00", "p2")
    assert (await case.ended()).stage == "settled"
    assert await case.runs() == 2


async def test_a_payment_that_is_told_twice_counts_once(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    for _ in range(2):
        await case.pay("40.00", event_id="payment/p1")
    assert await case.owed() == Decimal(60)
    answer = await case.record(
        "payment_received", event_id="payment/p1", ref="p1", amount="40.00", on=story.today
    )
    assert answer.stage == "chasing"
    assert await case.owed() == Decimal(60)
    assert len(await story.rows(select(events).where(events.c.invoice_id == case.id))) == 1


async def test_a_payment_after_the_end_is_the_debtors_credit(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    await case.pay("100.00")
    await case.ended()
    assert await case.pay("100.00", "p2") is None
    assert (await case.ended()).stage == "settled"
    assert await surplus(case) == Decimal(100)


async def test_a_credit_note_lowers_what_is_asked(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    await case.tell("credit_note_issued", ref="c1", amount="25.00", on=story.today)
    await story.until(7)
    assert await case.sent() == ["7 reminder-1 75.00"]


async def test_what_is_written_off_or_withdrawn_is_not_chased(story: Story) -> None:
    lost, wrong = await story.enrol(), await story.enrol()
    await story.until(3)
    await lost.tell("written_off", on=story.today)
    await wrong.tell("withdrawn", on=story.today)
    assert [(await case.ended()).stage for case in (lost, wrong)] == ["written_off", "withdrawn"]
    await story.until(30)
    assert story.mail.mails == []
