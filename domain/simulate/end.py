"""Where a case stands when a scenario is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from domain.calendar import is_sending_day
from domain.explain import explain
from domain.simulate.living import Debtor, Living
from domain.simulate.outages import Outages, awake
from domain.simulate.story import CaseEnd

_INSTANT: Final = timedelta(microseconds=1)
_LONGEST_CLOSURE: Final = 14
"""Days; nowhere are there so many holidays in a row."""


def end_of(debtor: Debtor, living: Living, outages: Outages, until: datetime) -> CaseEnd:
    """Before `until`, exclusive."""
    now = _last_look(living, until)
    debtor.inform(living)
    why = explain(living.facts, living.policy, now)
    return CaseEnd(
        stage=why.stage.value,
        open=living.facts.open,
        next_step=why.next_step,
        next_at=max(why.next_at, awake(until, outages)) if why.next_at else None,
        reasons=why.reasons,
    )


def _last_look(living: Living, until: datetime) -> datetime:
    """The last instant at which mail could leave, or when something last happened.

    By night every case that is due waits for the morning; what else holds it back shows by day.
    """
    window, zone = living.policy.window, living.policy.zone
    last = until - _INSTANT
    if window is None:
        return last
    day = last.astimezone(zone).date()
    for days in range(_LONGEST_CLOSURE):
        on = day - timedelta(days=days)
        closes = datetime.combine(on, window.closes, zone).astimezone(UTC) - _INSTANT
        if closes <= last and is_sending_day(on, window, living.facts.country):
            return max(closes, living.seen or living.facts.enrolled_at)
    return last
