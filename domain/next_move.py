"""The decision: what now for this case? Pure, so that live cases, previews and tests share it."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.facts import Ending, Facts, StepState, StepTaken
from domain.ladder import coming, due_step
from domain.move import Move, MoveKind, Reason, ReasonCode
from domain.policy import Channel, Policy, Step, deadline
from domain.stages import Stage

SENDING_LEASE = timedelta(seconds=30)
"""A sending without outcome may still be under way for this long; longer than every SMTP timeout together."""

_ENDED = {Ending.WRITTEN_OFF: ReasonCode.WRITTEN_OFF, Ending.WITHDRAWN: ReasonCode.WITHDRAWN}


def stage_of(facts: Facts, policy: Policy, now: datetime) -> Stage:
    """The stage the facts amount to. When several reasons suspend a case, what the debtor disputes counts first."""
    if facts.ending:
        return Stage(facts.ending.value)
    if not facts.open:
        return Stage.SETTLED
    if any(_is_hand_over(t, policy) and t.state is StepState.DONE for t in facts.steps):
        return Stage.HANDED_OVER
    suspended = suspensions(facts, policy, now)
    if suspended:
        return _STAGE_BY_REASON[suspended[0].code]
    if any(t.cycle == facts.cycle and t.state is StepState.AWAITING_APPROVAL for t in facts.steps):
        return Stage.AWAITING_APPROVAL
    return Stage.NOT_DUE if now.astimezone(policy.zone).date() <= facts.due else Stage.CHASING


_STAGE_BY_REASON = {
    ReasonCode.DISPUTED: Stage.DISPUTED,
    ReasonCode.ON_HOLD: Stage.ON_HOLD,
    ReasonCode.ON_PLAN: Stage.ON_PLAN,
    ReasonCode.PROMISED: Stage.PROMISED,
}


def suspensions(facts: Facts, policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """Everything that suspends chasing now, weightiest first, each with the moment at which it ends by itself."""
    found: list[Reason] = []
    if not facts.chaseable:
        found.append(Reason(ReasonCode.DISPUTED))
    found += [Reason(ReasonCode.ON_HOLD, h.until) for h in facts.holds if h.is_active(now)]
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
    stage = stage_of(facts, policy, now)
    if stage.is_closed:
        code = _ENDED[facts.ending] if facts.ending else ReasonCode.PAID
        return Move(MoveKind.CLOSE, stage, (Reason(code),))
    if stage is Stage.HANDED_OVER:
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.HANDED_OVER),))
    reasons = suspensions(facts, policy, now)
    if reasons:
        ends = [r.until for r in reasons if r.until]
        return Move(MoveKind.SUSPENDED, stage, reasons, min(ends, default=None))
    milestones, expired = coming(facts, policy, now)
    if not milestones:
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.POLICY_EXHAUSTED),))
    unfinished = next((t for m in milestones if (t := facts.taken(m.step.key))), None)
    if unfinished:
        move = _carry_on(unfinished, policy, facts, now, stage, resuming)
        if move:
            return move
    milestone, absorbed = due_step(milestones, now)
    step = milestone.step
    if milestone.leaves_at > now:
        moved = milestone.leaves_at > milestone.planned_at and milestone.planned_at <= now
        waiting = ReasonCode.NOT_DUE if stage is Stage.NOT_DUE else ReasonCode.SCHEDULED
        reason = Reason(ReasonCode.SEND_WINDOW if moved else waiting, milestone.leaves_at)
        return Move(MoveKind.WAIT, stage, (reason,), milestone.leaves_at, step.key, milestone.planned_at)
    passed_over = tuple((s.key, "expired") for s in expired) + tuple((s.key, "collapsed") for s in absorbed)
    kind, reasons = _how(step, facts)
    return Move(kind, stage, reasons, now, step.key, milestone.planned_at, passed_over)


def _carry_on(
    taken: StepTaken, policy: Policy, facts: Facts, now: datetime, stage: Stage, resuming: bool
) -> Move | None:
    """The move for a step that was begun; None if it is to be judged afresh."""
    step = policy.steps[policy.position(taken.step)]

    def held(code: ReasonCode) -> Move:
        return Move(MoveKind.SUSPENDED, stage, (Reason(code),), None, step.key, taken.planned_at)

    def wait(code: ReasonCode, until: datetime) -> Move:
        return Move(MoveKind.WAIT, stage, (Reason(code, until),), until, step.key, taken.planned_at)

    if taken.state is StepState.AWAITING_APPROVAL:
        return held(ReasonCode.AWAITING_APPROVAL)
    if taken.state is StepState.BLOCKED:
        mended = taken.reason == ReasonCode.NO_ADDRESS and facts.mailable
        return None if mended else held(ReasonCode(taken.reason or ReasonCode.DELIVERY_FAILED))
    if taken.state is StepState.DEFERRED and taken.retry_at and now < taken.retry_at:
        return wait(ReasonCode.DELIVERY_RETRY, taken.retry_at)
    if taken.state is StepState.SENDING:
        lease_ends = taken.at + SENDING_LEASE
        if now < lease_ends and not (resuming and step.is_courtesy):
            return wait(ReasonCode.IN_FLIGHT, lease_ends)
        if not step.is_courtesy:
            uncertain = (Reason(ReasonCode.DELIVERY_UNCERTAIN),)
            return Move(MoveKind.BLOCK, stage, uncertain, now, step.key, taken.planned_at)
    return None


def _how(step: Step, facts: Facts) -> tuple[MoveKind, tuple[Reason, ...]]:
    if step.requires_approval and not facts.is_approved(step.key):
        return MoveKind.ASK_APPROVAL, (Reason(ReasonCode.AWAITING_APPROVAL),)
    if step.channel is Channel.EMAIL and not facts.mailable:
        return MoveKind.BLOCK, (Reason(ReasonCode.NO_ADDRESS),)
    return MoveKind.PERFORM, ()


def _is_hand_over(taken: StepTaken, policy: Policy) -> bool:
    return any(s.key == taken.step and s.channel is Channel.HAND_OVER for s in policy.steps)
