"""Where a case stands when a scenario is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from domain.calendar import is_sending_day
from domain.ladder import look_ahead
from domain.move import Move, MoveKind
from domain.next_move import next_move
from domain.preview import planned_steps
from domain.promises import settle_promises
from domain.simulate.living import Debtor, Living
from domain.simulate.outages import Outages, awake
from domain.simulate.story import CaseEnd
from domain.stages import Stage

_INSTANT: Final = timedelta(microseconds=1)
_LONGEST_CLOSURE: Final = 14
"""Days; nowhere are there so many holidays in a row."""


def end_of(debtor: Debtor, living: Living, outages: Outages, until: datetime) -> CaseEnd:
    """Before `until`, exclusive."""
    now = _last_look(living, until)
    debtor.inform(living)
    living.facts = settle_promises(living.facts, living.policy, now)
    move = next_move(living.facts, living.policy, now)
    step, at = _next(living, move, now)
    return CaseEnd(
        stage=move.stage.value,
        open=living.facts.open,
        next_step=step,
        next_at=max(at, awake(until, outages)) if at else None,
        reasons=move.reasons,
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


def _next(living: Living, move: Move, now: datetime) -> tuple[str | None, datetime | None]:
    """The step that comes next, and when unless only an event can tell."""
    if move.kind is MoveKind.CLOSE or move.stage is Stage.HANDED_OVER:
        return None, None
    if move.kind is not MoveKind.SUSPENDED:
        return move.step, move.wake_at
    if planned := planned_steps(living.facts, living.policy, move, now) if not move.step else []:
        return planned[0].step.key, planned[0].leaves_at
    ahead = look_ahead(living.facts, living.policy, now)
    return move.step or (ahead.first.step.key if ahead.first else None), None
