"""Disputes, holds, promises and plans: what stops the chasing, and how it goes on."""

from __future__ import annotations

from domain.facts import PromiseOutcome
from domain.ledger import balance
from domain.move import ReasonCode
from domain.stages import Stage
from tests.support.facts import a_case, a_policy, eur
from tests.unit.domain.story import Story


def test_a_dispute_over_a_part_lets_the_rest_go_on() -> None:
    story = Story().until("2026-01-27").tell("dispute_opened", ref="d", amount="30.00")
    assert story.stage is Stage.CHASING
    assert story.until("2026-02-06").log[-1] == "2026-02-05 reminder-2 70.00"


def test_when_only_the_disputed_part_is_left_chasing_stops() -> None:
    story = Story().until("2026-01-27").tell("dispute_opened", ref="d", amount="30.00").pay("70.00")
    assert story.stage is Stage.DISPUTED
    assert story.until("2026-06-01").log == ["2026-01-22 reminder-1 100.00"]


def test_a_dispute_over_the_whole_stops_until_it_is_rejected() -> None:
    story = Story().until("2026-01-27").tell("dispute_opened", ref="d").until("2026-02-16 10:00")
    assert story.reasons == [(ReasonCode.DISPUTED, None)]
    story.tell("dispute_resolved", ref="d", outcome="rejected")
    assert story.until("2026-02-24").log[1:] == ["2026-02-16 call task", "2026-02-23 formal 100.00"]


def test_an_accepted_dispute_waives_its_amount() -> None:
    part = Story().tell("dispute_opened", ref="d", amount="30.00")
    assert part.tell("dispute_resolved", ref="d", outcome="accepted").facts.open == eur("70.00")
    whole = Story().tell("dispute_opened", ref="d")
    assert whole.tell("dispute_resolved", ref="d", outcome="accepted").stage is Stage.SETTLED


def test_a_dispute_that_does_not_exist_cannot_be_resolved() -> None:
    story = Story().tell("dispute_opened", ref="d", amount="30.00")
    assert story.refused("dispute_resolved", ref="other", outcome="accepted") == "unknown_dispute"
    assert story.refused("dispute_opened", ref="d") == "dispute_known"


def test_a_hold_ends_by_itself_on_its_date() -> None:
    story = Story().until("2026-01-27").tell("hold_placed", ref="h", until="2026-02-20")
    assert story.stage is Stage.ON_HOLD
    assert story.reasons == [(ReasonCode.ON_HOLD, "2026-02-20 00:00")]
    assert story.until("2026-03-01").log[1:] == ["2026-02-20 call task", "2026-02-27 formal 100.00"]


def test_overlapping_holds_are_all_respected() -> None:
    story = Story().tell("hold_placed", ref="short", until="2026-01-25")
    story.tell("hold_placed", ref="long", until="2026-02-06").tell("hold_placed", ref="open-ended")
    assert story.reasons == [
        (ReasonCode.ON_HOLD, "2026-01-25 00:00"),
        (ReasonCode.ON_HOLD, "2026-02-06 00:00"),
        (ReasonCode.ON_HOLD, None),
    ]
    story.tell("hold_lifted", ref="open-ended")
    assert story.until("2026-02-06 08:59").log == []
    assert story.until("2026-02-10").log == ["2026-02-06 reminder-2 100.00"]


def test_a_hold_until_today_or_lifted_twice_does_not_fit() -> None:
    story = Story(start="2026-01-20 10:00")
    assert story.refused("hold_placed", ref="h", until="2026-01-20") == "in_the_past"
    story.tell("hold_placed", ref="h").tell("hold_placed", ref="other").tell("hold_lifted", ref="h")
    assert story.refused("hold_lifted", ref="h") == "unknown_hold"


def test_a_broken_promise_counts_through_its_whole_day() -> None:
    story = Story().until("2026-01-27").tell("promise_made", ref="x", amount="100.00", until="2026-02-19")
    assert story.until("2026-02-19 23:59").stage is Stage.PROMISED
    assert story.until("2026-02-20").stage is Stage.CHASING
    assert story.facts.promises[0].outcome is PromiseOutcome.BROKEN
    assert story.until("2026-02-20 17:00").log[1:] == ["2026-02-20 call task"]


def test_a_promise_for_a_moment_counts_to_the_second() -> None:
    story = Story(a_policy("one 6s enrolled", window=None, promise_grace="2s"))
    story.tell("promise_made", ref="x", amount="100.00", until="2026-01-02T08:00:30+01:00")
    assert story.until("2026-01-02 08:00:31").log == []
    assert story.until("2026-01-02 08:00:32").log == ["2026-01-02 one 100.00"]


def test_promise_grace_in_days() -> None:
    story = Story(a_policy(promise_grace="3d"), start="2026-01-20 10:00")
    story.tell("promise_made", ref="x", amount="100.00", until="2026-02-02")
    assert story.reasons == [(ReasonCode.PROMISED, "2026-02-06 00:00")]


def test_a_newer_promise_replaces_the_older_one() -> None:
    story = Story().tell("promise_made", ref="x", amount="100.00", until="2026-01-20")
    story.tell("promise_made", ref="y", amount="100.00", until="2026-02-02")
    assert [p.outcome for p in story.facts.promises] == [PromiseOutcome.REPLACED, None]
    assert story.refused("promise_made", ref="y", amount="1.00", until="2026-02-02") == "promise_known"
    assert story.refused("promise_made", ref="z", amount="1.00", until="2026-01-01") == "in_the_past"


def test_what_is_said_of_a_promise_must_be_what_the_ledger_says() -> None:
    story = Story().tell("promise_made", ref="x", amount="50.00", until="2026-01-20")
    assert story.refused("promise_kept", ref="x") == "promise_judged_otherwise"
    assert story.refused("promise_kept", ref="other") == "unknown_promise"
    story.pay("50.00").tell("promise_kept", ref="x")
    assert story.refused("promise_broken", ref="x") == "promise_judged_otherwise"


def test_a_payment_that_comes_when_the_promise_is_already_late_does_not_keep_it() -> None:
    story = Story().tell("promise_made", ref="x", amount="50.00", until="2026-01-20")
    story.now = Story(start="2026-01-25 10:00").now  # nothing ran in between
    story.pay("50.00")
    assert story.facts.promises[0].outcome is PromiseOutcome.BROKEN


def test_a_plan_suspends_and_when_broken_goes_on_after_the_last_step_performed() -> None:
    story = Story().until("2026-01-27").tell("plan_agreed", ref="plan")
    assert (story.stage, story.reasons) == (Stage.ON_PLAN, [(ReasonCode.ON_PLAN, None)])
    assert story.refused("plan_agreed", ref="other") == "does_not_fit_stage"
    story.pay("40.00").until("2026-03-02 10:00").tell("plan_broken", ref="plan")
    assert story.until("2026-03-10").log[1:] == ["2026-03-02 call task", "2026-03-09 formal 60.00"]


def test_on_hold_no_second_plan_can_be_agreed() -> None:
    story = Story().tell("plan_agreed", ref="plan").tell("hold_placed", ref="h")
    assert story.stage is Stage.ON_HOLD
    assert story.refused("plan_agreed", ref="other") == "plan_active"


def test_a_plan_ends_on_an_invoice_that_it_has_settled() -> None:
    story = Story().tell("plan_agreed", ref="plan").pay("100.00").tell("plan_completed", ref="plan")
    assert story.refused("plan_completed", ref="plan") == "unknown_plan"
    story.tell("payment_reversed", ref="p1", on="2026-01-02")
    assert story.stage is Stage.NOT_DUE


def test_the_weightiest_reason_names_the_stage_and_all_are_told() -> None:
    story = Story().tell("promise_made", ref="x", amount="10.00", until="2026-01-20")
    story.tell("plan_agreed", ref="plan").tell("hold_placed", ref="h").tell("dispute_opened", ref="d")
    assert story.stage is Stage.DISPUTED
    assert [code for code, _ in story.reasons] == [
        ReasonCode.DISPUTED,
        ReasonCode.ON_HOLD,
        ReasonCode.ON_PLAN,
        ReasonCode.PROMISED,
    ]


def test_a_dispute_on_a_settled_invoice_does_not_fit() -> None:
    story = Story(facts=a_case()).pay("100.00")
    assert story.refused("dispute_opened", ref="d") == "does_not_fit_stage"
    assert balance(story.facts.entries, "EUR") == eur("0.00")
