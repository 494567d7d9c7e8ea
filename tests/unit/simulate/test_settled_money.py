"""What the rules of the house settle about money, repeats, promises and bounces, as stories."""

from __future__ import annotations

import pytest

from tests.unit.asks.telling import (
    AGENCY,
    FORMAL_NOTICE,
    REMINDER_1,
    REMINDER_2,
    REMINDERS,
    ladder,
    owed,
    tell,
    with_fee,
)

REPEATED = ladder(REMINDER_1, REMINDER_2.replace("}", ", repeat: {every: 10d, times: 2}}"))


def test_what_is_charged_is_in_open_and_asked() -> None:
    told = tell([owed("a")], policy=with_fee("10.00"), until="2026-02-10")
    (charge,) = told.lines("charge")
    (notice,) = told.lines("notice")
    assert (charge["step"], charge["amounts"]["open"], charge["notice"]) == ("notice", "110.00", None)
    assert notice["amounts"] == {"open": "110.00", "asked": "110.00"}


def test_unallocated_cash_comes_off_the_oldest_line_and_the_lines_add_up_to_the_total() -> None:
    told = tell(
        [owed("a", due="2026-01-15"), owed("b", "50.00", due="2026-01-14")],
        '2026-01-20 debtor: d, unallocated: "30.00"',
        policy=ladder(REMINDER_1, contact_budget="off", bundling="{include: all_overdue}"),
        until="2026-01-21",
    )
    assert told.mails == ["2026-01-21 b+a 120.00"]
    assert told.sent == ["2026-01-21 b reminder-1 20.00", "2026-01-21 a reminder-1 100.00"]


def test_cash_that_the_policy_ignores_lowers_nothing() -> None:
    policy = ladder(REMINDER_1, stale_money="{unallocated: ignore}")
    told = tell([owed("a")], '2026-01-20 debtor: d, unallocated: "104.00"', policy=policy, until="2026-02-10")
    assert told.sent == ["2026-01-22 a reminder-1 100.00"]


def test_a_credit_note_above_the_open_amount_settles_and_the_rest_lowers_the_next_notice() -> None:
    told = tell([owed("a"), owed("b")], '2026-01-20 invoice: a, credit_note: "130.00"', until="2026-01-31")
    assert (told.stage("a"), told.open("a"), told.why("a")) == ("settled", "0.00", ["paid"])
    assert told.sent == ["2026-01-22 b reminder-1 70.00"]
    assert told.open("b") == "100.00"


def test_nobody_is_asked_for_what_their_own_credit_covers_until_it_is_taken_back() -> None:
    told = tell(
        [owed("a"), owed("b")],
        '2026-01-16 invoice: a, payment: "100.00"',
        '2026-01-20 invoice: a, credit_note: "100.00"',
        '2026-02-02 invoice: a, reversal: "100.00"',
        policy=ladder(REMINDER_1),
        until="2026-02-10",
    )
    assert told.sent == ["2026-02-02 b reminder-1 100.00"]
    assert told.open("a") == "0.00"


def test_minimum_and_tolerance_are_per_invoice() -> None:
    policy = ladder(REMINDER_1, minimum='{EUR: "10.00"}', tolerance='{EUR: "0.05"}')
    told = tell(
        [owed("a", "6.00"), owed("b", "6.00"), owed("c", "10.00"), owed("e", "0.05")],
        policy=policy,
        until="2026-02-10",
    )
    assert told.sent == ["2026-01-22 c reminder-1 10.00"]
    assert (told.stage("a"), told.why("a")) == ("chasing", ["below_minimum"])
    assert told.stage("e") == "settled"


def test_while_a_discount_runs_the_full_amount_is_asked() -> None:
    policy = ladder("{key: upcoming, after: -5d, anchor: due, channel: email}", REMINDER_1)
    invoice = owed("a", discount='{percent: "2", until: 2026-01-12}')
    assert tell([invoice], policy=policy, until="2026-01-14").sent == ["2026-01-12 a upcoming 100.00"]
    told = tell([invoice], '2026-01-12 invoice: a, payment: "98.00"', policy=policy, until="2026-02-10")
    assert (told.stage(), told.open()) == ("settled", "0.00")


def test_repeats_have_numbered_keys_and_an_exhausted_ladder_stays_chasing() -> None:
    told = tell([owed("a")], policy=REPEATED, until="2026-06-01")
    assert [line["step"] for line in told.lines("notice")] == [
        "reminder-1",
        "reminder-2",
        "reminder-2.1",
        "reminder-2.2",
    ]
    assert (told.stage(), told.next(), told.why()) == ("chasing", "", ["policy_exhausted"])


def test_between_due_date_and_first_step_the_stage_is_chasing() -> None:
    told = tell([owed("a")], until="2026-01-20")
    assert told.stages() == ["2026-01-16 chasing"]
    assert (told.stage(), told.next()) == ("chasing", "2026-01-22 reminder-1")


def test_a_dispute_over_a_part_leaves_the_rest_chased() -> None:
    told = tell([owed("a")], '2026-01-20 invoice: a, dispute: {id: x, amount: "10.00"}', until="2026-01-31")
    assert (told.stage(), told.sent) == ("chasing", ["2026-01-22 a reminder-1 90.00"])


def test_of_several_terms_the_earliest_unpaid_is_chased_and_then_a_new_cycle_begins() -> None:
    terms = '[{due: 2026-01-15, amount: "60.00"}, {due: 2026-02-16, amount: "40.00"}]'
    told = tell([owed("a", terms=terms)], '2026-01-27 invoice: a, payment: "60.00"', until="2026-02-28")
    assert told.sent == ["2026-01-22 a reminder-1 60.00", "2026-02-23 a reminder-1 40.00"]
    assert told.stages() == ["2026-01-16 chasing", "2026-01-27 not_due", "2026-02-17 chasing"]


def test_a_reversal_reopens_at_the_step_after_the_last_one_taken() -> None:
    told = tell(
        [owed("a")],
        '2026-01-27 invoice: a, payment: "100.00"',
        '2026-03-03 invoice: a, reversal: "100.00"',
        policy=ladder(REMINDER_1, REMINDER_2, FORMAL_NOTICE),
        until="2026-03-31",
    )
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-03-03 a reminder-2 100.00",
        "2026-03-13 a notice 100.00 by letter",
    ]
    assert told.stages() == ["2026-01-16 chasing", "2026-01-27 settled", "2026-03-03 chasing"]


@pytest.mark.parametrize(("settings", "day"), [({}, "2026-02-20"), ({"promise_grace": "3d"}, "2026-02-23")])
def test_a_promise_counts_through_its_date_and_then_the_next_step_is_taken(
    settings: dict[str, str], day: str
) -> None:
    told = tell(
        [owed("a")],
        '2026-01-27 invoice: a, promise: {date: 2026-02-19, amount: "100.00"}',
        policy=ladder(REMINDER_1, REMINDER_2, **settings),
        until="2026-02-28",
    )
    assert told.stages() == ["2026-01-16 chasing", "2026-01-27 promised", f"{day} chasing"]
    assert told.sent == ["2026-01-22 a reminder-1 100.00", f"{day} a reminder-2 100.00"]


def test_a_promise_that_was_kept_ends_when_the_money_comes() -> None:
    told = tell(
        [owed("a")],
        '2026-01-19 invoice: a, promise: {date: 2026-02-19, amount: "60.00"}',
        '2026-02-03 invoice: a, payment: "60.00"',
        until="2026-02-03",
    )
    assert told.stages() == ["2026-01-16 chasing", "2026-01-19 promised", "2026-02-03 chasing"]


@pytest.mark.parametrize(
    ("paid_on", "stages"),
    [
        ("2026-02-12", ["2026-01-27 on_plan", "2026-03-13 chasing"]),  # the second instalment is missed
        ("2026-02-13", ["2026-01-27 on_plan", "2026-02-13 chasing"]),
    ],
)
def test_an_instalment_counts_through_its_date_and_two_calendar_days(paid_on: str, stages: list[str]) -> None:
    plan = '{instalments: [{due: 2026-02-10, amount: "50.00"}, {due: 2026-03-10, amount: "50.00"}]}'
    told = tell(
        [owed("a")],
        f"2026-01-27 invoice: a, plan: {plan}",
        f'{paid_on} invoice: a, payment: "50.00"',
        until="2026-03-31",
    )
    assert told.stages() == ["2026-01-16 chasing", *stages]


def test_a_plan_that_was_kept_settles() -> None:
    plan = '{instalments: [{due: 2026-02-10, amount: "50.00"}, {due: 2026-03-10, amount: "50.00"}]}'
    told = tell(
        [owed("a")],
        f"2026-01-27 invoice: a, plan: {plan}",
        '2026-02-10 invoice: a, payment: "50.00"',
        '2026-03-12 invoice: a, payment: "50.00"',
        until="2026-03-31",
    )
    assert told.stage() == "settled"
    assert told.sent == ["2026-01-22 a reminder-1 100.00"]


def test_a_bounce_tries_the_next_channel_and_previous_counts_from_that() -> None:
    by_two = REMINDER_1.replace("channel: email", "channel: [email, letter]")
    told = tell(
        [owed("a")],
        "2026-01-27 invoice: a, bounce: {step: reminder-1}",
        policy=ladder(by_two, REMINDER_2),
        until="2026-02-28",
    )
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-27 a reminder-1 100.00 by letter",
        "2026-02-10 a reminder-2 100.00",
    ]
    assert [line["notice"] for line in told.lines("notice")] == ["n1", "n2", "n3"]


def test_a_reminder_that_comes_back_after_the_next_one_does_not_go_again() -> None:
    told = tell([owed("a")], "2026-02-10 invoice: a, bounce: {step: reminder-1}", until="2026-02-28")
    assert told.sent == ["2026-01-22 a reminder-1 100.00", "2026-02-05 a reminder-2 100.00"]
    assert told.happened[-1] == "2026-02-10 a reminder-1 skipped: does_not_fit"


def test_a_notice_that_came_back_came_back_with_all_its_lines() -> None:
    by_two = REMINDER_1.replace("channel: email", "channel: [email, letter]")
    told = tell(
        [owed("a"), owed("b")],
        "2026-01-27 invoice: b, bounce: {step: reminder-1}",
        policy=ladder(by_two),
        until="2026-02-28",
    )
    assert told.mails == ["2026-01-22 a+b 200.00", "2026-01-27 a+b 200.00"]


def test_a_hand_over_is_an_escalation_a_call_and_an_approval_are_tasks() -> None:
    call = "{key: call, after: 10d, anchor: previous, channel: call_task, tone: firm}"
    told = tell(
        [owed("a")],
        "2026-03-10 invoice: a, approve: {step: agency}",
        policy=ladder(REMINDER_1, call, FORMAL_NOTICE, AGENCY),
        until="2026-03-31",
    )
    kinds = [(line["kind"], line["step"], line["channel"]) for line in told.story["timeline"] if line["step"]]
    assert kinds == [
        ("notice", "reminder-1", "email"),
        ("task", "call", "call_task"),
        ("notice", "notice", "letter"),
        ("task", "agency", None),
        ("escalation", "agency", "hand_over"),
    ]
    approve = told.lines("task")[1]
    assert approve["reasons"] == [{"code": "awaiting_approval", "until": None}]
    assert (told.stage(), told.why(), told.next()) == ("handed_over", ["handed_over"], "")


def test_reasons_have_a_code_and_the_moment_at_which_they_end() -> None:
    told = tell([owed("a")], "2026-01-20 invoice: a, hold: {until: 2026-02-20}", until="2026-01-31")
    coming = told.story["cases"]["a"]["next"]
    assert coming["reasons"] == [{"code": "on_hold", "until": "2026-02-20T00:00:00+01:00"}]
    assert (coming["step"], coming["at"][:10]) == ("reminder-2", "2026-02-20")


def test_all_that_holds_a_case_back_at_the_end_is_told() -> None:
    told = tell(
        [owed("a")],
        "2026-01-20 invoice: a, hold: {until: 2026-02-20}",
        '2026-01-21 invoice: a, credit_note: "95.00"',
        policy=ladder(REMINDER_1, minimum='{EUR: "10.00"}'),
        until="2026-01-31",
    )
    assert told.why() == ["on_hold 2026-02-20", "below_minimum"]
    assert told.next() == "reminder-1"  # on no day, since nobody knows when more is owed


def test_a_repeated_notice_is_named_by_its_own_key() -> None:
    first = REMINDER_1.replace("email", "[email, letter]").replace("}", ", repeat: {every: 10d, times: 2}}")
    told = tell(
        [owed("a")],
        "2026-02-03 invoice: a, bounce: {step: reminder-1.1}",
        policy=ladder(first),
        until="2026-02-20",
    )
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-02-02 a reminder-1.1 100.00",
        "2026-02-03 a reminder-1.1 100.00 by letter",
        "2026-02-13 a reminder-1.2 100.00",
    ]


@pytest.mark.parametrize(
    "what",
    [
        "dispute: {id: x}",
        "hold: {until: 2026-03-01}",
        "approve: {step: reminder-1}",
        "bounce: {step: reminder-2}",
    ],
)
def test_an_event_that_does_not_fit_is_told_as_skipped(what: str) -> None:
    told = tell(
        [owed("a")],
        '2026-01-27 invoice: a, payment: "100.00"',
        f"2026-01-28 invoice: a, {what}",
        until="2026-01-31",
    )
    (skipped,) = told.lines("skipped")
    assert (skipped["at"], skipped["reasons"]) == (
        "2026-01-28T08:00:00+01:00",
        [{"code": "does_not_fit", "until": None}],
    )
    assert told.stage() == "settled"


def test_a_case_moves_to_another_policy_at_once() -> None:
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        f"2026-01-21 invoice: a, policy: {ladder(REMINDER_1.replace('7d', '12d'))}",
        policy=REMINDERS,
        until="2026-01-31",
    )
    assert told.sent == ["2026-01-22 b reminder-1 100.00", "2026-01-27 a reminder-1 100.00"]


def test_what_happened_before_the_start_is_known_and_not_told() -> None:
    told = tell(
        [owed("a"), owed("b")],
        '2026-01-20 invoice: a, payment: "100.00"',
        start="2026-02-02T09:00",
        until="2026-02-28",
    )
    assert told.stages("a") == []
    assert told.stage("a") == "settled"
    assert told.sent == ["2026-02-02 b reminder-1 100.00", "2026-02-16 b reminder-2 100.00"]
