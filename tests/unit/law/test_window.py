"""From sending to the first day of costs: worked examples, edges of the calendar, and the laws of windows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.legal_calendar import LegalCalendar
from domain.law.window import Window, legal_window, window_in

CONSUMER = DebtorKind.CONSUMER
COUNTRIES = ["NL", "BE", "DE", "FR", "GB"]


def _days(window: Window) -> list[str]:
    days = (window.deemed_delivery, window.first_day, window.last_day, window.costs_from)
    return [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("sent", "delivered", "last_day"),
    [
        ("2026-11-17", "2026-11-19", "2026-12-03"),  # Tuesday: Thursday
        ("2026-11-18", "2026-11-20", "2026-12-04"),
        ("2026-11-19", "2026-11-21", "2026-12-05"),  # Thursday: Saturday; ends on one too
        ("2026-11-20", "2026-11-24", "2026-12-08"),  # Friday: Saturday and Tuesday
        ("2026-11-21", "2026-11-25", "2026-12-09"),  # Saturday
        ("2026-11-22", "2026-11-25", "2026-12-09"),  # Sunday
        ("2026-11-23", "2026-11-25", "2026-12-09"),  # Monday: counts as a day of sending
        ("2026-04-01", "2026-04-03", "2026-04-17"),  # Good Friday is a day of delivery
        ("2026-04-02", "2026-04-04", "2026-04-18"),
        ("2026-04-03", "2026-04-07", "2026-04-21"),  # over Easter: Saturday and Tuesday
        ("2026-04-24", "2026-04-28", "2026-05-12"),  # King's Day is a Monday: skipped once
        ("2026-05-01", "2026-05-06", "2026-05-20"),  # 5 May is a Tuesday: Saturday and Wednesday
        ("2026-05-12", "2026-05-15", "2026-05-29"),  # over Ascension
        ("2026-12-24", "2026-12-30", "2027-01-13"),  # both days of Christmas, Sunday, Monday
    ],
)
def test_a_dutch_letter_counts_as_delivered_on_the_second_day_of_delivery(
    sent: str, delivered: str, last_day: str
) -> None:
    """HR 25 November 2016, ECLI:NL:HR:2016:2704: Sundays, Mondays and holidays do not count."""
    window = legal_window("NL", CONSUMER, "post", date.fromisoformat(sent))
    day = timedelta(days=1)
    assert window.deemed_delivery == date.fromisoformat(delivered)
    assert window.first_day == window.deemed_delivery + day
    assert window.last_day == date.fromisoformat(last_day) == window.deemed_delivery + 14 * day
    assert window.costs_from == window.last_day + day


def test_a_dutch_e_mail_counts_as_received_the_next_day_even_on_a_sunday() -> None:
    """Art. 3:37 BW, the receipt theory."""
    window = legal_window("NL", CONSUMER, "email", date(2026, 11, 21))
    assert _days(window) == ["2026-11-22", "2026-11-23", "2026-12-06", "2026-12-07"]


@pytest.mark.parametrize(
    ("channel", "sent", "expected"),
    [
        # Delivered on Thursday 19 November and three days later; the 6th of December is a Sunday.
        ("post", "2026-11-17", ["2026-11-22", "2026-11-23", "2026-12-07", "2026-12-08"]),
        # Good Friday does not count: Saturday 4 and Tuesday 7 April. Ends on Friday 24 April.
        ("post", "2026-04-02", ["2026-04-10", "2026-04-11", "2026-04-24", "2026-04-25"]),
        # The Saturday after Ascension, the 16th: to Monday.
        ("email", "2026-04-28", ["2026-05-02", "2026-05-03", "2026-05-18", "2026-05-19"]),
        # Ends on Good Friday 2026: over Easter to Tuesday.
        ("email", "2026-03-16", ["2026-03-20", "2026-03-21", "2026-04-07", "2026-04-08"]),
    ],
)
def test_a_safe_dutch_window_has_the_buffer_good_friday_and_a_last_day_that_is_a_working_day(
    channel: Literal["post", "email"], sent: str, expected: list[str]
) -> None:
    """Art. 1 and 3 Algemene termijnenwet, taken for the letter as well."""
    window = legal_window("NL", CONSUMER, channel, date.fromisoformat(sent), buffer_days=3, safe=True)
    assert _days(window) == expected


@pytest.mark.parametrize(
    ("channel", "sent", "expected"),
    [
        ("post", "2026-11-17", ["2026-11-20", "2026-11-20", "2026-12-03", "2026-12-04"]),
        ("post", "2026-11-09", ["2026-11-13", "2026-11-13", "2026-11-26", "2026-11-27"]),  # over Armistice
        ("post", "2026-04-02", ["2026-04-08", "2026-04-08", "2026-04-21", "2026-04-22"]),  # over Easter
        ("post", "2026-11-20", ["2026-11-25", "2026-11-25", "2026-12-08", "2026-12-09"]),  # Saturday is none
        ("email", "2026-11-17", ["2026-11-17", "2026-11-18", "2026-12-01", "2026-12-02"]),
    ],
)
def test_a_belgian_reminder_waits_14_days_from_the_third_working_day_or_the_day_after_an_e_mail(
    channel: Literal["post", "email"], sent: str, expected: list[str]
) -> None:
    """Book XIX CEL, as elegis.be and creno.be explain it."""
    assert _days(legal_window("BE", CONSUMER, channel, date.fromisoformat(sent))) == expected


def test_a_safe_belgian_window_starts_later_by_the_buffer_and_ends_on_a_working_day() -> None:
    window = legal_window("BE", CONSUMER, "post", date(2026, 11, 17), buffer_days=3, safe=True)
    assert _days(window) == ["2026-11-23", "2026-11-23", "2026-12-07", "2026-12-08"]  # the 6th is a Sunday


@pytest.mark.parametrize("country", ["DE", "FR", "GB"])
def test_elsewhere_a_notice_counts_from_the_third_working_day_or_the_day_after_an_e_mail(
    country: str,
) -> None:
    post = legal_window(country, CONSUMER, "post", date(2026, 11, 17), days=7)
    assert _days(post) == ["2026-11-20", "2026-11-21", "2026-11-27", "2026-11-28"]
    email = legal_window(country, CONSUMER, "email", date(2026, 11, 17), days=7)
    assert _days(email) == ["2026-11-18", "2026-11-19", "2026-11-25", "2026-11-26"]


@pytest.mark.parametrize(
    ("country", "channel", "sent", "days", "code", "field"),
    [
        ("ES", "post", date(2026, 1, 2), 14, "unknown_country", "country"),
        ("NL", "fax", date(2026, 1, 2), 14, "unknown_channel", "channel"),
        ("NL", "post", date(2026, 1, 2), 0, "term_too_short", "days"),
        ("NL", "post", date(9999, 12, 31), 14, "day_out_of_range", "sent"),
        ("NL", "post", date(1999, 12, 31), 14, "day_out_of_range", "sent"),
    ],
)
def test_a_window_that_cannot_be_counted_names_the_field(
    country: str, channel: Literal["post", "email"], sent: date, days: int, code: str, field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        legal_window(country, CONSUMER, channel, sent, days=days)
    assert (caught.value.code, caught.value.values["field"]) == (code, field)


_SENT = st.dates(date(2000, 1, 1), date(2099, 1, 1))
_CHANNELS = st.sampled_from(["post", "email"])


@given(st.sampled_from(COUNTRIES), _CHANNELS, _SENT, st.sets(st.integers(-3, 40), max_size=8), st.booleans())
def test_a_window_never_ends_earlier_when_holidays_are_added(
    country: str, channel: str, sent: date, offsets: set[int], safe: bool
) -> None:
    extra = frozenset(sent + timedelta(days=n) for n in offsets)
    before, after = (
        window_in(LegalCalendar(country, added), channel, sent, days=14, safe=safe)
        for added in (frozenset[date](), extra)
    )
    assert before.deemed_delivery <= after.deemed_delivery
    assert before.costs_from <= after.costs_from


@given(st.sampled_from(COUNTRIES), _CHANNELS, _SENT, st.integers(0, 30), st.booleans())
def test_a_later_sending_never_makes_costs_due_earlier(
    country: str, channel: Literal["post", "email"], sent: date, later: int, safe: bool
) -> None:
    first = legal_window(country, CONSUMER, channel, sent, safe=safe)
    second = legal_window(country, CONSUMER, channel, sent + timedelta(days=later), safe=safe)
    assert first.costs_from <= second.costs_from


@given(st.sampled_from(COUNTRIES), _CHANNELS, _SENT, st.integers(0, 10), st.integers(1, 60))
def test_the_debtor_has_all_the_days_and_the_safe_window_is_never_shorter(
    country: str, channel: Literal["post", "email"], sent: date, buffer: int, days: int
) -> None:
    plain = legal_window(country, CONSUMER, channel, sent, days=days)
    safe = legal_window(country, CONSUMER, channel, sent, days=days, buffer_days=buffer, safe=True)
    assert (plain.costs_from - plain.first_day).days == days <= (safe.costs_from - safe.first_day).days
    assert sent < plain.first_day
    assert plain.costs_from + timedelta(days=buffer) <= safe.costs_from
