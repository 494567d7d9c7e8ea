"""Mail that does not get away: no address, a server that refuses, a worker that dies half-way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from domain import take_step
from domain.facts import Facts, StepState, TaskKind, Term
from domain.move import MoveKind, ReasonCode
from domain.next_move import SENDING_LEASE, next_move
from domain.stages import Stage
from tests.support.facts import a_case, a_policy, at, eur
from tests.unit.domain.story import Story


def test_without_an_address_a_person_is_asked_and_the_mended_step_leaves() -> None:
    story = Story(facts=a_case(mailable=False)).until("2026-01-30 10:00")
    assert story.log == ["2026-01-22 reminder-1 block: no_address"]
    assert (story.stage, story.reasons) == (Stage.CHASING, [(ReasonCode.NO_ADDRESS, None)])
    assert [(t.kind, t.outcome) for t in story.facts.tasks] == [(TaskKind.MEND_ADDRESS, None)]
    story.mend_address().until("2026-01-31")
    assert story.log[1:] == ["2026-01-30 reminder-1 100.00"]
    assert [(t.kind, t.outcome) for t in story.facts.tasks] == [(TaskKind.MEND_ADDRESS, "mended")]


def test_a_blocked_step_that_a_person_did_by_hand_counts_from_then() -> None:
    story = Story(facts=a_case(mailable=False)).until("2026-01-30 10:00")
    story.tell("task_completed", ref=story.facts.tasks[0].id, outcome="sent a letter")
    story.mend_address().until("2026-02-14")
    assert story.log[1:] == ["2026-02-13 reminder-2 100.00"]


def test_a_server_that_refuses_is_asked_ever_more_slowly_until_a_person_must_look() -> None:
    story = Story(a_policy("one 7d", window=None))
    tries: list[int] = []

    def refuse(now: datetime) -> str:
        tries.append(int((now - at("2026-01-22")).total_seconds()))
        return "refused"

    story.server = refuse
    story.until("2026-01-30")
    assert tries[:8] == [0, 2, 10, 42, 170, 682, 2730, 6330]  # then hourly
    assert tries[-1] - tries[0] >= 24 * 3600 > tries[-2] - tries[0]
    assert story.reasons == [(ReasonCode.DELIVERY_FAILED, None)]
    assert story.facts.tasks[-1].kind is TaskKind.CHECK_DELIVERY


def test_between_tries_the_case_says_when_it_tries_again() -> None:
    story = Story(a_policy("one 7d", window=None))
    story.server = lambda now: "refused"
    story.now = at("2026-01-22")
    story.act()
    assert story.move.kind is MoveKind.WAIT
    assert story.move.reasons[0].code is ReasonCode.DELIVERY_RETRY
    assert story.move.wake_at == at("2026-01-22") + timedelta(seconds=2)


def test_a_person_who_asks_for_another_try_gets_a_new_series() -> None:
    story = Story(a_policy("one 7d", window=None))
    story.server = lambda now: "refused"
    story.until("2026-01-30")
    story.tell("task_completed", ref=story.facts.tasks[-1].id, outcome="retry")
    story.act()
    assert story.move.reasons[0].code is ReasonCode.DELIVERY_RETRY
    story.server = lambda now: "taken"
    story.until("2026-01-31")
    one = story.facts.taken("one")
    assert one
    assert one.state is StepState.DONE


def test_a_hold_between_two_tries_does_not_use_up_the_tries() -> None:
    story = Story(a_policy("one 7d"))
    story.server = lambda now: "refused"
    story.until("2026-01-22 16:00").tell("hold_placed", ref="h", until="2026-02-09").until("2026-02-09 17:00")
    one = story.facts.taken("one")
    assert one
    assert one.state is StepState.DEFERRED


def test_a_server_that_refuses_for_days_is_noticed_in_spite_of_nights_and_weekends() -> None:
    story = Story(a_policy("one 8d"))  # Friday
    story.server = lambda now: "refused"
    assert story.until("2026-01-28").reasons == [(ReasonCode.DELIVERY_FAILED, None)]


def crashed(step: str) -> tuple[Story, Facts]:
    story = Story(a_policy(step, window=None))
    story.now = at("2026-01-22 10:00")
    story.server = lambda now: "crash"
    story.act()
    story.server = lambda now: "taken"
    return story, story.facts


def test_a_courtesy_mail_whose_sender_died_leaves_again_under_the_same_notice() -> None:
    story, before = crashed("one 7d firm")
    assert story.act().reasons[0].code is ReasonCode.IN_FLIGHT  # someone else may be sending it
    assert story.act(resuming=True).kind is MoveKind.PERFORM
    one, then = story.facts.taken("one"), before.taken("one")
    assert one
    assert then
    assert (one.state, one.attempts) == (StepState.DONE, 2)
    assert one.notice_id == then.notice_id


def test_a_formal_mail_whose_sender_died_is_never_sent_again_by_itself() -> None:
    story, _ = crashed("one 7d formal")
    assert story.act(resuming=True).kind is MoveKind.WAIT
    assert story.move.wake_at == at("2026-01-22 10:00") + SENDING_LEASE
    story.until("2026-02-28")
    assert story.log[1:] == ["2026-01-22 one block: delivery_uncertain"]
    assert story.reasons == [(ReasonCode.DELIVERY_UNCERTAIN, None)]
    story.tell("task_completed", ref=story.facts.tasks[0].id)
    assert story.reasons == [(ReasonCode.POLICY_EXHAUSTED, None)]


NOTICE_AND_AFTER = (
    "one 7d",
    "notice 10d previous formal",
    "call 5d previous call_task",
    "two 30d previous formal",
)


def came_back(day: str) -> Story:
    """The notice of 2 February came back; the call is made on the 9th."""
    story = Story(a_policy(*NOTICE_AND_AFTER)).until(f"{day} 18:00")
    return story.tell("notice_bounced", step="notice").until("2026-04-30 12:00")


def test_a_formal_notice_that_comes_back_after_a_later_step_stops_the_ladder_for_a_person() -> None:
    story = came_back("2026-02-09")
    assert story.log == ["2026-01-22 one 100.00", "2026-02-02 notice 100.00", "2026-02-09 call task"]
    assert story.reasons == [(ReasonCode.ON_HOLD, None)]
    (task,) = [t for t in story.facts.tasks if t.kind is TaskKind.CHECK_DELIVERY]
    assert story.refused("task_completed", ref=task.id, outcome="retry") == "bad_outcome"
    story.tell("task_completed", ref=task.id)
    ((code, until),) = story.reasons
    assert (code, (until or "")[:10]) == (ReasonCode.ON_HOLD, "2026-05-20"), "its term, as if it went by post"
    story.until("2026-07-01")
    assert story.log[3:] == ["2026-06-01 two 100.00"], "thirty days from what a person sent"


def test_a_formal_notice_that_came_back_is_not_skipped_by_what_a_person_asked_for_after_it() -> None:
    policy = a_policy("one 7d", "notice 10d previous formal", "two 30d previous formal")
    story = Story(policy, replace(a_case(), letterable=True)).until("2026-02-05 12:00")
    story.tell("step_requested", step="two").tell("notice_bounced", step="notice")
    (hold,) = story.facts.holds
    story.tell("hold_lifted", ref=hold.id)
    assert (story.move.step, story.move.passed_over) == ("notice", ())


def test_one_that_nothing_has_followed_yet_goes_again_by_itself() -> None:
    story = came_back("2026-02-04")
    assert story.facts.holds == ()
    assert story.reasons == [(ReasonCode.NO_ADDRESS, None)], "it has no other channel"


def test_a_reminder_that_comes_back_late_holds_nothing_up() -> None:
    story = Story(a_policy(*NOTICE_AND_AFTER)).until("2026-02-04").tell("notice_bounced", step="one")
    assert story.facts.holds == ()


def test_who_lifts_the_hold_goes_on_without_the_notice() -> None:
    story = came_back("2026-02-09")
    story.tell("hold_lifted", ref=story.facts.holds[0].id).until("2026-06-01")
    assert story.log[3:] == ["2026-04-30 two 100.00"]


def test_each_term_is_held_by_its_own_notice_only() -> None:
    terms = (Term(date(2026, 1, 15), eur("40.00")), Term(date(2026, 3, 15), eur("60.00")))
    story = Story(a_policy(*NOTICE_AND_AFTER), replace(a_case(), terms=terms)).until("2026-02-09 18:00")
    story.tell("notice_bounced", step="notice").until("2026-03-30")
    assert story.stage is Stage.ON_HOLD
    story.pay("40.00").until("2026-04-30")
    assert [line.split()[1] for line in story.log[3:]] == ["one", "notice", "call"]


def test_a_payment_while_the_sender_is_dead_keeps_the_mail_from_leaving_again() -> None:
    story, _ = crashed("one 7d")
    story.pay("100.00")
    assert story.act(resuming=True).kind is MoveKind.CLOSE


def test_an_interrupted_mail_resumes_within_the_window_only() -> None:
    story = Story(a_policy("one 7d"))
    story.server = lambda now: "crash"
    story.until("2026-01-22 08:00").now = at("2026-01-22 16:59:50")
    story.act()
    story.server = lambda now: "taken"
    story.now = at("2026-01-22 17:00:30")
    assert story.act(resuming=True).kind is MoveKind.WAIT
    assert story.until("2026-01-23 17:00").log[1:] == ["2026-01-23 one 100.00"]


def test_notices_differ_by_step_and_cycle_only() -> None:
    facts = a_case()
    ids = {take_step.notice_id(facts, step) for step in ("one", "two", "one")}
    assert len(ids) == 2


def test_a_settled_case_has_nothing_to_resume() -> None:
    story = Story().pay("100.00")
    assert next_move(story.facts, story.policy, story.now, resuming=True).kind is MoveKind.CLOSE


def test_what_comes_back_while_the_next_reminder_waits_for_consent_merges_into_it() -> None:
    story = Story(a_policy("one 7d", "two 4d previous approval")).until("2026-01-26 10:00")
    story.tell("notice_bounced", step="one").until("2026-01-27 10:00")
    assert story.log == ["2026-01-22 one 100.00", "2026-01-26 two ask_approval: awaiting_approval"]
    assert len(story.facts.tasks) == 1
    assert story.tell("step_approved", step="two").until("2026-02-10").log[2:] == ["2026-01-27 two 100.00"]


def test_a_notice_that_comes_back_after_its_term_was_paid_has_not_arrived_when_that_is_owed_again() -> None:
    terms = (Term(date(2026, 1, 15), eur("60.00")), Term(date(2026, 3, 16), eur("40.00")))
    story = Story(a_policy("one 7d"), replace(a_case(), terms=terms)).until("2026-01-26 10:00").pay("60.00")
    story.tell("notice_bounced", step="one").tell("payment_reversed", ref="p1", on="2026-01-26")
    assert story.until("2026-01-27").log == ["2026-01-22 one 60.00", "2026-01-26 one block: no_address"]
