"""Why is this case not being chased now, and what comes next? docs/reasons.md says what each code means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.facts import Facts, StepState, StepTaken, Task, TaskKind
from domain.ladder import look_ahead
from domain.move import Move, MoveKind, Reason, ReasonCode
from domain.next_move import next_move
from domain.policy import Policy
from domain.promises import settle_promises
from domain.stages import Stage

_SUSPENDING: Final = frozenset(
    {ReasonCode.DISPUTED, ReasonCode.ON_HOLD, ReasonCode.ON_PLAN, ReasonCode.PROMISED}
)

_COMING: Final = frozenset({ReasonCode.NOT_DUE, ReasonCode.SCHEDULED, ReasonCode.AWAITING_WINDOW})


@dataclass(frozen=True, slots=True)
class Explanation:
    stage: Stage
    last_step: StepTaken | None
    """The last one that was really taken."""
    next_step: str | None
    """None: the case is over, or its ladder is exhausted."""
    next_at: datetime | None
    """When it leaves if nothing happens, not before now; None: only an event can tell."""
    reasons: tuple[Reason, ...]
    """Everything that holds the case back, weightiest first. Empty: the next step is due and is being taken."""


def explain(facts: Facts, policy: Policy, now: datetime, move: Move | None = None) -> Explanation:
    """`move`: the decision at `now`, where it is known already."""
    facts = settle_promises(facts, policy, now)
    move = move or next_move(facts, policy, now)
    reasons = _all_reasons(facts, policy, move, now)
    done = [taken for taken in facts.steps if taken.state is StepState.DONE]
    step, at = _next(facts, policy, move, reasons, now)
    return Explanation(move.stage, max(done, key=lambda t: t.at, default=None), step, at, reasons)


def _all_reasons(facts: Facts, policy: Policy, move: Move, now: datetime) -> tuple[Reason, ...]:
    """A move names what stands first in the way. Take that away and ask again, until nothing more is found."""
    found: dict[Reason, None] = {}
    asked: set[ReasonCode] = set()
    while move.reasons:
        found |= dict.fromkeys(move.reasons)
        code = move.reasons[0].code
        without = None if code in asked else _without(move, facts, policy, now)
        if without is None:
            found |= dict.fromkeys(_also_budget(move, facts, policy, now))
            break
        asked.add(code)
        facts, policy = without
        move = next_move(facts, policy, now)
    return tuple(found)


def _without(move: Move, facts: Facts, policy: Policy, now: datetime) -> tuple[Facts, Policy] | None:
    """The case without the first reason of its move; None for what nothing else can stand behind."""
    code = move.reasons[0].code
    if code in _SUSPENDING:
        disputed = any(reason.code is ReasonCode.DISPUTED for reason in move.reasons)
        disputes = () if disputed else facts.disputes
        return replace(facts, disputes=disputes, holds=(), standing_holds=(), plans=(), promises=()), policy
    match code:
        case ReasonCode.BELOW_MINIMUM:
            policy = replace(policy, minimum={})
        case ReasonCode.CONTACT_BUDGET:
            policy = replace(policy, budget=None)
        case ReasonCode.SEND_WINDOW:
            policy = replace(policy, window=None, law=replace(policy.law, contact_hours=False))
        case ReasonCode.STALE_BANK_DATA:
            policy = replace(policy, stale_money=replace(policy.stale_money, statement_age=None))
        case ReasonCode.UNALLOCATED_CASH:
            policy = replace(policy, stale_money=replace(policy.stale_money, hold_when_covered=False))
        case ReasonCode.AWAITING_APPROVAL if move.step:
            facts = _approved(facts, move.step, now)
        case _:
            return None
    return facts, policy


def _also_budget(move: Move, facts: Facts, policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """A step whose day has not come may leave later still, because the debtor hears enough of us."""
    if move.reasons[0].code not in _COMING or policy.budget is None or not facts.contacts:
        return ()
    first = look_ahead(facts, policy, now).first
    return (Reason(ReasonCode.CONTACT_BUDGET, move.wake_at),) if first and first.over_budget else ()


def _approved(facts: Facts, step: str, now: datetime) -> Facts:
    consent = Task(f"approved/{step}", TaskKind.APPROVE, facts.cycle, step, now, now, "approved")
    asked = (t for t in facts.steps if (t.cycle, t.step) != (facts.cycle, step))
    return replace(facts, steps=tuple(asked)).with_task(consent)


def _next(
    facts: Facts, policy: Policy, move: Move, reasons: tuple[Reason, ...], now: datetime
) -> tuple[str | None, datetime | None]:
    if move.kind is MoveKind.CLOSE or move.stage is Stage.HANDED_OVER:
        return None, None
    by_itself = all(reason.until for reason in reasons)
    if move.kind is not MoveKind.SUSPENDED:
        return move.step, move.wake_at if by_itself else None
    if move.step:  # it waits for a person, or for news of the bank
        return move.step, None
    free = max((reason.until for reason in move.reasons if reason.until), default=now)
    first = look_ahead(facts, policy, free).first
    if first is None:
        return None, None
    return first.step.key, first.leaves_at if by_itself else None
