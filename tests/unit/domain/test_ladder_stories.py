"""The ladder when nothing comes in between, when it starts late, and when nothing ran for weeks."""

from __future__ import annotations

import pytest

from domain.facts import StepState
from domain.move import ReasonCode
from domain.stages import Stage
from tests.support.facts import a_case, a_policy, at
from tests.unit.domain.story import Story


def test_the_standard_ladder_from_due_date_to_hand_over() -> None:
    story = Story(facts=a_case(due="2026-01-15"))
    assert story.until("2026-01-15 23:00").stage is Stage.NOT_DUE
    assert story.until("2026-01-16").stage is Stage.CHASING
    assert story.until("2026-03-06 10:00").log == [
        "2026-01-22 reminder-1 100.00",
        "2026-02-05 reminder-2 100.00",
        "2026-02-10 call task",
        "2026-02-17 formal 100.00",
        "2026-03-05 hand-over ask_approval: awaiting_approval",
    ]
    assert story.until("2026-03-06 10:00").stage is Stage.AWAITING_APPROVAL
    story.tell("step_approved", step="hand-over").until("2026-12-31")
    assert story.log[-1] == "2026-03-06 hand-over 100.00"
    assert story.stage is Stage.HANDED_OVER
    assert story.reasons == [(ReasonCode.HANDED_OVER, None)]


def test_an_exhausted_ladder_stays_chasing() -> None:
    story = Story(a_policy("only 7d")).until("2026-03-01")
    assert story.log == ["2026-01-22 only 100.00"]
    assert story.stage is Stage.CHASING
    assert story.reasons == [(ReasonCode.POLICY_EXHAUSTED, None)]


def test_previous_counts_from_the_day_on_which_the_step_really_left() -> None:
    story = Story(
        a_policy("one 7d", "two 10d previous"), a_case(due="2026-01-17")
    )  # Saturday 24th waits for Monday
    assert story.until("2026-03-01").log == ["2026-01-26 one 100.00", "2026-02-05 two 100.00"]


def test_a_moment_on_the_clock_does_not_shift_the_days_of_the_next_step() -> None:
    late_slot = a_case(debtor_id="a-debtor-with-another-slot")
    days = [line[:10] for line in Story(facts=late_slot).until("2026-02-18").log]
    assert days == ["2026-01-22", "2026-02-05", "2026-02-10", "2026-02-17"]


def test_an_announcement_leaves_before_the_due_date() -> None:
    story = Story(a_policy("upcoming -3d", "reminder 7d"))
    assert story.until("2026-02-01").log == ["2026-01-12 upcoming 100.00", "2026-01-22 reminder 100.00"]


def test_an_announcement_whose_due_date_has_passed_expires() -> None:
    story = Story(a_policy("upcoming -3d", "reminder 7d"), a_case(enrolled="2026-01-16 08:00"))
    assert story.until("2026-02-01").log == ["2026-01-22 reminder 100.00"]
    upcoming = story.facts.taken("upcoming")
    assert upcoming
    assert upcoming.state is StepState.EXPIRED
    assert upcoming.planned_at == at("2026-01-12")


def test_an_announcement_may_still_leave_on_the_due_date_itself() -> None:
    story = Story(a_policy("upcoming -3d", "reminder 7d"), a_case(enrolled="2026-01-15 00:30"))
    assert story.until("2026-01-16").log == ["2026-01-15 upcoming 100.00"]


def test_an_announcement_that_could_leave_only_after_the_due_date_is_not_waited_for() -> None:
    story = Story(a_policy("upcoming -1d", "reminder 7d"), a_case(due="2026-01-18"))  # a Sunday
    assert story.move.step == "reminder"
    assert story.until("2026-01-27").log == ["2026-01-26 reminder 100.00"]


def test_an_announcement_asked_for_that_expired_before_it_left_does_not_merge_what_follows() -> None:
    story = Story(a_policy("upcoming -3d", "one 7d", "two 17d formal"), start="2026-01-05 10:00")
    story.tell("step_requested", step="upcoming").outage("2026-03-09 10:00").until("2026-03-31")
    assert [line.split(" ", 1)[1] for line in story.log] == ["one 100.00", "two 100.00"]


def test_the_step_after_an_expired_announcement_counts_from_its_day() -> None:
    policy = a_policy("upcoming -3d", "reminder 10d previous")
    story = Story(policy, a_case(enrolled="2026-01-18 08:00"))
    assert story.until("2026-02-01").log == ["2026-01-22 reminder 100.00"]


def test_an_announcement_nobody_approved_in_time_no_longer_holds_the_case() -> None:
    story = Story(a_policy("upcoming -3d approval", "reminder 7d")).until("2026-01-14")
    assert story.stage is Stage.AWAITING_APPROVAL
    assert story.reasons == [(ReasonCode.AWAITING_APPROVAL, "2026-01-16 00:00")]
    assert story.until("2026-02-01").log[-1] == "2026-01-22 reminder 100.00"
    assert [t.outcome for t in story.facts.tasks] == ["expired"]


def test_a_late_invoice_enters_at_its_latest_courtesy_step_and_goes_on_day_by_day() -> None:
    story = Story(facts=a_case(due="2025-10-01", issued="2025-09-01", enrolled="2026-01-05 08:00"))
    assert story.until("2026-03-01").log == [
        "2026-01-05 call task",
        "2026-01-12 formal 100.00",
        "2026-01-28 hand-over ask_approval: awaiting_approval",
    ]
    collapsed = [t.step for t in story.facts.steps if t.state is StepState.COLLAPSED]
    assert collapsed == ["reminder-1", "reminder-2"]


def test_a_late_invoice_never_enters_at_a_formal_step() -> None:
    policy = a_policy("reminder 7d due", "formal 14d due formal")
    story = Story(policy, a_case(due="2025-10-01", issued="2025-09-01", enrolled="2026-01-05 08:00"))
    assert story.until("2026-03-01").log == ["2026-01-05 reminder 100.00", "2026-01-06 formal 100.00"]


def test_after_an_outage_courtesy_collapses_and_the_formal_step_comes_on_another_day() -> None:
    policy = a_policy(
        "one 7d due", "two 14d due firm", "formal 21d due formal", "three 28d due firm", "four 35d due"
    )
    story = Story(policy).outage("2026-03-02 11:00").until("2026-03-31")
    assert story.log == ["2026-03-02 two 100.00", "2026-03-03 formal 100.00", "2026-03-04 four 100.00"]


def test_an_outage_that_ends_at_night_comes_to_the_same_steps_as_one_that_ends_by_day() -> None:
    by_night = Story().outage("2026-03-01 03:00")
    shown = by_night.move.step
    assert by_night.until("2026-03-03").log == ["2026-03-02 call task"]
    assert shown == "call"


def test_collapsed_steps_keep_their_own_moment_as_evidence_of_lateness() -> None:
    story = Story(a_policy("one 7d due", "two 14d due")).outage("2026-03-02 11:00")
    one, two = story.facts.taken("one"), story.facts.taken("two")
    assert one
    assert two
    assert (one.planned_at, two.planned_at) == (at("2026-01-22"), at("2026-01-29"))
    assert (one.state, one.reason) == (StepState.COLLAPSED, "for two")


def test_a_step_that_absorbed_others_and_could_not_leave_is_tried_again_soon() -> None:
    policy = a_policy("one 7d due", "two 14d previous", window=None)
    story = Story(policy, a_case(enrolled="2026-03-02 08:00"))  # not two weeks after its enrolment
    answers = iter(["refused", "taken"])
    story.server = lambda now: next(answers)
    assert story.outage("2026-03-02 11:00").until("2026-03-03").log == [
        "2026-03-02 two 100.00 refused",
        "2026-03-02 two 100.00",
    ]


def test_internal_steps_neither_merge_nor_use_up_the_day() -> None:
    policy = a_policy("one 7d due", "review 0d previous internal", "two 0d previous firm")
    story = Story(policy).outage("2026-03-01 20:00")  # a Sunday
    assert story.until("2026-03-31").log == [
        "2026-03-02 one 100.00",
        "2026-03-02 review task",
        "2026-03-03 two 100.00",
    ]


def test_two_steps_of_one_day_leave_on_two_days() -> None:
    story = Story(a_policy("mail 7d due", "call 0d previous call_task"))
    assert story.until("2026-03-01").log == ["2026-01-22 mail 100.00", "2026-01-23 call task"]


def test_a_ladder_in_seconds_counts_from_enrolment_whatever_the_due_date() -> None:
    policy = a_policy("one 6s enrolled", "two 8s previous firm", "formal 8s previous formal", window=None)
    for due in ("2025-01-01", "2026-01-15"):
        facts = a_case(due=due, issued="2025-01-01", enrolled="2026-01-02 08:00")
        story = Story(policy, facts).until("2026-01-02 08:01")
        seconds = [(t.at - facts.enrolled_at).seconds for t in story.facts.steps]
        assert seconds == [6, 14, 22]


@pytest.mark.parametrize("due", ["2026-01-15", "2026-02-10", "2026-03-27", "2026-10-23"])
def test_every_mail_leaves_within_the_window_of_its_day(due: str) -> None:
    story = Story(facts=a_case(due=due)).until("2027-03-01")
    for taken in story.facts.steps:
        moment = taken.at.astimezone(story.zone)
        assert moment.weekday() < 5
        assert 9 <= moment.hour < 17
