"""The decision: what now for this case? Pure, so that live cases, previews and tests share it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.facts import Ending, Facts, StepState, StepTaken
from domain.ladder import Ahead, Milestone, expires_at, is_expired, look_ahead
from domain.law.obstacle import is_unlawful, window_ends
from domain.move import Move, MoveKind, PassedOver, Reason, ReasonCode
from domain.policy import Anchor, Channel, Policy, Step, deadline, start_of_day
from domain.stages import Stage

SENDING_LEASE = timedelta(seconds=30)
"""A sending without outcome may still be under way for this long; longer than every SMTP timeout together."""

_FOR_GOOD = datetime.max.replace(tzinfo=UTC)
_ENDED = {Ending.WRITTEN_OFF: ReasonCode.WRITTEN_OFF, Ending.WITHDRAWN: ReasonCode.WITHDRAWN}


def stage_of(facts: Facts, policy: Policy, now: datetime) -> Stage:
    """The stage the facts amount to. Of several reasons that suspend a case the weightiest counts."""
    return _stage(facts, policy, now, suspensions(facts, policy, now))


def _stage(facts: Facts, policy: Policy, now: datetime, suspended: tuple[Reason, ...]) -> Stage:
    if facts.ending:
        return Stage(facts.ending.value)
    if not facts.open:
        return Stage.SETTLED
    if any(_is_hand_over(t, policy) and t.state is StepState.DONE for t in facts.steps):
        return Stage.HANDED_OVER
    if suspended:
        return _STAGE_BY_REASON[suspended[0].code]
    if any(_awaits_approval(step, facts, policy, now) for step in policy.steps):
        return Stage.AWAITING_APPROVAL
    return Stage.NOT_DUE if now.astimezone(policy.zone).date() <= facts.due else Stage.CHASING


_STAGE_BY_REASON = {
    ReasonCode.DISPUTED: Stage.DISPUTED,
    ReasonCode.ON_HOLD: Stage.ON_HOLD,
    ReasonCode.ON_PLAN: Stage.ON_PLAN,
    ReasonCode.PROMISED: Stage.PROMISED,
}


def suspensions(facts: Facts, policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """Everything that suspends chasing now, weightiest first, each with its end if it ends by itself."""
    found: list[Reason] = []
    if facts.disputes and not facts.chaseable:
        found.append(Reason(ReasonCode.DISPUTED))
    holds = sorted((h.until or _FOR_GOOD) for h in facts.holds if h.is_active(now))
    found += [Reason(ReasonCode.ON_HOLD, None if until is _FOR_GOOD else until) for until in holds]
    found += [Reason(ReasonCode.ON_PLAN) for p in facts.plans if p.left_at is None]
    for promise in facts.promises:
        late_from = deadline(promise.due, policy.promise_grace, policy.zone)
        if promise.ended_at is None and now < late_from:
            found.append(Reason(ReasonCode.PROMISED, late_from))
    return tuple(found)


def next_move(facts: Facts, policy: Policy, now: datetime, *, resuming: bool = False) -> Move:
    """What to do about this case at `now`.

    `resuming`: the caller is the next attempt of the very activity that was sending, so that attempt is over.
    """
    reasons = suspensions(facts, policy, now)
    stage = _stage(facts, policy, now, reasons)
    if stage.is_closed:
        code = _ENDED[facts.ending] if facts.ending else ReasonCode.PAID
        return Move(MoveKind.CLOSE, stage, (Reason(code),))
    if stage is Stage.HANDED_OVER:
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.HANDED_OVER),))
    if reasons:
        ends = [r.until for r in reasons if r.until]
        return Move(MoveKind.SUSPENDED, stage, reasons, min(ends, default=None))
    ahead = look_ahead(facts, policy, now)
    if ahead.first is None:
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.POLICY_EXHAUSTED),))
    move = _carry_on(ahead, facts, policy, stage, now, resuming=resuming)
    return move or _take(ahead, ahead.first, facts, policy, stage, now)


def _take(ahead: Ahead, first: Milestone, facts: Facts, policy: Policy, stage: Stage, now: datetime) -> Move:
    """The step that is due now, or the wait for its moment."""
    key, planned = first.step.key, first.planned_at
    if first.leaves_at > now:
        runs = first.step.anchor is Anchor.RECEIPT
        waiting = ReasonCode.AWAITING_WINDOW if runs else ReasonCode.SCHEDULED
        waiting = ReasonCode.NOT_DUE if stage is Stage.NOT_DUE else waiting
        code = ReasonCode.SEND_WINDOW if first.earliest <= now else waiting
        return Move(MoveKind.WAIT, stage, (Reason(code, first.leaves_at),), first.leaves_at, key, planned)
    opens = window_ends(first.step, facts, policy)
    if opens and now < (free := start_of_day(opens, policy.zone)):
        return Move(MoveKind.WAIT, stage, (Reason(ReasonCode.AWAITING_WINDOW, free),), free, key, planned)
    passed_over = tuple(PassedOver(s.key, StepState.EXPIRED, at) for s, at in ahead.expired)
    passed_over += tuple(PassedOver(s.key, StepState.COLLAPSED, at) for s, at in ahead.absorbed)
    kind, reasons = _how(first.step, facts, policy)
    return Move(kind, stage, reasons, now, key, planned, passed_over)


def _carry_on(
    ahead: Ahead, facts: Facts, policy: Policy, stage: Stage, now: datetime, *, resuming: bool
) -> Move | None:
    """The move for a step that was begun; None if there is none, or it is to be judged afresh."""
    step, taken = next(((s, t) for s in ahead.steps if (t := facts.taken(s.key))), (None, None))
    if step is None or taken is None:
        return None
    kind, code, until = MoveKind.SUSPENDED, None, expires_at(step, facts, policy)
    match taken.state:
        case StepState.AWAITING_APPROVAL:
            code = ReasonCode.AWAITING_APPROVAL
        case StepState.BLOCKED if not (taken.reason == ReasonCode.NO_ADDRESS and facts.mailable):
            code = ReasonCode(taken.reason or ReasonCode.DELIVERY_FAILED)
        case StepState.DEFERRED if taken.retry_at and now < taken.retry_at:
            kind, code, until = MoveKind.WAIT, ReasonCode.DELIVERY_RETRY, taken.retry_at
        case StepState.SENDING if now < taken.at + SENDING_LEASE and not (resuming and step.is_courtesy):
            kind, code, until = MoveKind.WAIT, ReasonCode.IN_FLIGHT, taken.at + SENDING_LEASE
        case StepState.SENDING if not step.is_courtesy:
            kind, code, until = MoveKind.BLOCK, ReasonCode.DELIVERY_UNCERTAIN, None
    if code is None:
        return None
    wake_at = now if kind is MoveKind.BLOCK else until
    return Move(kind, stage, (Reason(code, until),), wake_at, step.key, taken.planned_at)


def _how(step: Step, facts: Facts, policy: Policy) -> tuple[MoveKind, tuple[Reason, ...]]:
    if is_unlawful(step, facts, policy):
        return MoveKind.BLOCK, (Reason(ReasonCode.UNLAWFUL),)
    if step.requires_approval and not facts.is_approved(step.key):
        return MoveKind.ASK_APPROVAL, (Reason(ReasonCode.AWAITING_APPROVAL),)
    if step.channel is Channel.EMAIL and not facts.mailable:
        return MoveKind.BLOCK, (Reason(ReasonCode.NO_ADDRESS),)
    return MoveKind.PERFORM, ()


def _awaits_approval(step: Step, facts: Facts, policy: Policy, now: datetime) -> bool:
    taken = facts.taken(step.key)
    waits = taken is not None and taken.state is StepState.AWAITING_APPROVAL
    return waits and not is_expired(step, facts, policy, now)


def _is_hand_over(taken: StepTaken, policy: Policy) -> bool:
    return any(s.key == taken.step and s.channel is Channel.HAND_OVER for s in policy.steps)
