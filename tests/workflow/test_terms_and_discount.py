"""Terms that are chased one after the other, discounts for who pays early, and money that may have come in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from domain.facts import Discount
from domain.money import Money
from store.statements import set_statement, tell_waiting_cases
from store.unallocated_cash import replace_cash
from tests.support.stories import Case, Story
from tests.workflow.bundles import text

QUICK: Final = """
name: quick
version: 1
time_zone: Europe/Amsterdam
discount_tolerance: 1d
steps:
  - {key: announcement, after: -4d, anchor: due, channel: email, tone: friendly}
  - {key: reminder-1, after: 2d, anchor: due, channel: email, tone: friendly}
  - {key: reminder-2, after: 7d, anchor: previous, channel: email, tone: firm}
"""
CAREFUL: Final = QUICK.replace("name: quick", "name: careful").replace(
    "discount_tolerance: 1d", "stale_money: {statement_age: 3d}"
)


async def enrol(story: Story, source: str = QUICK, **changes: Any) -> Case:
    """EUR 100.00, issued on day 0; one half is due on day 5, the other on day 10."""
    policy = await story.policy(source)
    terms = [(story.day_0 + timedelta(days=n), "50.00") for n in (5, 10)]
    given: dict[str, Any] = {"policy": policy, "issued": story.day_0, "terms": terms}
    return await story.enrol(**given | changes)


async def with_discount(story: Story) -> Case:
    """2 % until day 7; due on day 14."""
    terms = [(story.day_0 + timedelta(days=14), "100.00")]
    offer = Discount(Decimal("2.00"), story.day_0 + timedelta(days=7))
    return await enrol(story, terms=terms, discount=offer)


async def receive(case: Case, amount: str) -> None:
    """Cash of its debtor that is booked on no invoice, as the API tells it."""
    story = case.story
    async with story.engine.begin() as tx:
        await replace_cash(tx, case.ref.debtor_id, Money.parse(amount, "EUR"), story.now.date())
    await case.tell("facts_changed")


async def statement(story: Story, day: int) -> int:
    """Booked up to that day; how many cases had waited for it."""
    event_id = f"statement/{day}"
    async with story.engine.begin() as tx:
        creditor = await set_statement(tx, "default", story.day_0 + timedelta(days=day))
        assert creditor
        told = await tell_waiting_cases(tx, creditor, event_id, "bank")
    for case in story.cases:
        await case.tell("facts_changed", event_id=event_id)
    return told


async def test_each_term_is_chased_by_itself_and_the_case_rests_in_between(twice_told: Story) -> None:
    """Ask: half in 5 days, half in 10; only the late half is asked for."""
    story = twice_told
    case = await enrol(story)
    await story.until(7)
    first = text(story.mail.mails[-1])
    assert "Termijn 1 van 2  € 50,00, te betalen tot en met" in first.replace("\u00a0", " ")
    assert "Termijn 2" not in first
    await story.until(8)
    assert await case.pay("50.00") is None
    assert (await case.stage(), (await case.facts())["cycle"]) == ("not_due", 2)
    await story.until(21)
    assert await case.sent() == [
        "1 announcement 50.00",
        "7 reminder-1 50.00",
        "14 reminder-1 50.00",
        "21 reminder-2 50.00",
    ]
    assert "Termijn 2 van 2" in text(story.mail.mails[-1])
    await case.pay("50.00", "p2")
    assert (await case.ended()).stage == "settled"


async def test_when_the_second_term_is_late_too_both_are_asked_for_on_the_same_ladder(story: Story) -> None:
    case = await enrol(story)
    await story.until(14)
    assert await case.sent() == ["1 announcement 50.00", "7 reminder-1 50.00", "14 reminder-2 100.00"]
    assert "Termijn 2 van 2" in text(story.mail.mails[-1])


async def test_a_discount_is_offered_and_who_takes_it_in_time_owes_nothing(twice_told: Story) -> None:
    story = twice_told
    case = await with_discount(story)
    await story.until(8)
    assert story.mail.mails == []
    assert await case.pay("98.00") is None  # a day late, within the tolerance
    assert (await case.ended()).stage == "settled"
    assert await case.owed() == Decimal(0)


async def test_who_takes_a_discount_too_late_still_owes_it(story: Story) -> None:
    case = await with_discount(story)
    await story.until(9)
    assert await case.pay("98.00") is None
    assert (await case.stage(), await case.owed()) == ("not_due", Decimal(2))
    await story.until(16)
    assert await case.sent() == ["10 announcement 2.00", "16 reminder-1 2.00"]


async def test_the_announcement_offers_the_discount_beside_the_full_amount(story: Story) -> None:
    terms = [(story.day_0 + timedelta(days=7), "100.00")]
    case = await enrol(story, terms=terms, discount=Discount(Decimal(2), story.day_0 + timedelta(days=7)))
    await story.until(3)
    assert await case.sent() == ["3 announcement 100.00"]
    mail = text(story.mail.mails[-1]).replace("\u00a0", " ")
    assert "dan mag u 2% (€ 2,00) aftrekken" in mail


async def test_cash_that_covers_holds_a_reminder_until_it_is_booked_elsewhere(story: Story) -> None:
    case = await enrol(story)
    await story.until(3)
    await receive(case, "50.00")
    await story.until(9)
    assert await case.sent() == ["1 announcement 50.00"]
    assert await case.reasons() == ["unallocated_cash"]
    await receive(case, "20.00")
    await story.until(10)
    assert await case.sent() == ["1 announcement 50.00", "10 reminder-1 30.00"]
    mail = text(story.mail.mails[-1]).replace("\u00a0", " ")
    assert "Uw tegoed, nog te verrekenen  € 20,00" in mail


async def test_nothing_is_asked_on_an_old_statement_and_a_new_one_frees_it(story: Story) -> None:
    case = await enrol(story, CAREFUL)
    await statement(story, 0)
    await story.until(8, 12)
    assert await case.sent() == ["1 announcement 50.00"]  # which asks for nothing that is late
    assert await case.reasons() == ["stale_bank_data"]
    assert await statement(story, 3) == 1  # still too old
    assert await case.reasons() == ["stale_bank_data"]
    assert await statement(story, 7) == 1
    await story.until(9)
    assert await case.sent() == ["1 announcement 50.00", "8 reminder-1 50.00"]
