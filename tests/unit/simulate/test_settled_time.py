"""What the rules of the house settle about time, as stories."""

from __future__ import annotations

import pytest

from tests.unit.asks.telling import FORMAL_NOTICE, REMINDER_1, REMINDERS, ladder, owed, tell

NEXT_DAY = ladder("{key: reminder-1, after: 1d, anchor: due, channel: email}")
FROM_DUE = ladder(REMINDER_1, "{key: reminder-2, after: 14d, anchor: due, channel: email, tone: firm}")


def test_what_happens_on_a_date_happens_at_eight() -> None:
    told = tell([owed("a")], '2026-02-03 invoice: a, payment: "100.00"', until="2026-02-03")
    assert [line["at"] for line in told.lines("stage")] == [
        "2026-01-16T00:00:00+01:00",
        "2026-02-03T08:00:00+01:00",
    ]


def test_the_last_day_counts_to_its_end() -> None:
    assert tell([owed("a")], until="2026-01-22").sent == ["2026-01-22 a reminder-1 100.00"]
    assert tell([owed("a")], until="2026-01-21").sent == []


def test_moments_are_local_in_winter_and_in_summer() -> None:
    told = tell([owed("a", due="2026-03-24")], until="2026-06-01")
    first, second = told.lines("notice")
    assert (first["at"][:10], first["at"][-6:]) == ("2026-03-31", "+02:00")
    assert first["planned_at"] == "2026-03-31T00:00:00+02:00"
    assert told.lines("stage")[0]["at"] == "2026-03-25T00:00:00+01:00"
    assert second["at"][-6:] == "+02:00"


@pytest.mark.parametrize(("until", "day"), [("2026-01-22", "2026-01-22"), ("2026-01-23", "2026-01-23")])
def test_an_outage_ends_with_the_night_before_its_date(until: str, day: str) -> None:
    told = tell([owed("a")], f"2026-01-20 outage: {{until: {until}}}", until="2026-01-31")
    assert told.sent == [f"{day} a reminder-1 100.00"]
    assert told.planned("reminder-1") == ["2026-01-22"]


def test_what_happens_during_an_outage_is_known_at_its_end_and_before_anything_leaves() -> None:
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        "2026-01-20 outage: {until: 2026-01-26}",
        '2026-01-21 invoice: a, payment: "100.00"',
        until="2026-01-31",
    )
    assert told.sent == ["2026-01-26 b reminder-1 100.00"]
    assert told.stages() == ["2026-01-16 chasing", "2026-01-26 settled"]


def test_a_hold_frees_the_case_on_its_date() -> None:
    told = tell([owed("a")], "2026-01-20 invoice: a, hold: {until: 2026-01-23}", until="2026-01-31")
    assert told.sent == ["2026-01-23 a reminder-1 100.00"]
    assert told.stages() == ["2026-01-16 chasing", "2026-01-20 on_hold", "2026-01-23 chasing"]


def test_what_an_event_sets_free_leaves_the_same_day_while_the_window_is_open() -> None:
    late = "2026-02-03T16:59 dispute_resolved: {id: x, outcome: rejected}"
    told = tell([owed("a")], "2026-01-20 invoice: a, dispute: {id: x}", late, until="2026-02-10")
    assert [line["at"] for line in told.lines("notice")] == ["2026-02-03T16:59:00+01:00"]


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({}, "2026-01-21"),
        ({"delivered": "2026-01-19"}, "2026-01-21"),
        ({"delivered": "2026-01-26"}, "2026-01-28"),
    ],
)
def test_an_overdue_step_leaves_on_the_second_day_after_delivery_at_the_earliest(
    more: dict[str, str], day: str
) -> None:
    invoice = owed("a", due="2026-01-19", issued="2026-01-19", **more)
    told = tell([invoice], policy=NEXT_DAY, until="2026-02-10")
    assert told.sent == [f"{day} a reminder-1 100.00"]


def test_a_courtesy_gap_of_five_days_allows_the_fifth_day_after() -> None:
    told = tell([owed("a", due="2026-01-08"), owed("b", due="2026-01-09")], until="2026-01-25")
    assert told.sent == ["2026-01-15 a reminder-1 100.00", "2026-01-20 b reminder-1 100.00"]


def test_seven_days_are_a_rolling_window() -> None:
    policy = ladder(REMINDER_1, contact_budget="{per_day: 1, per_seven_days: 2, courtesy_gap: null}")
    invoices = [owed("a", due="2026-01-12"), owed("b", due="2026-01-13"), owed("c", due="2026-01-14")]
    told = tell(invoices, policy=policy, until="2026-02-10")
    assert [line[:12] for line in told.sent] == ["2026-01-19 a", "2026-01-20 b", "2026-01-26 c"]


@pytest.mark.parametrize("policy", [FROM_DUE, REMINDERS])
@pytest.mark.parametrize(
    "what",
    [
        "invoice: a, hold: {until: 2026-02-10}",
        'invoice: a, promise: {date: 2026-02-09, amount: "100.00"}',
        'invoice: a, plan: {instalments: [{due: 2026-02-07, amount: "100.00"}]}',
        "outage: {until: 2026-02-10}",
    ],
)
def test_after_a_suspension_overdue_courtesy_steps_collapse_as_after_an_outage(
    what: str, policy: str
) -> None:
    told = tell([owed("a")], f"2026-01-20 {what}", policy=policy, until="2026-02-20")
    assert told.happened == [
        "2026-02-10 a reminder-1 skipped: collapsed",
        "2026-02-10 a reminder-2 100.00",
    ]


def test_after_a_dispute_too() -> None:
    told = tell(
        [owed("a")],
        "2026-01-20 invoice: a, dispute: {id: x}",
        "2026-02-10 dispute_resolved: {id: x, outcome: rejected}",
        until="2026-02-20",
    )
    assert told.sent == ["2026-02-10 a reminder-2 100.00"]


def test_a_legal_step_leaves_after_the_overdue_courtesy_step_in_a_notice_of_its_own() -> None:
    formal = FORMAL_NOTICE.replace("anchor: previous", "anchor: due")
    told = tell(
        [owed("a")],
        "2026-01-20 invoice: a, hold: {until: 2026-02-10}",
        policy=ladder(REMINDER_1, formal),
        until="2026-02-28",
    )
    assert told.sent == ["2026-02-10 a reminder-1 100.00", "2026-02-11 a notice 100.00 by letter"]
    assert len({line["notice"] for line in told.lines("notice")}) == 2


def test_a_legal_letter_has_a_line_for_every_other_due_claim_with_the_step_it_stands_at() -> None:
    told = tell(
        [owed("a"), owed("b", due="2026-01-28"), owed("c", due="2026-01-21"), owed("e", due="2026-02-20")],
        policy=ladder(REMINDER_1, FORMAL_NOTICE),
        until="2026-02-02",
    )
    letter = [line for line in told.lines("notice") if line["channel"] == "letter"]
    assert {line["notice"] for line in letter} == {"n3"}
    assert [(line["invoice"], line["step"]) for line in letter] == [
        ("a", "notice"),
        ("b", "reminder-1"),  # which is still to come
        ("c", "reminder-1"),  # which has left
    ]
    assert told.next("b") == "2026-02-04 reminder-1"
