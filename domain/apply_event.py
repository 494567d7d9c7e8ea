"""What an event changes: facts in, facts out. An event that does not fit changes nothing and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from domain.errors import DomainError
from domain.events import Event
from domain.facts import (
    Dispute,
    DisputeOutcome,
    Ending,
    Facts,
    Hold,
    PlanMembership,
    PlanOutcome,
    Promise,
    PromiseOutcome,
    StepState,
    Task,
)
from domain.ledger import Entry, EntryKind, book_receipt, book_reversal, close_balance, payment_key, reversal_key
from domain.money import Money
from domain.next_move import stage_of
from domain.policy import Duration, Policy, deadline, start_of_day
from domain.promises import settle_promises
from domain.stages import EventKind, fits

_SURPLUS = frozenset({EntryKind.SURPLUS, EntryKind.SURPLUS_RETURNED})


class DoesNotFit(DomainError):
    """The event is recorded and reported, and changes nothing."""


def apply_event(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    """The facts after the event, promises judged by the ledger. Raises DoesNotFit."""
    stage = stage_of(facts, policy, now)
    if not fits(event.kind, stage):
        raise DoesNotFit("does_not_fit_stage", f"{event.kind} does not fit a case that is {stage}", stage=stage.value)
    handler = _HANDLERS.get(event.kind)
    changed = handler(facts, event, policy, now) if handler else facts
    return settle_promises(changed, policy, now)


def _payment_received(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    key = payment_key(event.ref)
    _refuse_if(any(e.key == key for e in facts.entries), "payment_known", "the payment is booked already")
    _refuse_if(_day(event.on) > _today(policy, now), "in_the_future", "the payment lies in the future")
    return _book(facts, book_receipt(facts.entries, EntryKind.PAYMENT, key, _money(event), _day(event.on)))


def _payment_reversed(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    keys = {e.key for e in facts.entries}
    _refuse_if(payment_key(event.ref) not in keys, "unknown_payment", "no such payment is booked on this invoice")
    _refuse_if(reversal_key(event.ref) in keys, "payment_reversed_already", "the payment is reversed already")
    reversed_ = _book(facts, book_reversal(facts.entries, event.ref, _day(event.on)))
    if facts.ending:
        kind = EntryKind.WRITE_OFF if facts.ending is Ending.WRITTEN_OFF else EntryKind.WITHDRAWAL
        key = f"{kind.value}/{event.event_id}"
        return _book(reversed_, close_balance(reversed_.entries, kind, key, facts.currency, _day(event.on)))
    return reversed_


def _credit_note_issued(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    key = f"credit_note/{event.ref}"
    _refuse_if(any(e.key == key for e in facts.entries), "credit_note_known", "the credit note is booked already")
    return _book(facts, book_receipt(facts.entries, EntryKind.CREDIT_NOTE, key, _money(event), _day(event.on)))


def _dispute_opened(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    _refuse_if(any(d.id == event.ref for d in facts.disputes), "dispute_known", "the dispute is open or closed already")
    return replace(facts, disputes=(*facts.disputes, Dispute(event.ref, event.amount, now)))


def _dispute_resolved(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    dispute = next((d for d in facts.disputes if d.id == event.ref and d.resolved_at is None), None)
    if dispute is None:
        raise DoesNotFit("unknown_dispute", "no such dispute is open on this invoice")
    outcome = DisputeOutcome(event.outcome)
    resolved = replace(dispute, resolved_at=now, outcome=outcome)
    changed = replace(facts, disputes=tuple(resolved if d is dispute else d for d in facts.disputes))
    if outcome is DisputeOutcome.REJECTED:
        return changed
    waived = facts.open if dispute.amount is None else min(dispute.amount, facts.open)
    if not waived:
        return changed
    return _book(changed, (Entry(f"waiver/{dispute.id}", EntryKind.WAIVER, -waived, _today(policy, now)),))


def _promise_made(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    _refuse_if(any(p.id == event.ref for p in facts.promises), "promise_known", "the promise is recorded already")
    if event.until is None:
        raise DoesNotFit("missing_field", "a promise needs its date", field="until")
    _refuse_if(_first_moment_after(event.until, policy) <= now, "in_the_past", "the promised date has passed")
    ended = tuple(
        p if p.ended_at else replace(p, ended_at=now, outcome=PromiseOutcome.REPLACED) for p in facts.promises
    )
    return replace(facts, promises=(*ended, Promise(event.ref, _money(event), event.until, now, facts.open)))


def _plan_agreed(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    _refuse_if(any(p.plan_id == event.ref for p in facts.plans), "plan_known", "the plan is recorded already")
    return replace(facts, plans=(*facts.plans, PlanMembership(event.ref, now)))


def _plan_ended(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    member = next((p for p in facts.plans if p.plan_id == event.ref and p.left_at is None), None)
    if member is None:
        raise DoesNotFit("unknown_plan", "no such plan covers this invoice now")
    outcome = PlanOutcome.COMPLETED if event.kind is EventKind.PLAN_COMPLETED else PlanOutcome.BROKEN
    left = replace(member, left_at=now, outcome=outcome)
    return replace(facts, plans=tuple(left if p is member else p for p in facts.plans))


def _hold_placed(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    _refuse_if(any(h.id == event.ref for h in facts.holds), "hold_known", "the hold is placed already")
    until = event.until
    if until is not None and not isinstance(until, datetime):
        until = start_of_day(until, policy.zone)
    _refuse_if(until is not None and until <= now, "in_the_past", "a hold ends after today")
    return replace(facts, holds=(*facts.holds, Hold(event.ref, now, until)))


def _hold_lifted(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    hold = next((h for h in facts.holds if h.id == event.ref and h.is_active(now)), None)
    if hold is None:
        raise DoesNotFit("unknown_hold", "no such hold is active on this invoice")
    return replace(facts, holds=tuple(replace(h, lifted_at=now) if h is hold else h for h in facts.holds))


def _step_decided(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    taken = facts.taken(event.step)
    if taken is None or taken.state is not StepState.AWAITING_APPROVAL:
        raise DoesNotFit("not_awaiting_approval", f"step {event.step} does not wait for approval", step=event.step)
    approved = event.kind is EventKind.STEP_APPROVED
    state, outcome = (StepState.APPROVED, "approved") if approved else (StepState.REJECTED, "rejected")
    changed = facts.with_step(replace(taken, state=state, at=now))
    return _close_tasks(changed, event.step, now, outcome)


def _task_completed(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    """Completing the task of a blocked step decides it: `retry` tries once more, anything else means it was done."""
    task = next((t for t in facts.tasks if t.id == event.ref and t.completed_at is None), None)
    if task is None:
        raise DoesNotFit("unknown_task", "no such task is open on this invoice")
    outcome = event.outcome or "done"
    changed = facts.with_task(replace(task, completed_at=now, outcome=outcome))
    taken = changed.taken(task.step)
    if taken is None or taken.state is not StepState.BLOCKED or task.cycle != taken.cycle:
        return changed
    if outcome == "retry":
        again = replace(taken, state=StepState.DEFERRED, at=now, retry_at=now, reason=None, first_tried_at=now)
        return changed.with_step(again)
    return changed.with_step(replace(taken, state=StepState.DONE, at=now, reason="by_hand"))


def _ended(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    off = event.kind is EventKind.WRITTEN_OFF
    kind = EntryKind.WRITE_OFF if off else EntryKind.WITHDRAWAL
    closing = close_balance(facts.entries, kind, kind.value, facts.currency, _day(event.on))
    ending = Ending.WRITTEN_OFF if off else Ending.WITHDRAWN
    return replace(_book(facts, closing), ending=ending)


_Handler = Callable[[Facts, Event, Policy, datetime], Facts]
_HANDLERS: Final[dict[EventKind, _Handler]] = {
    EventKind.PAYMENT_RECEIVED: _payment_received,
    EventKind.PAYMENT_REVERSED: _payment_reversed,
    EventKind.CREDIT_NOTE_ISSUED: _credit_note_issued,
    EventKind.DISPUTE_OPENED: _dispute_opened,
    EventKind.DISPUTE_RESOLVED: _dispute_resolved,
    EventKind.PROMISE_MADE: _promise_made,
    EventKind.PLAN_AGREED: _plan_agreed,
    EventKind.PLAN_BROKEN: _plan_ended,
    EventKind.PLAN_COMPLETED: _plan_ended,
    EventKind.HOLD_PLACED: _hold_placed,
    EventKind.HOLD_LIFTED: _hold_lifted,
    EventKind.STEP_APPROVED: _step_decided,
    EventKind.STEP_REJECTED: _step_decided,
    EventKind.TASK_COMPLETED: _task_completed,
    EventKind.WRITTEN_OFF: _ended,
    EventKind.WITHDRAWN: _ended,
}
"""`promise_kept` and `promise_broken` need none: every application judges promises by the ledger and the clock."""


def _book(facts: Facts, booked: tuple[Entry, ...]) -> Facts:
    moved = tuple(e for e in booked if e.kind in _SURPLUS)
    return replace(facts, entries=facts.entries + booked, credits=facts.credits + moved)


def _close_tasks(facts: Facts, step: str, now: datetime, outcome: str) -> Facts:
    for task in facts.tasks:
        if task.step == step and task.cycle == facts.cycle and task.completed_at is None:
            facts = facts.with_task(replace(task, completed_at=now, outcome=outcome))
    return facts


def _refuse_if(wrong: bool, code: str, message: str) -> None:
    if wrong:
        raise DoesNotFit(code, message)


def _money(event: Event) -> Money:
    if event.amount is None:
        raise DoesNotFit("missing_field", f"{event.kind} needs an amount", field="amount")
    return event.amount


def _day(on: date | None) -> date:
    if on is None:
        raise DoesNotFit("missing_field", "the date is missing", field="on")
    return on


def _today(policy: Policy, now: datetime) -> date:
    return now.astimezone(policy.zone).date()


def _first_moment_after(when: date | datetime, policy: Policy) -> datetime:
    return deadline(when, Duration(0, "d"), policy.zone)
