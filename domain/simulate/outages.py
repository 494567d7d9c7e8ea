"""Times in which nothing runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.simulate.scenario import ScenarioEvent

Outages = tuple[tuple[datetime, datetime], ...]
"""First moment of each, and first moment after it."""


def outages_of(events: Iterable[ScenarioEvent]) -> Outages:
    return tuple((e.at, e.until) for e in events if e.kind == "outage" and isinstance(e.until, datetime))


def awake(moment: datetime, outages: Outages) -> datetime:
    """The moment itself, or the end of the outage in which it lies."""
    for begins, ends in outages:  # in order: one may run on into the next
        if begins <= moment < ends:
            moment = ends
    return moment


def as_noticed(events: Iterable[ScenarioEvent]) -> list[tuple[datetime, ScenarioEvent]]:
    """Every event with the moment at which it is taken in: what happens during an outage waits for its end."""
    told, outages = [], Outages()
    for event in events:
        if event.kind == "outage":
            outages += outages_of((event,))
        else:
            told.append((awake(event.at, outages), event))
    return told
