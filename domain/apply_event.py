"""What an event changes: facts in, facts out. An event that does not fit changes nothing and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from domain import apply_agreement as agreement
from domain import apply_decision as decision
from domain import apply_money as money
from domain.applying import Applying, DoesNotFit
from domain.errors import DomainError
from domain.events import Event
from domain.facts import Facts
from domain.next_move import stage_of
from domain.policy import Policy
from domain.promises import settle_promises
from domain.stages import EventKind, fits

__all__ = ["DoesNotFit", "apply_event"]


def apply_event(facts: Facts, event: Event, policy: Policy, now: datetime) -> Facts:
    """The facts after the event, promises judged by the ledger. Raises DoesNotFit."""
    facts = settle_promises(facts, policy, now)
    stage = stage_of(facts, policy, now)
    if not fits(event.kind, stage):
        text = f"{event.kind} does not fit a case that is {stage}"
        raise DoesNotFit("does_not_fit_stage", text, stage=stage.value)
    try:
        changed = _HANDLERS[event.kind](Applying(facts, event, policy, now))
        return settle_promises(changed, policy, now)
    except DoesNotFit:
        raise
    except DomainError as error:  # such as an amount out of range: nothing in a message may wedge the case
        raise DoesNotFit(error.code, error.message, **error.values) from error


_HANDLERS: Final[Mapping[EventKind, Callable[[Applying], Facts]]] = {
    EventKind.PAYMENT_RECEIVED: money.payment_received,
    EventKind.PAYMENT_REVERSED: money.payment_reversed,
    EventKind.CREDIT_NOTE_ISSUED: money.credit_note_issued,
    EventKind.DISPUTE_OPENED: agreement.dispute_opened,
    EventKind.DISPUTE_RESOLVED: agreement.dispute_resolved,
    EventKind.PROMISE_MADE: agreement.promise_made,
    EventKind.PROMISE_KEPT: agreement.promise_ended,
    EventKind.PROMISE_BROKEN: agreement.promise_ended,
    EventKind.PLAN_AGREED: agreement.plan_agreed,
    EventKind.PLAN_BROKEN: agreement.plan_ended,
    EventKind.PLAN_COMPLETED: agreement.plan_ended,
    EventKind.HOLD_PLACED: agreement.hold_placed,
    EventKind.HOLD_LIFTED: agreement.hold_lifted,
    EventKind.STEP_APPROVED: decision.step_approved,
    EventKind.STEP_REJECTED: decision.step_rejected,
    EventKind.TASK_COMPLETED: decision.task_completed,
    EventKind.NOTICE_BOUNCED: decision.notice_bounced,
    EventKind.STEP_REQUESTED: decision.step_requested,
    EventKind.HOLD_EXTENDED: agreement.hold_extended,
    EventKind.POLICY_CHANGED: lambda a: a.facts,  # which policy it is, is not a fact of the case
    EventKind.WRITTEN_OFF: money.written_off,
    EventKind.WITHDRAWN: money.withdrawn,
    EventKind.FACTS_CHANGED: lambda a: a.facts,
}
