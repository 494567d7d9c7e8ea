"""What a debtor says, and what a colleague asks for, holds the ladder; when it ends, the ladder goes on."""

from __future__ import annotations

from tests.support.stories import Story


async def test_a_dispute_holds_the_case_until_it_is_rejected(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    answer = await case.record("dispute_opened", ref="d1")
    assert (answer.stage, answer.wake_at) == ("disputed", None)
    await story.until(13)
    assert await case.sent() == []
    await case.record("dispute_resolved", ref="d1", outcome="rejected")
    await story.until(14)
    assert await case.sent() == ["14 reminder-1 100.00"]


async def test_a_dispute_over_a_part_lets_the_rest_go_on_and_is_waived_when_it_is_right(
    twice_told: Story,
) -> None:
    case = await twice_told.enrol()
    await twice_told.until(3)
    await case.record("dispute_opened", ref="d1", amount="30.00")
    await twice_told.until(8)
    assert await case.sent() == ["7 reminder-1 70.00"]
    await case.record("dispute_resolved", ref="d1", outcome="accepted")
    await case.pay("70.00")
    assert (await case.ended()).stage == "settled"


async def test_a_hold_ends_by_itself_on_its_day(twice_told: Story) -> None:
    case = await twice_told.enrol()
    await twice_told.until(3)
    answer = await case.record("hold_placed", ref="h1", until=twice_told.date(17))
    assert answer.stage == "on_hold"
    await twice_told.until(16)
    assert await case.sent() == []
    await twice_told.until(17)
    assert await case.sent() == ["17 reminder-1 100.00"]


async def test_a_hold_without_an_end_stays_until_it_is_lifted_and_what_is_overdue_then_is_one_mail(
    story: Story,
) -> None:
    case = await story.enrol()
    await story.until(3)
    await case.record("hold_placed", ref="h1")
    await story.until(60)
    assert await case.stage() == "on_hold"
    answer = await case.record("hold_lifted", ref="h1")
    assert answer.stage == "chasing"
    await story.until(63)
    assert await case.sent() == ["63 reminder-2 100.00"]
    assert await case.steps() == {"reminder-1": "collapsed", "reminder-2": "done"}


async def test_a_promise_that_is_kept_ends_in_payment(story: Story) -> None:
    case = await story.enrol()
    await story.until(8)
    answer = await case.record("promise_made", ref="r1", amount="100.00", until=story.date(23))
    assert answer.stage == "promised"
    await story.until(22)
    assert len(await case.sent()) == 1
    await case.pay("100.00")
    assert (await case.ended()).stage == "settled"
    assert await case.story_of() == ["promise_made", "payment_received", "promise_kept"]


async def test_a_promise_that_is_broken_is_noticed_by_itself(twice_told: Story) -> None:
    case = await twice_told.enrol()
    await twice_told.until(8)
    await case.record("promise_made", ref="r1", amount="100.00", until=twice_told.date(23))
    await twice_told.until(23)
    assert await case.stage() == "promised"
    await twice_told.until(24)
    assert await case.stage() == "chasing"
    assert await case.story_of() == ["promise_made", "promise_broken"]
    await twice_told.until(25)
    assert await case.sent() == ["7 reminder-1 100.00", "24 reminder-2 100.00"]
