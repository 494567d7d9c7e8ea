"""What a preview shows is what leaves; and a step that a person takes by hand has the effects of a timed one."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import select

from activities.preview_notice import NoticeAhead, preview_notice
from store.tables import steps_taken
from tests.support.stories import Case, Story
from tests.support.worker import TAKEN
from tests.workflow.bundles import OURS, enrol, live
from tests.workflow.test_legal_steps import CLOSED, DEMAND, LETTER, WITHOUT_INTEREST

ASKING = OURS.replace("name: ours", "name: asking").replace(
    "{key: reminder-1,", "{key: reminder-1, requires_approval: true,"
)


async def ahead(case: Case) -> NoticeAhead:
    """What the next notice of the case is going to be."""
    story = case.story
    async with story.engine.connect() as connection:
        preview = await preview_notice(
            story.tools, connection, case.id, story.now, mail_from_domain=story.tools.mail_from_domain
        )
    assert preview.ahead
    return preview.ahead


def without_date(mail: EmailMessage) -> str:
    copy = message_from_bytes(mail.as_bytes(), policy=policy.default)
    del copy["Date"]
    return copy.as_string().replace("\r\n", "\n")


def previewed(found: NoticeAhead) -> str:
    return without_date(message_from_bytes(found.draft.notice.stored.content, policy=policy.default))


async def planned(case: Case) -> dict[str, object]:
    """By step: its own moment."""
    rows = await case.story.rows(select(steps_taken).where(steps_taken.c.invoice_id == case.id))
    return {row["step"]: row["planned_at"] for row in rows}


async def test_the_mail_that_leaves_is_the_one_that_was_shown_but_for_its_date(story: Story) -> None:
    case, other = await enrol(story, "100.00", "250.00")
    await live(story, 3)
    await case.pay("40.00")
    shown = await ahead(other)
    assert len(shown.departure.lines) == 2
    await live(story, 7)
    (mail,) = story.mail.mails
    assert without_date(mail) == previewed(shown)
    (row, _) = await story.rows(select(steps_taken))
    assert abs(shown.departure.at - row["at"]) < timedelta(minutes=1)


async def test_a_demand_is_shown_with_what_it_will_charge(story: Story) -> None:
    case = await story.enrol(policy=await story.policy(WITHOUT_INTEREST), kind="consumer")
    await story.until(LETTER - 1)
    letter = await ahead(case)
    await story.until(CLOSED)
    assert without_date(story.mail.mails[-1]) == previewed(letter)
    demand = await ahead(case)
    assert [(entry.kind.value, str(entry.amount)) for _, entry in demand.charges()] == [
        ("costs", "40.00 EUR")
    ]
    await story.until(DEMAND)
    assert without_date(story.mail.mails[-1]) == previewed(demand)


async def test_what_waits_for_approval_leaves_as_it_was_shown_to_who_approves(story: Story) -> None:
    case = await story.enrol(policy=await story.policy(ASKING))
    await story.until(8, 12)
    assert await case.stage() == "awaiting_approval"
    shown = await ahead(case)
    await case.tell("step_approved", step="reminder-1")
    await story.until(8, 15)
    (mail,) = story.mail.mails
    assert without_date(mail) == previewed(shown)


async def test_by_hand_sends_the_same_notice_and_the_next_step_counts_from_it(twice_told: Story) -> None:
    story = twice_told
    timed, by_hand = await story.enrol(), await story.enrol()
    await story.until(3, 10)
    shown = await ahead(by_hand)
    assert await by_hand.tell("step_requested", step="reminder-1") is None
    await story.until(3, 11)
    assert await by_hand.sent() == ["3 reminder-1 100.00"]
    assert story.mail.mails[0]["Message-ID"] == shown.draft.notice.stored.message_id
    await story.until(17)
    assert await timed.sent() == ["7 reminder-1 100.00"]
    assert await by_hand.sent() == ["3 reminder-1 100.00", "17 reminder-2 100.00"]
    assert (await planned(by_hand))["reminder-1"] == (await planned(timed))["reminder-1"]
    await story.until(21)
    assert (await timed.sent())[1:] == ["21 reminder-2 100.00"]


async def test_by_hand_at_a_moment_of_its_own_only_the_hour_differs(story: Story) -> None:
    timed = await story.enrol()
    by_hand = await story.enrol()
    await story.until(7, 8)  # before the window opens
    await by_hand.tell("step_requested", step="reminder-1")
    await story.until(7)
    assert (await timed.sent(), await by_hand.sent()) == (["7 reminder-1 100.00"],) * 2
    assert story.day((await timed.facts())["next_at"]) == story.day((await by_hand.facts())["next_at"])
    assert await timed.steps() == await by_hand.steps()


async def test_neither_window_nor_budget_hold_back_what_a_person_wants_now(story: Story) -> None:
    budget = "contact_budget: {per_day: 1, per_seven_days: 1, courtesy_gap: 5d}\nsteps:"
    name = await story.policy(OURS.replace("steps:", budget).replace("name: ours", "name: sparing"))
    first, second = await enrol(story, "100.00", policy=name) + await enrol(
        story, "50.00", due=1, policy=name
    )
    await live(story, 8, 20)
    assert (len(await first.sent()), await second.sent()) == (1, [])
    assert "contact_budget" in await second.reasons()
    await second.tell("step_requested", step="reminder-1")
    await story.until(8, 21)
    assert await second.sent() == ["8 reminder-1 50.00"]


async def test_a_consumer_is_left_in_peace_at_night_and_on_sunday_also_by_hand(story: Story) -> None:
    case = await story.enrol(policy="nl-consumer", kind="consumer")
    await story.until(5, 23)  # Saturday night
    await case.tell("step_requested", step="reminder-1")
    await story.until(6)
    assert await case.sent() == []
    await story.until(7, 9)
    assert await case.sent() == ["7 reminder-1 100.00"]


async def test_by_hand_courtesy_steps_merge_and_a_legal_one_is_never_skipped(story: Story) -> None:
    case = await story.enrol(policy=await story.policy(WITHOUT_INTEREST), kind="consumer")
    await story.until(3, 10)
    assert await case.tell("step_requested", step="demand") == "step_before_it"
    assert await case.tell("step_requested", step="reminder-2") is None
    await story.until(3, 11)
    assert await case.sent() == ["3 reminder-2 100.00"]
    assert await case.steps() == {"reminder-1": "collapsed", "reminder-2": "done"}


async def test_by_hand_stays_by_hand_when_the_mail_server_refuses_for_now(story: Story) -> None:
    case = await story.enrol()
    await story.until(3, 10)
    story.mail.answer = lambda mail: TAKEN if story.mail.refused else "451 4.3.0 later"
    await case.tell("step_requested", step="reminder-1")
    await story.until(3, 12)
    assert await case.sent() == ["3 reminder-1 100.00"]
