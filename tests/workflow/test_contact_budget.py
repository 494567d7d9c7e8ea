"""How often one debtor hears from us, over all invoices and channels: later, once, and nothing is lost."""

from __future__ import annotations

from itertools import pairwise

from tests.support.stories import Case, Story
from tests.workflow.bundles import OURS, enrol, letters, live

CALLS = OURS.replace("name: ours", "name: calls").replace("channel: email, tone: firm", "channel: call_task")
NO_GAP = OURS.replace("name: ours", "name: no-gap").replace(
    "\nsteps:", "\ncontact_budget: {per_day: 1, per_seven_days: 3, courtesy_gap: null}\nsteps:"
)
UNLIMITED = OURS.replace("name: ours", "name: unlimited").replace("\nsteps:", "\ncontact_budget: off\nsteps:")


async def test_between_two_courtesies_lie_five_days_and_what_waits_leaves_together(story: Story) -> None:
    (first,) = await enrol(story, "100.00")
    (second,) = await enrol(story, "200.00", due=1)
    (third,) = await enrol(story, "300.00", due=3)
    await live(story, 8)
    assert await second.reasons() == ["contact_budget"]
    assert story.day((await second.facts())["next_at"]) == 14  # the fifth day after is a Saturday
    await live(story, 13)
    assert len(story.mail.mails) == 1
    await live(story, 14)
    assert await letters(story) == [
        "7 F-1 reminder-1 100.00",
        "14 F-2 reminder-1 200.00, F-3 reminder-1 300.00",
    ]
    assert [await case.steps() for case in (first, second, third)] == [{"reminder-1": "done"}] * 3


async def test_each_case_keeps_its_state_and_its_ladder_while_the_budget_delays_it(story: Story) -> None:
    """The next step of each counts from the day on which its last one really left."""
    (first,) = await enrol(story, "100.00")
    (second,) = await enrol(story, "200.00", due=1)
    await live(story, 14)
    assert await second.stage() == "chasing"
    await live(story, 28)
    assert await letters(story) == [
        "7 F-1 reminder-1 100.00",
        "14 F-2 reminder-1 200.00",
        "21 F-1 reminder-2 100.00",
        "28 F-2 reminder-2 200.00",
    ]
    assert [await contacts_left(case) for case in (first, second)] == [2, 2]


async def test_at_most_one_a_day_and_three_in_seven_days_over_all_invoices(story: Story) -> None:
    policy = await story.policy(NO_GAP)
    for day in range(5):
        await enrol(story, f"{day + 1}00.00", due=day - 7, policy=policy)
    await live(story, 9)
    sent = await letters(story)
    assert [told.split(" ", 1)[0] for told in sent] == ["0", "1", "2", "7"]
    assert sent[3] == "7 F-4 reminder-1 400.00, F-5 reminder-1 500.00"  # waited since days 3 and 4


async def test_a_call_counts_as_a_contact_like_a_letter(story: Story) -> None:
    policy = await story.policy(CALLS)
    (called,) = await enrol(story, "100.00", policy=policy)
    (mailed,) = await enrol(story, "200.00", due=14 + 1, policy=policy)
    await live(story, 22)
    assert list(await called.open_tasks()) == ["call"]
    assert await mailed.reasons() == ["contact_budget"]
    await live(story, 28)
    assert (await letters(story))[1:] == ["28 F-2 reminder-1 200.00"]


async def test_a_ladder_of_many_invoices_goes_to_its_end_within_the_budget(story: Story) -> None:
    """Six invoices, due on six days: nothing is lost, whatever has to wait."""
    cases = [(await enrol(story, f"{n}00.00", due=n))[0] for n in range(1, 7)]
    await live(story, 75)
    days = [int(told.split(" ", 1)[0]) for told in await letters(story)]
    assert all(later - before >= 1 for before, later in pairwise(days))
    assert all(later - before >= 7 for before, later in zip(days, days[3:], strict=False))
    assert [await case.steps() for case in cases] == [
        {"reminder-1": "done", "reminder-2": "done", "formal-notice": "done"}
    ] * 6
    sent = [line.split()[:2] for told in await letters(story) for line in told.split(" ", 1)[1].split(", ")]
    assert sorted(sent) == sorted(
        [f"F-{n}", step] for n in range(1, 7) for step in ("reminder-1", "reminder-2", "formal-notice")
    )


async def test_without_a_budget_each_leaves_on_its_day(story: Story) -> None:
    policy = await story.policy(UNLIMITED)
    for day in range(3):
        await enrol(story, f"{day + 1}00.00", due=day, policy=policy)
    await live(story, 9)
    assert [told.split(" ", 1)[0] for told in await letters(story)] == ["7", "8", "9"]


async def contacts_left(case: Case) -> int:
    """How many mails about the case arrived."""
    return len(await case.sent())
