"""The years of default: from the first day of default to the day before its anniversary."""

from __future__ import annotations

from datetime import date


def anniversary(first: date, years: int) -> date:
    """The day `years` after `first`; 29 February has 28 February for it in common years."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:
        return date(first.year + years, 2, 28)


def year_starts(first: date, last: date) -> list[date]:
    """`first` and its anniversaries up to and including `last`."""
    return [day for years in range(last.year - first.year + 1) if (day := anniversary(first, years)) <= last]
