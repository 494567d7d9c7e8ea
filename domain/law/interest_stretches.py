"""The run of a debt cut into stretches over which one day's interest stays the same for the same base."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from domain.law.anniversaries import anniversary, year_starts
from domain.law.interest_terms import InterestTerms

_DAY: Final = timedelta(days=1)
_NEVER: Final = date.max.toordinal() + 1
AGREED: Final = "agreed rate"


class Stretch(NamedTuple):
    """Days are ordinals; interest on `base` cents for n days is base * n * numerator / denominator cents."""

    first: int
    end: int
    """Exclusive."""
    percent: Decimal
    source: str
    numerator: int
    denominator: int
    compounds: bool
    """At the start of its first day unpaid interest joins the base."""


class Run(NamedTuple):
    stretches: tuple[Stretch, ...]
    guessed_from: int
    """Ordinal of the first day whose rate is only carried on from the last known one."""


class _Percent(NamedTuple):
    first: date
    percent: Decimal
    source: str


@lru_cache(maxsize=2048)
def run_of(terms: InterestTerms, default: date, first: date, last: date, *, provisional: bool) -> Run:
    """The run from `first` to `last`, both inclusive, of a debt in default since the day `default`.

    Years are those of `first`: a year that bore no interest from its start is no full year. With a rate
    that changes, unknown rates are carried on whatever `provisional` says: the debt may be paid by then.
    """
    if last < first or not terms.bears_interest:
        return Run((), _NEVER)
    percents, guessed_from = _percents(terms, default, first, last, provisional=provisional)
    years = year_starts(first, last) if terms.compounds or terms.by_year_of_default else [first]
    return Run(tuple(_cut(terms, percents, years, last)), guessed_from)


def _percents(
    terms: InterestTerms, default: date, first: date, last: date, *, provisional: bool
) -> tuple[list[_Percent], int]:
    table, agreed = terms.table, terms.agreed
    if table is None:
        return [_Percent(first, agreed or Decimal(0), AGREED)], _NEVER
    if terms.fixed:
        rate = table.at(default, provisional=provisional)
        start = first.toordinal() if rate.provisional else _NEVER
        return [_Percent(first, rate.percent, rate.source)], start
    rows = table.periods(first, last, provisional=True)
    return (
        [
            _Percent(begin, rate.percent, rate.source)
            if agreed is None or rate.percent < agreed
            else _Percent(begin, agreed, AGREED)
            for begin, _, rate in rows
        ],
        table.known_until.toordinal() + 1,
    )


def _cut(terms: InterestTerms, percents: list[_Percent], years: list[date], last: date) -> list[Stretch]:
    """Cut at changes of the rate and at anniversaries; what does not differ from its neighbour is one."""
    rates, anniversaries = {row.first: row for row in percents}, set(years[1:])
    days = sorted({*rates, *years})
    found: list[Stretch] = []
    row, year = percents[0], 0
    for day, following in zip(days, [*days[1:], last + _DAY], strict=True):
        row = rates.get(day, row)
        year += day in anniversaries
        numerator, denominator = row.percent.as_integer_ratio()
        days_of_year = (
            (anniversary(years[0], year + 1) - years[year]).days if terms.by_year_of_default else 365
        )
        denominator *= 100 * days_of_year
        compounds = terms.compounds and day in anniversaries
        before = found[-1] if found else None
        if before and not compounds and (before.percent, before.denominator) == (row.percent, denominator):
            found[-1] = before._replace(end=following.toordinal())
        else:
            ends = (day.toordinal(), following.toordinal())
            found.append(Stretch(*ends, row.percent, row.source, numerator, denominator, compounds))
    return found
