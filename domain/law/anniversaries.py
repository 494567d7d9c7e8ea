"""The years of default begin on its first day and on the anniversaries of that day."""

from __future__ import annotations

from datetime import date


def anniversary(first: date, years: int) -> date:
    """The day `years` after `first`; 29 February has 28 February for it in common years."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:
        return date(first.year + years, 2, 28)
