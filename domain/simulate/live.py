"""The days of one debtor: at each moment first what happens, then what every case does whose time has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.apply_event import apply_event
from domain.events import Event
from domain.move import Move, MoveKind
from domain.next_move import next_move
from domain.plan_instalments import PlanFacts, PlanMove, PlanMoveKind, PlanState, next_plan_move
from domain.promises import settle_promises
from domain.simulate.happen import happen
from domain.simulate.living import NEVER, Debtor, Living
from domain.simulate.outages import Outages, awake
from domain.simulate.scenario import ScenarioEvent
from domain.simulate.send import give_to_a_person, send
from domain.stages import EventKind

Noticed = tuple[datetime, ScenarioEvent]
"""An event with the moment at which it is taken in."""


def live(debtor: Debtor, events: Sequence[Noticed], outages: Outages, until: datetime) -> None:
    """Up to `until`, exclusive. Events are in order of time."""
    coming = 0
    while True:
        told_at = events[coming][0] if coming < len(events) else NEVER
        now = min(told_at, awake(min(living.wake for living in debtor.cases), outages))
        if now >= until:
            return
        while coming < len(events) and events[coming][0] == now:
            happen(debtor, events[coming][1], now)
            coming += 1
        debtor.spread_cash(now)
        _act(debtor, outages, now)


def _act(debtor: Debtor, outages: Outages, now: datetime) -> None:
    """Nothing may act in an outage, even if something happens at its very beginning."""
    if awake(now, outages) != now:
        return
    while due := [living for living in debtor.cases if living.wake <= now]:
        _decide(debtor, min(due, key=lambda living: living.wake), now)


def _decide(debtor: Debtor, living: Living, now: datetime) -> None:
    debtor.inform(living)
    living.seen = now
    living.facts = settle_promises(living.facts, living.policy, now)
    plan = _advance_plan(living, now)
    move = next_move(living.facts, living.policy, now)
    debtor.tell_stage(living, move, now)
    if move.kind is MoveKind.PERFORM:
        send(debtor, living, move, now)
    elif move.kind in (MoveKind.ASK_APPROVAL, MoveKind.BLOCK):
        give_to_a_person(debtor, living, move, now)
    else:
        living.wake = _wake(debtor, living, move, plan, now)


def _wake(debtor: Debtor, living: Living, move: Move, plan: PlanMove | None, now: datetime) -> datetime:
    if move.kind is MoveKind.CLOSE:
        return NEVER
    wake = move.wake_at or NEVER
    if plan and plan.wake_at:
        wake = min(wake, plan.wake_at)
    if "stage" in debtor.kinds or len(living.facts.terms) > 1:
        wake = min(wake, living.next_late_day(now))
    return wake


def _advance_plan(living: Living, now: datetime) -> PlanMove | None:
    """The move of the plan that runs on; one that is over has told the case."""
    plan, facts = living.plan, living.facts
    if plan is None:
        return None
    judged = PlanFacts(
        plan_id=plan.id,
        debtor_id=facts.debtor_id,
        country=facts.country,
        mailable=facts.mailable,
        state=PlanState.ACTIVE,
        agreed_at=plan.agreed_at,
        open_then=plan.open_then,
        open_now=facts.open,
        instalments=plan.instalments,
    )
    move = next_plan_move(judged, living.policy, now)
    if move.kind is PlanMoveKind.WAIT:
        return move
    kind = EventKind.PLAN_COMPLETED if move.kind is PlanMoveKind.COMPLETE else EventKind.PLAN_BROKEN
    living.facts = apply_event(
        facts, Event(kind=kind, event_id=f"{plan.id}/end", ref=plan.id), living.policy, now
    )
    living.plan = None
    return None
