"""The run of a debt cut into stretches over which one day's interest stays the same for the same base."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from domain.law.anniversaries import anniversary
from domain.law.interest_terms import InterestTerms

AGREED: Final = "agreed rate"
_NEVER: Final = date.max.toordinal() + 1


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


class _Rates(NamedTuple):
    """Rates by the ordinals of their first days; no two neighbours have the same percent."""

    starts: list[int]
    percents: list[Decimal]
    sources: list[str]
    guessed_from: int


@lru_cache(maxsize=2048)
def run_of(terms: InterestTerms, default: date, first: date, last: date, *, provisional: bool) -> Run:
    """The run from `first` to `last`, both inclusive, of a debt in default since the day `default`.

    Years are those of `first`: a year that bore no interest from its start is no full year. With a rate
    that changes, unknown rates are carried on whatever `provisional` says: the debt may be paid by then.
    """
    if last < first or not terms.bears_interest:
        return Run((), _NEVER)
    if terms.table is None:
        rates = _Rates([0], [terms.agreed or Decimal(0)], [AGREED], _NEVER)
    elif terms.fixed:
        rate = terms.table.at(default, provisional=provisional)
        rates = _Rates([0], [rate.percent], [rate.source], 0 if rate.provisional else _NEVER)
    else:
        rates = _changing_rates(terms)
        if first < terms.table.first:
            terms.table.at(first)  # refuses: no rate is known so early
    return Run(tuple(_cut(terms, rates, first, last)), rates.guessed_from)


@lru_cache(maxsize=256)
def _changing_rates(terms: InterestTerms) -> _Rates:
    """The whole table, an agreed rate in place of those that are not below it."""
    assert terms.table is not None  # noqa: S101 -- run_of asks only then
    found = _Rates([], [], [], terms.table.known_until.toordinal() + 1)
    rows = (
        (begin, rate.percent, rate.source)
        if terms.agreed is None or rate.percent < terms.agreed
        else (begin, terms.agreed, AGREED)
        for begin, _, rate in terms.table.periods(terms.table.first, date.max, provisional=True)
    )
    for percent, same in groupby(rows, key=lambda row: row[1]):
        begin, _, source = next(same)
        found.starts.append(begin.toordinal())
        found.percents.append(percent)
        found.sources.append(source)
    return found


def _cut(terms: InterestTerms, rates: _Rates, first: date, last: date) -> list[Stretch]:
    """Cut where the rate changes and where a year begins that compounds or has another number of days."""
    years = _years(terms, first, last)
    rate_starts = [*rates.starts, _NEVER]
    year_starts = [*(start for start, _ in years), _NEVER]
    start, end = first.toordinal(), last.toordinal() + 1
    rate, year = bisect_right(rates.starts, start) - 1, 0
    found: list[Stretch] = []
    while start < end:
        stop = min(rate_starts[rate + 1], year_starts[year + 1], end)
        percent = rates.percents[rate]
        numerator, denominator = percent.as_integer_ratio()
        denominator *= 100 * years[year][1]
        compounds = terms.compounds and start == year_starts[year]
        found.append(Stretch(start, stop, percent, rates.sources[rate], numerator, denominator, compounds))
        rate += stop == rate_starts[rate + 1]
        year += stop == year_starts[year + 1]
        start = stop
    return found


def _years(terms: InterestTerms, first: date, last: date) -> list[tuple[int, int]]:
    """The first days of the years that matter, and what a day's interest is divided by in each."""
    if not (terms.compounds or terms.by_year_of_default):
        return [(first.toordinal(), 365)]
    starts = [anniversary(first, years).toordinal() for years in range(last.year - first.year + 2)]
    found: list[tuple[int, int]] = []
    for start, following in pairwise(starts):
        days = following - start if terms.by_year_of_default else 365
        if terms.compounds or not found or days != found[-1][1]:
            found.append((start, days))
    return found
