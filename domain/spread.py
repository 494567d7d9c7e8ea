"""Late invoices that come in together: where each steps onto its ladder, and on which day, so many a day at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from domain.bundle import Case
from domain.calendar import is_sending_day
from domain.facts import Hold
from domain.foresee import Departure, foresee
from domain.policy import start_of_day
from domain.volume import FORTNIGHT, day_of

_DAY: Final = timedelta(days=1)
_LOOK: Final = timedelta(days=FORTNIGHT)
"""How far beyond the last hold the first contacts are looked for."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A debtor as its new invoices enter."""

    cases: tuple[Case, ...]
    """All that are open, with the holds that the spread needs."""
    held: Mapping[str, date]
    """By invoice: the day on which its hold ends, and on which it is contacted about."""
    departures: tuple[Departure, ...]
    """What leaves then if nothing happens and every approval is given at once: for two weeks, and until each new
    invoice has been contacted about."""


def spread(
    debtors: Mapping[str, Sequence[Case]],
    new: Collection[str],
    now: datetime,
    per_day: int | None,
    taken: Mapping[date, int],
    on_progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Entered]:
    """By debtor. `debtors` are all open cases of each, `new` the invoices that enter now.

    No day has more than `per_day` first contacts, as far as holding late invoices back can see to it: the oldest due
    goes first, of equals the one named first, and a notice over several invoices counts once. Invoices that are not
    late are never held; they take their place before all others. `taken`: first contacts that are planned already.
    `per_day` None: no limit. `on_progress` is told how many cases have their place.
    """
    placed = 0
    used = Counter(taken)
    late = {id_: _late(cases, new, now) for id_, cases in debtors.items()}
    found: dict[str, Entered] = {}
    for id_ in sorted(debtors, key=lambda id_: min(late[id_].values(), default=date.min)):
        found[id_] = entered = _enter(debtors[id_], new, late[id_], now, per_day, used)
        used.update(day_of(departure) for departure in first_contacts(entered.departures, new))
        on_progress(placed := placed + len(debtors[id_]))
    return found


def first_contacts(departures: Sequence[Departure], new: Collection[str]) -> Iterator[Departure]:
    """Those by which one of these invoices takes a step for the first time."""
    seen: set[str] = set()
    for departure in departures:
        moved = {line.case.facts.invoice_id for line in departure.lines if line.move}.intersection(new)
        if moved - seen:
            yield departure
        seen |= moved


def hold_id(invoice_id: str) -> str:
    """Of the hold that spreads it: the same for every attempt to enrol it."""
    return str(uuid5(UUID(invoice_id), "spread"))


def _late(cases: Sequence[Case], new: Collection[str], now: datetime) -> dict[str, date]:
    """Due dates of the new invoices that are overdue."""
    return {
        case.facts.invoice_id: case.facts.due
        for case in cases
        if case.facts.invoice_id in new and case.facts.due < now.astimezone(case.policy.zone).date()
    }


def _enter(
    cases: Sequence[Case],
    new: Collection[str],
    late: Collection[str],
    now: datetime,
    per_day: int | None,
    used: Counter[date],
) -> Entered:
    """Live through the days ahead; a contact that meets a full day is held until one that is not, until all fits."""
    ids = {case.facts.invoice_id for case in cases}
    enough, held = now.date() + _LOOK + _DAY, dict[str, date]()
    while True:
        placed = tuple(_hold(case, held.get(case.facts.invoice_id), now) for case in cases)
        attempt = _Attempt(ids.intersection(new), late, per_day, used, held, enough)
        last_day = max(held.values(), default=now.date()) + _LOOK
        departures = foresee(placed, now, last_day=last_day, approve=ids, until=attempt.is_over).departures
        if not attempt.has_failed:
            placed = tuple(_hold(case, held.get(case.facts.invoice_id), now) for case in cases)
            return Entered(placed, held, departures)


@dataclass(slots=True)
class _Attempt:
    """The days ahead with these holds, as far as they must be looked at. What meets a full day is held longer."""

    entering: set[str]
    late: Collection[str]
    per_day: int | None
    used: Mapping[date, int]
    held: dict[str, date]
    enough: date
    """Nobody asks about later days, but for first contacts."""
    has_failed: bool = False
    _own: Counter[date] = field(default_factory=Counter)
    _contacted: set[str] = field(default_factory=set)

    def is_over(self, departure: Departure) -> bool:
        moved = {line.case.facts.invoice_id for line in departure.lines if line.move} & self.entering
        day = day_of(departure)
        if moved - self._contacted:
            movable = moved.intersection(self.late)
            if movable and self._is_full(day):
                self.held |= dict.fromkeys(movable, self._next_with_room(day, departure.lines[0].case))
                self.has_failed = True
                return True
            self._own[day] += 1
            self.held |= dict.fromkeys(
                movable & self.held.keys(), day
            )  # a hold until a Saturday ends on Monday
        self._contacted |= moved
        return day > self.enough and self.entering <= self._contacted

    def _is_full(self, day: date) -> bool:
        return self.per_day is not None and self.used.get(day, 0) + self._own[day] >= self.per_day

    def _next_with_room(self, day: date, case: Case) -> date:
        window, country = case.policy.window, case.facts.country
        day += _DAY
        while self._is_full(day) or (window and not is_sending_day(day, window, country)):
            day += _DAY
        return day


def _hold(case: Case, until: date | None, now: datetime) -> Case:
    if until is None:
        return case
    hold = Hold(hold_id(case.facts.invoice_id), now, start_of_day(until, case.policy.zone))
    return Case(replace(case.facts, holds=(*case.facts.holds, hold)), case.policy)
