"""A table of rates: which percent a year holds on which day."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Final

from domain.errors import DomainError

_DAY: Final = timedelta(days=1)
_UNCHANGED: Final = re.compile(r"unchanged since \d{4}-\d\d-\d\d: ")


class Cadence(StrEnum):
    """How often a table must have a row. Rows in between are allowed: a change of the law."""

    HALF_YEARS = "half-years"  # 1 January and 1 July
    YEARS = "years"  # 1 January
    KNOWN_HALF_YEARS = "known half-years"  # only those for which a source was found: the rest is not known

    def begins(self, day: date) -> date:
        """First day of the period that holds `day`."""
        return date(day.year, 1 if self is Cadence.YEARS or day.month < 7 else 7, 1)

    def ends(self, day: date) -> date:
        """Last day of the period that holds `day`."""
        whole_year = self is Cadence.YEARS or day.month > 6
        return date(day.year, 12, 31) if whole_year else date(day.year, 6, 30)


@dataclass(frozen=True, slots=True)
class Rate:
    percent: Decimal
    """A year; may be negative (German base rate)."""
    valid_from: date
    source: str
    provisional: bool = False
    """Carried on from the last known period."""


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates by first day, oldest first. A row holds up to the next one, at most to the end of its own period."""

    name: str
    rows: tuple[Rate, ...]
    cadence: Cadence
    _starts: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _runs: tuple[tuple[date, date, Rate], ...] = field(init=False, repr=False, compare=False)
    _run_starts: tuple[date, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        runs = tuple(_runs(self._spans()))
        object.__setattr__(self, "_starts", tuple(row.valid_from for row in self.rows))
        object.__setattr__(self, "_runs", runs)
        object.__setattr__(self, "_run_starts", tuple(first for first, _, _ in runs))

    @property
    def first(self) -> date:
        return self.rows[0].valid_from

    @property
    def known_until(self) -> date:
        """Inclusive: the last day of the last row's period."""
        return self.cadence.ends(self.rows[-1].valid_from)

    def at(self, day: date, *, provisional: bool = False) -> Rate:
        """The rate on a day; where none is known, with `provisional` the last known one, marked."""
        index = bisect_right(self._starts, day) - 1
        if index < 0:
            raise self._before(day)
        row = self.rows[index]
        if day <= self.cadence.ends(row.valid_from):
            return row
        if provisional:
            return replace(row, provisional=True)
        raise self._unknown(day)

    def periods(self, first: date, last: date, *, provisional: bool = False) -> list[tuple[date, date, Rate]]:
        """The stretches of one percent in `first`..`last`, both inclusive; none when `last` is before `first`.

        Neighbouring rows with the same percent are one stretch with the sources of all of them; what is
        provisional stays apart.
        """
        if last < first:
            return []
        index = bisect_right(self._run_starts, first) - 1
        if index < 0:
            raise self._before(first)
        found: list[tuple[date, date, Rate]] = []
        for begin, end, rate in self._runs[index:]:
            if begin > last:
                break
            if rate.provisional and not provisional:
                raise self._unknown(max(begin, first))
            found.append((max(begin, first), min(end, last), rate))
        return found

    def _spans(self) -> Iterable[tuple[date, date, Rate]]:
        """Every day from the first row on, row by row, the days nobody knows as provisional ones."""
        nexts = (*(row.valid_from for row in self.rows[1:]), None)
        for row, following in zip(self.rows, nexts, strict=True):
            until = date.max if following is None else following - _DAY
            known = min(until, self.cadence.ends(row.valid_from))
            yield row.valid_from, known, row
            if known < until:
                yield known + _DAY, until, replace(row, provisional=True)

    def _before(self, day: date) -> DomainError:
        return DomainError(
            "before_rate_table",
            f"the rates {self.name} begin on {self.first}; none is known for {day}",
            table=self.name,
            day=day.isoformat(),
            first=self.first.isoformat(),
        )

    def _unknown(self, day: date) -> DomainError:
        if day < self.known_until:
            return DomainError(
                "rate_not_known",
                f"the rates {self.name} have no source for {day}",
                table=self.name,
                day=day.isoformat(),
            )
        return DomainError(
            "rate_not_known_yet",
            f"the rates {self.name} are known until {self.known_until}; none is known yet for {day}",
            table=self.name,
            day=day.isoformat(),
            known_until=self.known_until.isoformat(),
        )


def _runs(spans: Iterable[tuple[date, date, Rate]]) -> Iterable[tuple[date, date, Rate]]:
    for _, group in groupby(spans, key=lambda span: (span[2].percent, span[2].provisional)):
        run = list(group)
        sources = dict.fromkeys(
            part for _, _, rate in run for part in _UNCHANGED.sub("", rate.source).split("; ")
        )
        yield run[0][0], run[-1][1], replace(run[0][2], source="; ".join(sources))
