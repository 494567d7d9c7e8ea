"""The decision: what now for this case? Pure, so that live cases, previews and tests share it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.choose_channel import choose_channel
from domain.facts import Ending, Facts, StepState, StepTaken
from domain.ladder import Ahead, Milestone, expires_at, is_expired, look_ahead
from domain.law.obstacle import is_unlawful, window_ends
from domain.move import Move, MoveKind, PassedOver, Reason, ReasonCode
from domain.policy import Anchor, Channel, EntryRule, Policy, Step, deadline, local_date, start_of_day
from domain.stages import CLOSED, Stage

SENDING_LEASE = timedelta(seconds=30)
"""A sending without outcome may still be under way for this long; longer than every SMTP timeout together."""

# Names for what every decision asks after: on the class of an enumeration they are looked up slowly.
_NOT_DUE, _CHASING, _HANDED_OVER = Stage.NOT_DUE, Stage.CHASING, Stage.HANDED_OVER
_DONE, _AWAITING_APPROVAL = StepState.DONE, StepState.AWAITING_APPROVAL
_WAIT, _BY_HAND_OVER = MoveKind.WAIT, Channel.HAND_OVER
_NOTHING = Decimal(0)
_FOR_GOOD = datetime.max.replace(tzinfo=UTC)
_ENDED = {Ending.WRITTEN_OFF: ReasonCode.WRITTEN_OFF, Ending.WITHDRAWN: ReasonCode.WITHDRAWN}


def stage_of(facts: Facts, policy: Policy, now: datetime) -> Stage:
    """The stage the facts amount to. Of several reasons that suspend a case the weightiest counts."""
    return _stage(facts, policy, now, suspensions(facts, policy, now))


def _stage(facts: Facts, policy: Policy, now: datetime, suspended: tuple[Reason, ...]) -> Stage:
    if facts.ending:
        return Stage(facts.ending.value)
    if facts.open_amount <= policy.tolerance.get(facts.currency, _NOTHING):
        return Stage.SETTLED
    waits = False
    for taken in facts.steps:
        if taken.state is _DONE:
            if _is_hand_over(taken, policy):
                return Stage.HANDED_OVER
        elif taken.state is _AWAITING_APPROVAL:
            waits = True
    if suspended:
        return _STAGE_BY_REASON[suspended[0].code]
    if waits and any(_awaits_approval(step, facts, policy, now) for step in policy.steps):
        return Stage.AWAITING_APPROVAL
    return _NOT_DUE if local_date(now, policy.zone) <= facts.due else _CHASING


_STAGE_BY_REASON = {
    ReasonCode.DISPUTED: Stage.DISPUTED,
    ReasonCode.ON_HOLD: Stage.ON_HOLD,
    ReasonCode.ON_PLAN: Stage.ON_PLAN,
    ReasonCode.PROMISED: Stage.PROMISED,
}


def suspensions(facts: Facts, policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """Everything that suspends chasing now, weightiest first, each with its end if it ends by itself."""
    found: list[Reason] = []
    if facts.disputes and _is_all_disputed(facts, policy, now):
        found.append(Reason(ReasonCode.DISPUTED, _dispute_ends(facts, policy, now)))
    if facts.holds or facts.standing_holds:
        found += _holds(facts, now)
    for plan in facts.plans:
        if plan.left_at is None:
            found.append(Reason(ReasonCode.ON_PLAN))
    for promise in facts.promises:
        if promise.ended_at is None:
            late_from = deadline(promise.due, policy.promise_grace, policy.zone)
            if now < late_from:
                found.append(Reason(ReasonCode.PROMISED, late_from))
    return tuple(found)


def _is_all_disputed(facts: Facts, policy: Policy, now: datetime) -> bool:
    for dispute in facts.disputes:
        if dispute.resolved_at is None:
            return facts.due_by(local_date(now, policy.zone)) <= facts.disputed
    return False


def _dispute_ends(facts: Facts, policy: Policy, now: datetime) -> datetime | None:
    return _ends_with_a_term(facts, policy, now, lambda day: facts.due_by(day) > facts.disputed)


def _holds(facts: Facts, now: datetime) -> list[Reason]:
    """The one that ends first stands first."""
    active = [hold for hold in facts.holds if hold.is_active(now) and hold.term in (None, facts.cycle)]
    if facts.standing_holds:
        active += [hold for hold in facts.standing_holds if hold.is_active(now)]
    if not active:
        return []
    active.sort(key=lambda hold: hold.until or _FOR_GOOD)
    return [Reason(ReasonCode.ON_HOLD, hold.until) for hold in active]


def _ends_with_a_term(
    facts: Facts, policy: Policy, now: datetime, is_over: Callable[[date], bool]
) -> datetime | None:
    """When something is over because another term has become overdue; None: no term ends it."""
    if len(facts.terms) == 1:
        return None
    today = local_date(now, policy.zone)
    days = sorted(late for term in facts.terms if (late := term.due + timedelta(days=1)) > today)
    return next((start_of_day(day, policy.zone) for day in days if is_over(day)), None)


def next_move(facts: Facts, policy: Policy, now: datetime, *, resuming: bool = False) -> Move:
    """What to do about this case at `now`.

    `resuming`: the caller is the next attempt of the very activity that was sending, so that attempt is over.
    """
    reasons = suspensions(facts, policy, now)
    stage = _stage(facts, policy, now, reasons)
    if stage in CLOSED:
        code = _ENDED[facts.ending] if facts.ending else ReasonCode.PAID
        return Move(MoveKind.CLOSE, stage, (Reason(code),))
    if stage is _HANDED_OVER:
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.HANDED_OVER),))
    if reasons:
        ends = [r.until for r in reasons if r.until]
        return Move(MoveKind.SUSPENDED, stage, reasons, min(ends, default=None))
    if policy.minimum and facts.open_amount < policy.minimum.get(facts.currency, _NOTHING):
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.BELOW_MINIMUM),))
    ahead = look_ahead(facts, policy, now)
    if ahead.first is None:
        return Move(MoveKind.SUSPENDED, stage, (Reason(ReasonCode.POLICY_EXHAUSTED),))
    move = _carry_on(*ahead.begun, facts, policy, stage, now, resuming=resuming) if ahead.begun else None
    return move or _take(ahead, ahead.first, facts, policy, stage, now)


def _take(ahead: Ahead, first: Milestone, facts: Facts, policy: Policy, stage: Stage, now: datetime) -> Move:
    """The step that is due now, or the wait for its moment."""
    key, planned = first.step.key, first.planned_at
    if first.leaves_at > now:
        code = _why_not_yet(first, stage, now)
        return Move(_WAIT, stage, (Reason(code, first.leaves_at),), first.leaves_at, key, planned)
    opens = window_ends(first.step, facts, policy)
    if opens and now < (free := start_of_day(opens, policy.zone)):
        return Move(_WAIT, stage, (Reason(ReasonCode.AWAITING_WINDOW, free),), free, key, planned)
    if reason := _distrusted(first.step, facts, policy, now):
        return Move(MoveKind.SUSPENDED, stage, (reason,), _look_again(reason, policy, now), key, planned)
    passed_over = [PassedOver(s.key, StepState.EXPIRED, at) for s, at in ahead.expired]
    passed_over += [PassedOver(s.key, StepState.COLLAPSED, at) for s, at in ahead.absorbed]
    channel = choose_channel(first.step, facts)
    kind, reasons = _how(first.step, channel, facts, policy)
    return Move(kind, stage, reasons, now, key, planned, tuple(passed_over), channel)


def _carry_on(
    step: Step, taken: StepTaken, facts: Facts, policy: Policy, stage: Stage, now: datetime, *, resuming: bool
) -> Move | None:
    """The move for a step that was begun; None if it is to be judged afresh."""
    kind, code, until = MoveKind.SUSPENDED, None, expires_at(step, facts, policy)
    match taken.state:
        case StepState.AWAITING_APPROVAL:
            code = ReasonCode.AWAITING_APPROVAL
        case StepState.PRINTED:
            code = ReasonCode.AWAITING_POST
        case StepState.BLOCKED if not (taken.reason == ReasonCode.NO_ADDRESS and choose_channel(step, facts)):
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


def _why_not_yet(first: Milestone, stage: Stage, now: datetime) -> ReasonCode:
    if first.earliest <= now:
        return ReasonCode.CONTACT_BUDGET if first.over_budget else ReasonCode.SEND_WINDOW
    if stage is _NOT_DUE:
        return ReasonCode.NOT_DUE
    return ReasonCode.AWAITING_WINDOW if first.step.anchor is Anchor.RECEIPT else ReasonCode.SCHEDULED


def _distrusted(step: Step, facts: Facts, policy: Policy, now: datetime) -> Reason | None:
    """Why what the ledger says is owed may be old: nobody is asked for money that may have come in."""
    rules, today = policy.stale_money, local_date(now, policy.zone)
    if not step.is_contact:
        return None
    if rules.statement_age is not None and not step.is_before_due:
        oldest = today - timedelta(days=rules.statement_age.amount)
        if facts.statement_on is None or facts.statement_on < oldest:
            return Reason(ReasonCode.STALE_BANK_DATA)
    if rules.hold_when_covered and facts.cash and not facts.asked_on(today):
        ends = _ends_with_a_term(facts, policy, now, lambda day: bool(facts.asked_on(day)))
        return Reason(ReasonCode.UNALLOCATED_CASH, expires_at(step, facts, policy) or ends)
    return None


def _look_again(reason: Reason, policy: Policy, now: datetime) -> datetime | None:
    """Claims that come in may take the cash from this one without its being told: it looks every day."""
    if reason.code is not ReasonCode.UNALLOCATED_CASH:
        return reason.until
    tomorrow = start_of_day(local_date(now, policy.zone) + timedelta(days=1), policy.zone)
    return min(tomorrow, reason.until or tomorrow)


def needs_approval(step: Step, facts: Facts, policy: Policy) -> bool:
    """Whether a person must consent before the step may be taken now."""
    late_entry = policy.entry is EntryRule.NONE and not facts.steps and not step.is_before_due
    if late_entry and start_of_day(facts.due + timedelta(days=1), policy.zone) <= facts.enrolled_at:
        return not facts.is_approved(step.key)
    if not step.requires_approval or facts.is_approved(step.key):
        return False
    if step.approval_above is None:
        return True
    limit = step.approval_above.get(facts.currency)
    return limit is None or facts.open.amount > limit


def _how(
    step: Step, channel: Channel | None, facts: Facts, policy: Policy
) -> tuple[MoveKind, tuple[Reason, ...]]:
    if is_unlawful(step, facts, policy):
        return MoveKind.BLOCK, (Reason(ReasonCode.UNLAWFUL),)
    if needs_approval(step, facts, policy):
        return MoveKind.ASK_APPROVAL, (Reason(ReasonCode.AWAITING_APPROVAL),)
    if channel is None:
        return MoveKind.BLOCK, (Reason(ReasonCode.NO_ADDRESS),)
    return MoveKind.PERFORM, ()


def _awaits_approval(step: Step, facts: Facts, policy: Policy, now: datetime) -> bool:
    taken = facts.taken(step.key)
    waits = taken is not None and taken.state is StepState.AWAITING_APPROVAL
    return waits and not is_expired(step, facts, policy, now)


def _is_hand_over(taken: StepTaken, policy: Policy) -> bool:
    if taken.channel:  # it may have been taken by a policy before this one
        return taken.channel == _BY_HAND_OVER
    step = policy.find(taken.step)
    return step is not None and step.channel is Channel.HAND_OVER
