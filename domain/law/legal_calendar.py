"""The days that count for the law, which are not always the days a bank or an office counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays
from dateutil.easter import easter  # type: ignore[import-untyped]

_SATURDAY: Final = 5

KNOWN_YEARS: Final = range(2000, 2100)

NL_DECREE_DAYS: Final = frozenset({date(2024, 5, 10), date(2024, 12, 27)})
"""Equated with holidays by royal decree, as reported by the trade (nvi.nl). New ones are added here."""

BE_SATURDAY_WORKS: Final = False
"""Whether a Saturday counts as a working day of Book XIX was found nowhere: without it terms start later."""


@dataclass(frozen=True, slots=True)
class LegalCalendar:
    """Holidays and working days of a country (ISO 3166). A country whose holidays are unknown has none.

    `safe` holidays are those that some hold to be holidays: good for terms that must not end too early.
    """

    country: str
    extra: frozenset[date] = frozenset()
    """Further holidays."""

    def is_legal_holiday(self, day: date, *, safe: bool = False) -> bool:
        """Sundays are no holidays by themselves."""
        return day in self.extra or day in _legal_holidays(self.country, day.year, safe)

    def is_working_day(self, day: date, *, safe: bool = False) -> bool:
        """Monday to Friday, but for holidays."""
        weekday = day.weekday()
        works = weekday < _SATURDAY or (weekday == _SATURDAY and self.country == "BE" and BE_SATURDAY_WORKS)
        return works and not self.is_legal_holiday(day, safe=safe)

    def working_days_after(self, day: date, n: int, *, safe: bool = False) -> date:
        """The `n`th working day after `day`; `day` itself for 0."""
        for _ in range(n):
            day = self.working_day_from(day + timedelta(days=1), safe=safe)
        return day

    def working_day_from(self, day: date, *, safe: bool = False) -> date:
        """The first working day on or after `day`."""
        while not self.is_working_day(day, safe=safe):
            day += timedelta(days=1)
        return day


@lru_cache(maxsize=512)
def _legal_holidays(country: str, year: int, safe: bool) -> frozenset[date]:  # noqa: FBT001 -- a cache key
    if country == "NL":
        return _dutch(year) | (_dutch_safe(year) if safe else frozenset())
    # England has more bank holidays than the kingdom as a whole; German states have more than counted here.
    subdivision = "ENG" if country == "GB" else None
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:
        return frozenset()


def _dutch(year: int) -> frozenset[date]:
    """Art. 3 Algemene termijnenwet: 5 May every year, which `holidays` has only every fifth."""
    moveable = (easter(year) + timedelta(days=days) for days in (0, 1, 39, 49, 50))
    fixed = (date(year, month, day) for month, day in ((1, 1), (5, 5), (12, 25), (12, 26)))
    return frozenset((*moveable, *fixed, _kings_day(year)))


def _dutch_safe(year: int) -> frozenset[date]:
    """Equated with holidays: Good Friday (art. 3 para 2 Algemene termijnenwet) and the days of decrees."""
    return NL_DECREE_DAYS | {easter(year) - timedelta(days=2)}


def _kings_day(year: int) -> date:
    """Never on a Sunday. Until 2013 it was Queen's Day."""
    day = date(year, 4, 27) if year >= 2014 else date(year, 4, 30)
    return day - timedelta(days=1) if day.weekday() == 6 else day
