"""An invoice in two terms: what holds one of them back is over when the next falls due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.facts import DebtorKind, Term
from domain.move import MoveKind, ReasonCode
from domain.stages import Stage
from tests.support.facts import a_case, a_policy, eur
from tests.unit.domain.story import Story

IN_TERMS = replace(
    a_case(), terms=(Term(date(2026, 1, 15), eur("60.00")), Term(date(2026, 1, 30), eur("40.00")))
)


def a_story() -> Story:
    return Story(a_policy(), IN_TERMS)


def test_a_dispute_over_the_first_term_stops_the_chasing_until_the_second_is_overdue() -> None:
    story = a_story().until("2026-01-20 10:00").tell("dispute_opened", ref="d", amount="60.00")
    assert (story.stage, story.reasons) == (Stage.DISPUTED, [(ReasonCode.DISPUTED, "2026-01-31 00:00")])
    assert story.until("2026-02-03").log == ["2026-02-02 reminder-1 40.00"]


def test_cash_that_covers_the_first_term_stops_the_chasing_until_the_second_is_overdue() -> None:
    story = a_story()
    story.facts = replace(story.facts, cash=eur("60.00"))
    assert story.until("2026-01-23 12:00").reasons == [(ReasonCode.UNALLOCATED_CASH, "2026-01-31 00:00")]
    assert story.until("2026-02-03").log == ["2026-02-02 reminder-1 40.00"]


def test_a_hold_on_a_term_to_come_shows_nowhere_and_can_be_moved_and_lifted() -> None:
    story = a_story().until("2026-01-20 10:00").tell("hold_placed", ref="h", term="2")
    assert story.stage is Stage.CHASING
    story.tell("hold_extended", ref="h", until="2026-03-10").pay("60.00")
    assert story.reasons == [(ReasonCode.ON_HOLD, "2026-03-10 00:00")]
    assert story.tell("hold_lifted", ref="h").stage is Stage.NOT_DUE


def test_money_for_a_term_that_is_disputed_lets_the_next_one_be_chased() -> None:
    story = a_story().until("2026-01-20 10:00").tell("dispute_opened", ref="d", amount="20.00")
    story.pay("60.00")
    assert story.stage is Stage.NOT_DUE
    assert story.until("2026-02-10").log == ["2026-02-06 reminder-1 20.00"]


def test_what_a_person_wants_at_night_waits_for_the_hours_of_the_law() -> None:
    story = Story(start="2026-01-10 23:00").tell("step_requested", step="reminder-1")
    assert story.move.kind is MoveKind.PERFORM  # a business is not protected by them
    consumer = replace(a_case(), debtor_kind=DebtorKind.CONSUMER)
    story = Story(facts=consumer, start="2026-01-10 23:00").tell("step_requested", step="reminder-1")
    assert story.reasons == [(ReasonCode.SEND_WINDOW, "2026-01-12 07:00")]


def test_nobody_is_told_of_a_due_date_whose_amount_is_covered_by_cash() -> None:
    story = Story(a_policy("upcoming -3d", "one 2d"))
    story.facts = replace(story.facts, cash=eur("100.00"))
    assert story.until("2026-01-13 12:00").reasons == [(ReasonCode.UNALLOCATED_CASH, "2026-01-16 00:00")]
    assert story.until("2026-02-10").log == []
