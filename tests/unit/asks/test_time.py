"""Days and hours: nothing is lost by being late, nothing leaves too early or at the wrong hour."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.asks.telling import REMINDER_1, REMINDER_2, Owed, ladder, owed, tell

THREE_REMINDERS = ladder(REMINDER_1, REMINDER_2[:-1] + ", repeat: {every: 10d, times: 1}}")
NO_STEP_YET = ladder("{key: much-later, after: 90d, anchor: due, channel: email}")


def test_ask_01_a_missed_day_is_made_good_late_and_once() -> None:
    told = tell([owed("a")], "2026-01-20 outage: {until: 2026-01-29}", until="2026-03-01")
    assert told.sent == ["2026-01-29 a reminder-1 100.00", "2026-02-12 a reminder-2 100.00"]
    assert told.planned("reminder-1") == ["2026-01-22"]


def test_ask_01_after_a_long_outage_the_debtor_gets_one_mail_and_not_every_missed_one() -> None:
    told = tell([owed("a")], "2026-01-20 outage: {until: 2026-02-10}", until="2026-03-01")
    assert told.sent == ["2026-02-10 a reminder-2 100.00"]
    assert [(line["step"], line["at"][:10]) for line in told.lines("skipped")] == [
        ("reminder-1", "2026-02-10")
    ]


@settings(max_examples=30)
@given(begins=st.integers(0, 60), lasts=st.integers(1, 90))
def test_ask_01_after_an_outage_of_any_length_each_step_was_taken_once_or_merged(
    begins: int, lasts: int
) -> None:
    first, end = (date(2026, 1, 5) + timedelta(days=days) for days in (begins, begins + lasts))
    told = tell([owed("a")], f"{first} outage: {{until: {end}}}", policy=THREE_REMINDERS, until="2026-12-31")
    over = told.lines("notice") + told.lines("skipped")
    assert Counter(line["step"] for line in over) == Counter(("reminder-1", "reminder-2", "reminder-2.1"))
    assert all(line["planned_at"] <= line["at"] for line in over)
    assert not any(f"{first}T08:00" <= line["at"] < f"{end}" for line in over)
    days = [date.fromisoformat(line["at"][:10]) for line in told.lines("notice")]
    assert all(later - earlier >= timedelta(days=5) for earlier, later in pairwise(days))


def test_ask_03_before_the_due_date_is_before_it_and_after_is_after() -> None:
    policy = ladder(
        "{key: upcoming, after: -3d, anchor: due, channel: email}",
        "{key: two-months-late, after: 60d, anchor: due, channel: email, tone: firm}",
    )
    told = tell([owed("a", due="2026-01-15")], policy=policy, until="2026-06-01")
    assert told.sent == ["2026-01-12 a upcoming 100.00", "2026-03-16 a two-months-late 100.00"]


def test_ask_07_the_planned_day_is_kept_and_the_real_one_counts() -> None:
    told = tell([owed("a", due="2026-01-17")], until="2026-03-01")  # planned for a Saturday, sent on Monday
    assert told.sent == ["2026-01-26 a reminder-1 100.00", "2026-02-09 a reminder-2 100.00"]
    assert told.planned("reminder-1") == ["2026-01-24"]
    assert told.planned("reminder-2") == ["2026-02-09"]


@pytest.mark.parametrize(
    ("invoice", "first"),
    [
        (owed("a", due="2026-01-14", issued="2026-01-14"), "2026-01-16"),  # due on the day of its issue
        (owed("a", due="2026-01-15", delivered="2026-02-02"), "2026-02-04"),  # sent to the debtor long after
    ],
)
def test_ask_09_no_reminder_on_the_morning_after_the_invoice_itself(invoice: Owed, first: str) -> None:
    policy = ladder("{key: nudge, after: 1d, anchor: due, channel: email}")
    told = tell([invoice], policy=policy, until="2026-03-01")
    assert told.sent == [f"{first} a nudge 100.00"]


def test_ask_09_nor_along_with_the_reminder_for_another_invoice() -> None:
    policy = ladder("{key: nudge, after: 1d, anchor: due, channel: email}")
    invoices = [owed("old", due="2026-01-21"), owed("new", due="2026-01-21", issued="2026-01-21")]
    told = tell(invoices, policy=policy, until="2026-03-01")
    assert told.mails == ["2026-01-22 old 100.00", "2026-01-27 new 100.00"]


def test_ask_10_a_ladder_goes_on_over_the_turn_of_the_year() -> None:
    told = tell([owed("a", due="2025-12-27")], until="2026-03-01")
    assert told.sent == ["2026-01-05 a reminder-1 100.00", "2026-01-19 a reminder-2 100.00"]


@pytest.mark.parametrize(
    ("off", "on", "sent"),
    [
        ("2026-01-22T08:00", "2026-01-22T13:00", "2026-01-22"),  # back while the window is open
        ("2026-01-22T08:00", "2026-01-22T18:00", "2026-01-23"),
        ("2026-01-23T08:00", "2026-01-23T18:00", "2026-01-22"),
    ],
)
def test_ask_11_off_and_on_again_around_the_hour_of_sending_loses_nothing(
    off: str, on: str, sent: str
) -> None:
    policy = ladder(REMINDER_1)
    without = [f"{off} outage: {{until: {on}}}"]
    other = [f"{off} invoice: a, policy: {NO_STEP_YET}", f"{on} invoice: a, policy: {policy}"]
    for events in (without, other):
        told = tell([owed("a")], *events, policy=policy, until="2026-03-01")
        assert told.sent == [f"{sent} a reminder-1 100.00"]


def test_ask_36_nothing_leaves_at_weekends_on_holidays_or_outside_office_hours() -> None:
    told = tell(
        [owed("a", due="2026-04-20", debtor="dutch"), owed("b", due="2026-04-20", debtor="belgian")],
        debtors={"belgian": {"country": "BE"}},
        until="2026-06-01",
    )
    assert sorted(told.sent) == [
        "2026-04-27 b reminder-1 100.00",
        "2026-04-28 a reminder-1 100.00",  # King's Day is no working day in the Netherlands
        "2026-05-11 b reminder-2 100.00",
        "2026-05-12 a reminder-2 100.00",
    ]
    assert all("09:00" <= line["at"][11:16] < "17:00" for line in told.lines("notice"))


def test_ask_39_each_policy_has_its_own_hours() -> None:
    mornings = '{days: [mon, tue, wed, thu, fri], from: "09:00", to: "10:00"}'
    afternoons = '{days: [tue], from: "15:00", to: "16:00"}'
    told = tell(
        [owed("a"), owed("b", debtor="e", policy=ladder(REMINDER_1, send_window=afternoons))],
        policy=ladder(REMINDER_1, send_window=mornings),
        until="2026-03-01",
    )
    assert told.sent == ["2026-01-22 a reminder-1 100.00", "2026-01-27 b reminder-1 100.00"]
    first, second = (line["at"][11:13] for line in told.lines("notice"))
    assert (first, second) == ("09", "15")


def test_ask_60_an_announcement_may_come_a_month_ahead() -> None:
    policy = ladder(
        "{key: month, after: -30d, anchor: due, channel: email}",
        "{key: fortnight, after: -14d, anchor: due, channel: email}",
    )
    told = tell([owed("a", due="2026-01-15", issued="2025-12-01")], policy=policy, until="2026-03-01")
    # the fortnight falls on New Year's Day
    assert told.sent == ["2025-12-16 a month 100.00", "2026-01-02 a fortnight 100.00"]


def test_defect_previous_counts_from_the_sending_and_not_from_the_run_that_planned_it() -> None:
    told = tell(
        [owed("a")],
        "2026-01-21 invoice: a, hold: {until: 2026-01-26, reason: in contact}",
        until="2026-03-01",
    )
    assert told.sent == ["2026-01-26 a reminder-1 100.00", "2026-02-09 a reminder-2 100.00"]


def test_ask_36_working_days_are_those_of_the_debtors_country() -> None:
    policy = ladder("{key: reminder-1, after: 5wd, anchor: due, channel: email}", REMINDER_2)
    told = tell([owed("a", due="2026-04-01")], policy=policy, until="2026-04-20")
    assert told.sent == ["2026-04-10 a reminder-1 100.00"]  # neither Good Friday nor Easter Monday is one
