"""How often one debtor may be contacted, over all invoices and channels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.facts import Contact
from domain.policy import ContactBudget, local_date

_SEVEN_DAYS = timedelta(days=7)
_DAY = timedelta(days=1)


def first_free_day(
    budget: ContactBudget,
    contacts: Iterable[Contact],
    day: date,
    zone: ZoneInfo,
    *,
    courtesy: bool,
    besides: str = "",
) -> date:
    """The first day from `day` on that the budget leaves free for one more contact.

    Any seven days hold at most so many; a courtesy contact also keeps its distance from the one before it.
    `besides`: the notice asked about, which does not stand in its own way when it is tried again.
    """
    made = [(local_date(c.at, zone), c.courtesy) for c in contacts if c.ref != besides]
    if not made:
        return day
    if courtesy and budget.courtesy_gap:
        last = max((on for on, was_courtesy in made if was_courtesy), default=None)
        if last is not None:
            day = max(day, last + timedelta(days=budget.courtesy_gap.amount))
    while not _has_room(budget, [on for on, _ in made], day):
        day += _DAY
    return day


def _has_room(budget: ContactBudget, made: list[date], day: date) -> bool:
    if budget.per_day is not None and sum(on == day for on in made) >= budget.per_day:
        return False
    return budget.per_seven_days is None or (
        sum(day - _SEVEN_DAYS < on <= day for on in made) < budget.per_seven_days
    )


@lru_cache(maxsize=256)
def longest_memory(budget: ContactBudget) -> timedelta:
    """A contact longer ago than this holds nothing back, in whichever zone."""
    return timedelta(days=days_looked_at(budget) + 1)


def days_looked_at(budget: ContactBudget) -> int:
    """How far back contacts matter."""
    gap = budget.courtesy_gap.amount if budget.courtesy_gap else 0
    return max(7, gap)
