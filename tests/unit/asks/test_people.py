"""What people decide: holds, approvals, steps released by hand, promises, disputes and the agency."""

from __future__ import annotations

import pytest

from tests.unit.asks.telling import (
    AGENCY,
    FORMAL_NOTICE,
    REMINDER_1,
    REMINDER_2,
    ladder,
    owed,
    tell,
    with_fee,
)
from tests.unit.domain.story import Story

HELD = "reason: in contact"


def test_ask_27_a_step_released_by_hand_charges_what_a_timed_one_does() -> None:
    by_hand = with_fee("10.00").replace("tone: formal", "tone: formal, requires_approval: true")
    told = tell(
        [owed("a"), owed("b", debtor="e", policy=by_hand)],
        "2026-01-26 invoice: b, approve: {step: notice}",
        policy=with_fee("10.00"),
        until="2026-03-01",
    )
    assert told.sent == ["2026-01-22 a notice 110.00", "2026-01-26 b notice 110.00"]
    assert (told.open("a"), told.open("b")) == ("110.00", "110.00")


def test_ask_27_a_reminder_asked_for_early_leaves_at_once_and_the_ladder_counts_from_it() -> None:
    story = Story().until("2026-01-19 10:00").tell("step_requested", step="reminder-1")
    assert story.until("2026-02-03").log == ["2026-01-19 reminder-1 100.00", "2026-02-02 reminder-2 100.00"]


def test_ask_32_one_invoice_is_left_out_and_the_customers_others_go_on() -> None:
    told = tell([owed("a"), owed("b")], f"2026-01-20 invoice: a, hold: {{{HELD}}}", until="2026-12-31")
    assert told.sent == ["2026-01-22 b reminder-1 100.00", "2026-02-05 b reminder-2 100.00"]
    assert (told.stage("a"), told.why("a")) == ("on_hold", ["on_hold"])


def test_ask_32_a_customer_who_is_left_out_gets_nothing_at_all() -> None:
    told = tell(
        [owed("a"), owed("b", due="2026-02-15"), owed("c", debtor="e")],
        f"2026-01-20 debtor: d, hold: {{{HELD}}}",
        until="2026-12-31",
    )
    assert {line["invoice"] for line in told.lines("notice")} == {"c"}
    assert {told.stage("a"), told.stage("b")} == {"on_hold"}


@pytest.mark.parametrize("subject", ["invoice: a", "debtor: d"])
def test_ask_34_a_hold_ends_by_itself_on_its_date(subject: str) -> None:
    told = tell([owed("a")], f"2026-01-20 {subject}, hold: {{until: 2026-02-02, {HELD}}}", until="2026-02-03")
    assert told.sent == ["2026-02-02 a reminder-1 100.00"]
    assert told.stages() == ["2026-01-16 chasing", "2026-01-20 on_hold", "2026-02-02 chasing"]


def test_ask_34_until_then_the_case_says_why_it_rests_and_how_long() -> None:
    told = tell(
        [owed("a")], f"2026-01-20 invoice: a, hold: {{until: 2026-02-02, {HELD}}}", until="2026-01-31"
    )
    assert (told.stage(), told.why()) == ("on_hold", ["on_hold 2026-02-02"])


def test_ask_34_overlapping_holds_are_all_respected_and_what_was_missed_is_one_reminder() -> None:
    told = tell(
        [owed("a")],
        f"2026-01-20 invoice: a, hold: {{until: 2026-02-09, {HELD}}}",
        f"2026-01-21 debtor: d, hold: {{until: 2026-01-26, {HELD}}}",
        until="2026-03-01",
    )
    assert told.sent == ["2026-02-09 a reminder-2 100.00"]


def test_ask_43_ask_me_first() -> None:
    policy = ladder(REMINDER_1.replace("friendly", "friendly, requires_approval: true"), REMINDER_2)
    told = tell(
        [owed("a")], "2026-01-26 invoice: a, approve: {step: reminder-1}", policy=policy, until="2026-03-01"
    )
    assert told.stages()[1] == "2026-01-22 awaiting_approval"
    assert told.sent == ["2026-01-26 a reminder-1 100.00", "2026-02-09 a reminder-2 100.00"]


def test_ask_43_what_was_approved_leaves_also_when_the_next_reminder_is_due_already() -> None:
    policy = ladder(REMINDER_1.replace("friendly", "friendly, requires_approval: true"), REMINDER_2)
    told = tell(
        [owed("a")], "2026-02-16 invoice: a, approve: {step: reminder-1}", policy=policy, until="2026-03-31"
    )
    assert told.sent == ["2026-02-16 a reminder-1 100.00", "2026-03-02 a reminder-2 100.00"]


def test_ask_43_only_about_larger_amounts() -> None:
    large = 'friendly, requires_approval: {above: {EUR: "500.00"}}'
    told = tell(
        [owed("small", "500.00"), owed("large", "500.01", debtor="e")],
        policy=ladder(REMINDER_1.replace("friendly", large)),
        until="2026-03-01",
    )
    assert told.sent == ["2026-01-22 small reminder-1 500.00"]
    assert (told.stage("large"), told.why("large")) == ("awaiting_approval", ["awaiting_approval"])


def test_ask_54_the_whole_way_to_the_agency_where_our_chasing_ends() -> None:
    policy = ladder(REMINDER_1, FORMAL_NOTICE, AGENCY)
    told = tell(
        [owed("a")], "2026-02-26 invoice: a, approve: {step: agency}", policy=policy, until="2026-12-31"
    )
    assert told.sent == ["2026-01-22 a reminder-1 100.00", "2026-02-02 a notice 100.00 by letter"]
    assert [(line["step"], line["at"][:10]) for line in told.lines("escalation")] == [
        ("agency", "2026-02-26")
    ]
    assert told.stages() == [
        "2026-01-16 chasing",
        "2026-02-24 awaiting_approval",
        "2026-02-26 chasing",  # approved in the morning, before the window opens
        "2026-02-26 handed_over",
    ]


def test_ask_54_what_the_agency_collects_settles_the_invoice() -> None:
    told = tell(
        [owed("a")],
        "2026-02-26 invoice: a, approve: {step: agency}",
        '2026-04-01 invoice: a, payment: "100.00"',
        policy=ladder(REMINDER_1, FORMAL_NOTICE, AGENCY),
        until="2026-12-31",
    )
    assert (told.stage(), told.open()) == ("settled", "0.00")


def test_wanted_09_a_dispute_of_a_part_lets_the_rest_move_on() -> None:
    told = tell([owed("a")], '2026-01-19 invoice: a, dispute: {id: x, amount: "30.00"}', until="2026-01-31")
    assert told.sent == ["2026-01-22 a reminder-1 70.00"]
    assert told.stage() == "chasing"


def test_wanted_10_a_broken_promise_needs_nobody_to_notice_it() -> None:
    told = tell(
        [owed("a")],
        '2026-01-19 invoice: a, promise: {date: 2026-02-02, amount: "100.00"}',
        until="2026-02-28",
    )
    assert told.sent == ["2026-02-03 a reminder-1 100.00", "2026-02-17 a reminder-2 100.00"]
    assert told.stages() == ["2026-01-16 chasing", "2026-01-19 promised", "2026-02-03 chasing"]
