"""Money that comes in and goes back while a case is chased."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.facts import PromiseOutcome, Term
from domain.ledger import balance
from domain.move import MoveKind, ReasonCode
from domain.stages import Stage
from tests.support.facts import a_case, a_policy, eur
from tests.unit.domain.story import Story


def test_a_part_payment_lowers_what_the_next_notice_asks() -> None:
    story = Story().until("2026-01-27").pay("40.00")
    assert story.until("2026-02-06").log == ["2026-01-22 reminder-1 100.00", "2026-02-05 reminder-2 60.00"]


def test_nothing_leaves_after_the_payment_of_the_whole() -> None:
    story = Story().until("2026-01-27").pay("100.00")
    assert (story.move.kind, story.stage) == (MoveKind.CLOSE, Stage.SETTLED)
    assert story.until("2026-12-31").log == ["2026-01-22 reminder-1 100.00"]


def test_an_overpayment_settles_and_leaves_the_rest_as_credit() -> None:
    story = Story().until("2026-01-27").pay("130.00")
    assert story.stage is Stage.SETTLED
    assert balance(story.facts.credits, "EUR") == eur("30.00")
    story.pay("5.00", ref="p2")
    assert story.facts.open == eur("0.00")
    assert balance(story.facts.credits, "EUR") == eur("35.00")


def test_a_credit_note_counts_as_a_payment_does() -> None:
    story = Story().until("2026-01-27").tell("credit_note_issued", ref="c1", amount="130.00", on="2026-01-27")
    assert story.stage is Stage.SETTLED
    assert balance(story.facts.credits, "EUR") == eur("30.00")


def test_a_reversal_reopens_at_the_step_after_the_last_performed() -> None:
    story = Story().until("2026-02-06").pay("100.00").until("2026-02-07")
    story.tell("payment_reversed", ref="p1", on="2026-02-07")
    assert story.stage is Stage.CHASING
    assert story.until("2026-02-18").log[2:] == ["2026-02-10 call task", "2026-02-17 formal 100.00"]


def test_a_reversal_months_later_goes_on_courtesy_first_and_not_with_the_hand_over() -> None:
    story = Story().until("2026-01-23").pay("100.00").until("2026-06-08 10:00")
    story.tell("payment_reversed", ref="p1", on="2026-06-08").until("2026-06-30")
    assert story.log[1:] == ["2026-06-08 call task", "2026-06-15 formal 100.00"]


def test_a_reversal_takes_back_what_was_left_over() -> None:
    story = Story().pay("130.00").tell("payment_reversed", ref="p1", on="2026-01-02")
    assert story.facts.open == eur("100.00")
    assert balance(story.facts.credits, "EUR") == eur("0.00")


def test_paid_twice_and_one_of_them_reversed_is_still_paid() -> None:
    story = Story().pay("100.00").pay("100.00", ref="p2").tell("payment_reversed", ref="p1", on="2026-01-02")
    assert story.stage is Stage.SETTLED
    assert balance(story.facts.credits, "EUR") == eur("0.00")


def test_what_is_booked_twice_or_lies_in_the_future_does_not_fit() -> None:
    story = Story().pay("40.00")
    assert story.refused("payment_received", ref="p1", amount="40.00", on="2026-01-02") == "payment_known"
    assert story.refused("payment_received", ref="p2", amount="1.00", on="2026-01-03") == "in_the_future"
    assert story.refused("payment_reversed", ref="p3", on="2026-01-02") == "unknown_payment"
    story.tell("payment_reversed", ref="p1", on="2026-01-02")
    assert story.refused("payment_reversed", ref="p1", on="2026-01-02") == "payment_reversed_already"
    assert story.facts.open == eur("100.00")


def test_names_of_payments_cannot_collide_with_the_books_own_keys() -> None:
    story = Story().pay("1.00", ref="p1/surplus").pay("130.00").pay("1.00", ref="surplus/payment/p1")
    keys = [e.key for e in story.facts.entries]
    assert len(keys) == len(set(keys))


def test_payments_too_large_for_the_books_do_not_wedge_the_case() -> None:
    story = Story().pay("999999999999.99").pay("999999999999.99", ref="p2")
    assert story.facts.open == eur("0.00")
    assert story.refused("payment_reversed", ref="p2", on="2026-01-02") == "amount_out_of_range"


def test_a_write_off_ends_the_case_and_later_money_is_credit() -> None:
    story = Story().until("2026-01-27").tell("written_off", on="2026-01-27")
    assert (story.stage, story.reasons) == (Stage.WRITTEN_OFF, [(ReasonCode.WRITTEN_OFF, None)])
    story.pay("20.00")
    assert balance(story.facts.credits, "EUR") == eur("20.00")
    story.tell("payment_reversed", ref="p1", on="2026-01-27")
    assert balance(story.facts.credits, "EUR") == eur("0.00")
    assert (story.facts.open, story.stage) == (eur("0.00"), Stage.WRITTEN_OFF)


def test_a_payment_reversed_after_the_withdrawal_is_withdrawn_too() -> None:
    story = Story().pay("40.00").tell("withdrawn", on="2026-01-02")
    story.tell("payment_reversed", ref="p1", on="2026-01-02")
    assert (story.facts.open, story.stage) == (eur("0.00"), Stage.WITHDRAWN)
    assert story.refused("written_off", on="2026-01-02") == "does_not_fit_stage"


def test_a_payment_keeps_a_promise_and_the_rest_is_chased_again() -> None:
    story = Story().until("2026-01-27").tell("promise_made", ref="x", amount="60.00", until="2026-02-20")
    assert story.pay("59.99").stage is Stage.PROMISED
    assert story.pay("0.01", ref="p2").stage is Stage.CHASING
    assert story.facts.promises[0].outcome is PromiseOutcome.KEPT
    assert story.until("2026-02-06").log[-1] == "2026-02-05 reminder-2 40.00"


def test_a_few_cents_short_keep_a_promise_where_the_policy_lets_them_count_as_paid() -> None:
    story = Story(replace(a_policy(), tolerance={"EUR": Decimal("0.05")}))
    story.until("2026-01-20").tell("promise_made", ref="p", amount="60.00", until="2026-01-30")
    story.pay("59.96")
    assert [p.outcome for p in story.facts.promises] == [PromiseOutcome.KEPT]


def test_the_approval_of_a_term_that_is_paid_meanwhile_is_only_put_away() -> None:
    facts = replace(
        a_case(), terms=(Term(date(2026, 1, 15), eur("50.00")), Term(date(2026, 3, 15), eur("50.00")))
    )
    story = Story(a_policy("one 1d approval"), facts).until("2026-01-20")
    (task,) = story.facts.tasks
    story.pay("50.00").tell("task_completed", ref=task.id, outcome="approved")
    assert [t.completed_at is not None for t in story.facts.tasks] == [True]
    assert story.until("2026-02-20").log == ["2026-01-16 one ask_approval: awaiting_approval"]


def test_a_promise_of_a_few_cents_is_not_kept_by_paying_nothing() -> None:
    story = Story(replace(a_policy(), tolerance={"EUR": Decimal("0.05")})).until("2026-01-20")
    story.tell("promise_made", ref="p", amount="0.03", until="2026-01-30")
    assert story.stage is Stage.PROMISED
    story.pay("0.03")
    assert [p.outcome for p in story.facts.promises] == [PromiseOutcome.KEPT]
