"""How much leaves on each day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from domain.foresee import Departure
from domain.policy import Channel

FORTNIGHT: Final = 14


@dataclass(slots=True)
class DayVolume:
    """What is to leave on one day; a notice over several invoices counts once."""

    on: date
    by_channel: Counter[Channel] = field(default_factory=Counter)
    approvals: int = 0
    """How many of them leave only if a person consents."""

    @property
    def total(self) -> int:
        return self.by_channel.total()


def volume(departures: Iterable[Departure], first: date, days: int = FORTNIGHT) -> tuple[DayVolume, ...]:
    """Every day from `first` on, also those on which nothing leaves."""
    found = {first + timedelta(days=n): DayVolume(first + timedelta(days=n)) for n in range(days)}
    add_volume(found, departures)
    return tuple(found.values())


def add_volume(days: Mapping[date, DayVolume], departures: Iterable[Departure]) -> None:
    """Count what leaves on one of the days."""
    for departure in departures:
        day = days.get(day_of(departure))
        if day and departure.channel:
            day.by_channel[departure.channel] += 1
            day.approvals += bool(departure.consented)


def day_of(departure: Departure) -> date:
    """In the zone of the policy of the one whose turn it is."""
    return departure.at.astimezone(departure.lines[0].case.policy.zone).date()
