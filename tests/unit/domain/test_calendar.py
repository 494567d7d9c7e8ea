"""Days and hours on which mail leaves: weekends, holidays, summer time; and the laws of `sending_moment`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import is_open, is_public_holiday, is_sending_day, sending_moment, slot
from domain.policy import Duration, SendWindow, deadline, start_of_day
from tests.support.facts import AMSTERDAM, OFFICE_HOURS, a_case, a_policy, at
from tests.unit.domain.story import Story


@pytest.mark.parametrize(
    ("country", "day", "first_sending_day"),
    [
        ("NL", "2026-04-06", "2026-04-07"),  # Easter Monday
        ("NL", "2026-04-27", "2026-04-28"),  # King's Day
        ("BE", "2026-04-27", "2026-04-27"),
        ("NL", "2026-05-01", "2026-05-01"),
        ("BE", "2026-05-01", "2026-05-04"),  # Labour Day, a Friday
        ("NL", "2026-05-14", "2026-05-15"),  # Ascension
        ("BE", "2026-07-21", "2026-07-22"),  # National Day
        ("BE", "2026-11-11", "2026-11-12"),  # Armistice
        ("NL", "2026-12-25", "2026-12-28"),  # Christmas and the weekend after it
        ("NL", "2026-03-07", "2026-03-09"),  # a Saturday
        ("XK", "2026-04-27", "2026-04-27"),  # no holidays known
    ],
)
def test_mail_waits_for_the_debtors_next_sending_day(country: str, day: str, first_sending_day: str) -> None:
    leaves = sending_moment(
        at(day), at(day), OFFICE_HOURS, AMSTERDAM, country, timedelta(hours=10, minutes=30)
    )
    assert leaves == at(f"{first_sending_day} 10:30")


def test_a_ladder_steps_over_weekends_and_holidays() -> None:
    story = Story(a_policy("one 1d", "two 1d previous"), a_case(due="2026-05-12"))  # before Ascension
    assert [line[:10] for line in story.until("2026-06-01").log] == ["2026-05-13", "2026-05-15"]


def test_the_window_opens_at_its_first_minute_and_is_closed_at_its_last() -> None:
    moments = ("2026-01-22 08:59:59", "2026-01-22 09:00", "2026-01-22 16:59:59", "2026-01-22 17:00")
    assert [is_open(OFFICE_HOURS, at(m), AMSTERDAM, "NL") for m in moments] == [False, True, True, False]


def test_holidays_count_as_sending_days_where_the_policy_says_so() -> None:
    window = SendWindow(frozenset(range(7)), time(9), time(17), skip_holidays=False)
    assert is_sending_day(date(2026, 12, 25), window, "NL")
    assert is_public_holiday(date(2026, 12, 25), "NL")


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_on_the_days_the_clock_changes_the_window_keeps_local_time(day: str) -> None:
    window = SendWindow(frozenset(range(7)), time(9), time(17), skip_holidays=True)
    leaves = sending_moment(at(day), at(day), window, AMSTERDAM, "NL", timedelta(hours=10, minutes=30))
    assert leaves.astimezone(AMSTERDAM).isoformat()[:16] == f"{day}T10:30"


def test_days_are_calendar_days_also_when_one_has_23_hours() -> None:
    assert Duration(1, "d").after(at("2026-03-28 15:00"), AMSTERDAM) == at("2026-03-29")
    assert Duration(2, "d").after(at("2026-03-28 15:00"), AMSTERDAM) == at("2026-03-30")
    assert at("2026-03-30") - at("2026-03-29") == timedelta(hours=23)


def test_seconds_are_seconds_also_in_the_hour_that_comes_twice() -> None:
    local = datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM)
    assert Duration(3600, "s").after(local, AMSTERDAM) - local.astimezone(UTC) == timedelta(hours=1)


def test_in_the_hour_that_comes_twice_nothing_leaves_before_its_moment() -> None:
    window = SendWindow(frozenset(range(7)), time(0), time(6), skip_holidays=False)
    earliest = datetime(2026, 10, 25, 2, 10, tzinfo=AMSTERDAM, fold=1)
    leaves = sending_moment(earliest, earliest, window, AMSTERDAM, "NL", timedelta(hours=2, minutes=30))
    assert leaves >= earliest.astimezone(UTC)


def test_invoices_of_a_debtor_share_a_minute_and_debtors_spread_over_the_window() -> None:
    invoices = {slot(OFFICE_HOURS, "debtor", f"invoice-{n}") for n in range(50)}
    minute = timedelta(minutes=1)
    assert len({s // minute for s in invoices}) == 1
    assert len(invoices) > 20
    minutes = sorted(slot(OFFICE_HOURS, f"debtor-{n}", "i") // minute for n in range(500))
    assert minutes[0] < 9 * 60 + 15
    assert 15 * 60 + 55 < minutes[-1] < 16 * 60 + 12  # the last tenth is kept free


@given(opens=st.integers(0, 1438), length=st.integers(1, 1439), debtor=st.text(max_size=5))
def test_every_slot_lies_within_its_window(opens: int, length: int, debtor: str) -> None:
    closes = min(opens + length, 1439)
    window = SendWindow(frozenset({0}), _clock(opens), _clock(closes), skip_holidays=False)
    clock = (datetime(2026, 1, 1) + slot(window, debtor, "i")).time()  # noqa: DTZ001
    assert window.opens <= clock < window.closes


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


ZONES = [AMSTERDAM, ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")]
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
windows = st.builds(
    SendWindow,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.sampled_from([time(6), time(9), time(12, 30)]),
    closes=st.sampled_from([time(13), time(17), time(23, 59)]),
    skip_holidays=st.booleans(),
)


@given(
    window=windows,
    zone=st.sampled_from(ZONES),
    country=st.sampled_from(["NL", "BE", "DE"]),
    earliest=moments,
    ahead=st.timedeltas(timedelta(0), timedelta(days=40)),
    now=moments,
    debtor=st.sampled_from("abcdef"),
)
def test_laws_of_the_sending_moment(
    window: SendWindow,
    zone: ZoneInfo,
    country: str,
    earliest: datetime,
    ahead: timedelta,
    now: datetime,
    debtor: str,
) -> None:
    at_ = slot(window, debtor, "i")
    leaves = sending_moment(earliest, now, window, zone, country, at_)
    assert leaves >= earliest
    assert is_open(window, leaves, zone, country)
    assert leaves >= now or is_open(window, now, zone, country)
    later = sending_moment(earliest + ahead, now, window, zone, country, at_)
    assert max(later, now) >= max(leaves, now)
    if leaves > now:  # asked again when it wakes, it may leave: no second wait
        assert sending_moment(earliest, leaves, window, zone, country, at_) <= leaves


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), days=st.integers(0, 30), zone=st.sampled_from(ZONES)
)
def test_a_date_counts_through_its_whole_day_and_its_grace(day: date, days: int, zone: ZoneInfo) -> None:
    late_from = deadline(day, Duration(days, "d"), zone)
    last = (late_from - timedelta(seconds=1)).astimezone(zone).date()
    assert last == day + timedelta(days=days)
    assert late_from == start_of_day(late_from.astimezone(zone).date(), zone)


@given(moment=moments, seconds=st.integers(0, 1000))
def test_a_moment_counts_to_the_second_and_takes_no_grace_in_days(moment: datetime, seconds: int) -> None:
    assert deadline(moment, Duration(seconds, "s"), AMSTERDAM) == moment + timedelta(seconds=seconds)
    assert deadline(moment, Duration(seconds, "d"), AMSTERDAM) == moment
