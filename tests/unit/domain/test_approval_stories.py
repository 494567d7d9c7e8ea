"""Steps that wait for a person's consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.facts import StepState, TaskKind, Term
from domain.move import ReasonCode
from domain.stages import Stage
from tests.support.facts import a_case, a_policy, eur
from tests.unit.domain.story import Story

TWO = a_policy("one 7d approval", "two 7d previous")


def waiting(mailable: bool = True) -> Story:
    return Story(TWO, a_case(mailable=mailable)).until("2026-01-26 10:00")


def test_the_case_waits_for_consent_and_goes_on_with_it() -> None:
    story = waiting()
    assert story.log == ["2026-01-22 one ask_approval: awaiting_approval"]
    assert (story.stage, story.reasons) == (Stage.AWAITING_APPROVAL, [(ReasonCode.AWAITING_APPROVAL, None)])
    story.tell("step_approved", step="one").until("2026-02-03")
    assert story.log[1:] == ["2026-01-26 one 100.00", "2026-02-02 two 100.00"]
    assert [(t.kind, t.outcome) for t in story.facts.tasks] == [(TaskKind.APPROVE, "approved")]


def test_a_rejected_step_is_left_out_and_the_next_counts_from_the_decision() -> None:
    story = waiting().tell("step_rejected", step="one").until("2026-02-03")
    assert story.log[1:] == ["2026-02-02 two 100.00"]
    one = story.facts.taken("one")
    assert one
    assert one.state is StepState.REJECTED


def test_completing_the_approval_task_decides_the_step() -> None:
    story = waiting()
    task = story.facts.tasks[0].id
    assert story.refused("task_completed", ref=task) == "bad_outcome"
    story.tell("task_completed", ref=task, outcome="approved").until("2026-01-27")
    assert story.log[1:] == ["2026-01-26 one 100.00"]
    assert waiting().tell("task_completed", ref=task, outcome="rejected").stage is Stage.CHASING


def test_a_decision_that_nobody_waits_for_does_not_fit() -> None:
    story = waiting()
    assert story.refused("step_approved", step="two") == "not_awaiting_approval"
    story.tell("step_approved", step="one")
    assert story.refused("step_approved", step="one") == "does_not_fit_stage"


def test_a_hold_over_an_awaited_approval_keeps_both() -> None:
    story = waiting().tell("hold_placed", ref="h", until="2026-01-28")
    assert story.stage is Stage.ON_HOLD
    story.tell("step_approved", step="one")
    assert story.until("2026-01-29").log[1:] == ["2026-01-28 one 100.00"]


def test_what_is_approved_and_then_blocked_needs_no_second_approval() -> None:
    story = waiting(mailable=False).tell("step_approved", step="one").until("2026-01-27 10:00")
    assert story.log[1:] == ["2026-01-26 one block: no_address"]
    assert story.mend_address().until("2026-01-28").log[2:] == ["2026-01-27 one 100.00"]


def test_a_payment_makes_the_question_superfluous() -> None:
    story = waiting().pay("100.00")
    assert story.refused("step_approved", step="one") == "does_not_fit_stage"
    assert story.until("2026-06-01").log == ["2026-01-22 one ask_approval: awaiting_approval"]


def test_a_question_that_was_put_away_with_its_term_is_asked_again_when_the_term_is_owed_again() -> None:
    terms = (Term(date(2026, 1, 15), eur("60.00")), Term(date(2026, 3, 16), eur("40.00")))
    story = Story(TWO, replace(a_case(), terms=terms)).until("2026-01-26 10:00").pay("60.00")
    story.tell("task_completed", ref=story.facts.tasks[0].id)
    story.tell("payment_reversed", ref="p1", on="2026-01-26").until("2026-01-27 10:00")
    assert story.stage is Stage.AWAITING_APPROVAL
    assert [task.outcome for task in story.facts.tasks] == ["done", None]
