"""Holidays and working days of the law."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.law.legal_calendar import LegalCalendar

NL, BE = LegalCalendar("NL"), LegalCalendar("BE")


def _holidays(calendar: LegalCalendar, year: int, *, safe: bool = False) -> list[str]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [f"{d:%m-%d}" for d in days if d.year == year and calendar.is_legal_holiday(d, safe=safe)]


def test_the_dutch_holidays_of_2026_are_these_and_no_others() -> None:
    """Art. 3 Algemene termijnenwet; 5 May although 2026 is no lustrum, Good Friday (3 April) not."""
    assert _holidays(NL, 2026) == [
        *("01-01", "04-05", "04-06", "04-27", "05-05", "05-14", "05-24", "05-25", "12-25", "12-26")
    ]


def test_the_safe_calendar_adds_good_friday_and_the_days_of_decrees() -> None:
    """Good Friday: art. 3 para 2 Algemene termijnenwet; 2024: 10 May and 27 December, as nvi.nl reads art. 4.2 Bki."""
    assert set(_holidays(NL, 2026, safe=True)) - set(_holidays(NL, 2026)) == {"04-03"}
    assert set(_holidays(NL, 2024, safe=True)) - set(_holidays(NL, 2024)) == {"03-29", "05-10", "12-27"}


@pytest.mark.parametrize(
    ("year", "day"), [(2025, "04-26"), (2026, "04-27"), (2014, "04-26"), (2013, "04-30"), (2012, "04-30")]
)
def test_kings_day_is_never_on_a_sunday(year: int, day: str) -> None:
    assert [d for d in _holidays(NL, year) if "04-25" < d < "05-01"][-1] == day


def test_the_ten_belgian_holidays_of_2026() -> None:
    """Law of 4 January 1974; Easter Sunday and Whit Sunday are Sundays anyway."""
    sundays = {"04-05", "05-24"}
    assert set(_holidays(BE, 2026)) - sundays == {
        *("01-01", "04-06", "05-01", "05-14", "05-25", "07-21", "08-15", "11-01", "11-11", "12-25")
    }


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("DE", "2026-10-03"),
        ("FR", "2026-07-14"),
        ("GB", "2026-08-31"),
        ("GB", "2026-04-06"),
        ("GB", "2026-12-28"),
    ],
)
def test_other_countries_have_their_public_holidays(country: str, day: str) -> None:
    assert LegalCalendar(country).is_legal_holiday(date.fromisoformat(day))


def test_a_country_without_known_holidays_has_only_weekends() -> None:
    somewhere = LegalCalendar("ZZ")
    assert _holidays(somewhere, 2026) == []
    assert not somewhere.is_working_day(date(2026, 1, 3))


@pytest.mark.parametrize(
    ("calendar", "day", "n", "expected"),
    [
        (BE, "2026-04-02", 0, "2026-04-02"),
        (BE, "2026-04-02", 3, "2026-04-08"),  # Friday, Tuesday, Wednesday: Easter Monday is none
        (BE, "2026-04-30", 1, "2026-05-04"),  # 1 May is a Friday
        (NL, "2026-05-04", 1, "2026-05-06"),
    ],
)
def test_working_days_are_monday_to_friday_without_holidays(
    calendar: LegalCalendar, day: str, n: int, expected: str
) -> None:
    assert calendar.working_days_after(date.fromisoformat(day), n) == date.fromisoformat(expected)


@given(st.sampled_from(["NL", "BE", "DE", "FR", "GB"]), st.dates(date(2000, 1, 1), date(2099, 12, 1)))
def test_whatever_is_a_holiday_is_one_in_the_safe_calendar(country: str, day: date) -> None:
    calendar = LegalCalendar(country)
    assert calendar.is_legal_holiday(day, safe=True) >= calendar.is_legal_holiday(day)
    assert calendar.is_working_day(day) >= calendar.is_working_day(day, safe=True)
