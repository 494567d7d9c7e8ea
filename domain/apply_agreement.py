"""Events that suspend chasing and end that again: disputes, promises, plans and holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.apply_money import book_change
from domain.applying import Applying, DoesNotFit, refuse_if
from domain.facts import (
    Dispute,
    DisputeOutcome,
    Facts,
    Hold,
    PlanMembership,
    PlanOutcome,
    Promise,
    PromiseOutcome,
)
from domain.ledger import Entry, EntryKind
from domain.policy import Duration, deadline, start_of_day
from domain.stages import EventKind


def dispute_opened(a: Applying) -> Facts:
    known = any(d.id == a.event.ref for d in a.facts.disputes)
    refuse_if(known, "dispute_known", "the dispute is open or closed already")
    return replace(a.facts, disputes=(*a.facts.disputes, Dispute(a.event.ref, a.event.amount, a.now)))


def dispute_resolved(a: Applying) -> Facts:
    facts = a.facts
    dispute = next((d for d in facts.disputes if d.id == a.event.ref and d.resolved_at is None), None)
    if dispute is None:
        raise DoesNotFit("unknown_dispute", "no such dispute is open on this invoice")
    outcome = DisputeOutcome(a.event.outcome)
    resolved = replace(dispute, resolved_at=a.now, outcome=outcome)
    changed = replace(facts, disputes=tuple(resolved if d is dispute else d for d in facts.disputes))
    waived = facts.open if dispute.amount is None else min(dispute.amount, facts.open)
    if outcome is DisputeOutcome.REJECTED or not waived:
        return changed
    waiver = Entry(f"waiver/{dispute.id}", EntryKind.WAIVER, -waived, a.today)
    return book_change(replace(a, facts=changed), waiver)


def promise_made(a: Applying) -> Facts:
    facts, until = a.facts, a.event.until
    refuse_if(
        any(p.id == a.event.ref for p in facts.promises), "promise_known", "the promise is recorded already"
    )
    if until is None:
        raise DoesNotFit("missing_field", "a promise needs its date", field="until")
    passed = deadline(until, Duration(0, "d"), a.policy.zone) <= a.now
    refuse_if(passed, "in_the_past", "the promised date has passed")
    ended = tuple(
        p if p.ended_at else replace(p, ended_at=a.now, outcome=PromiseOutcome.REPLACED)
        for p in facts.promises
    )
    return replace(facts, promises=(*ended, Promise(a.event.ref, a.money, until, a.now, facts.open)))


def promise_ended(a: Applying) -> Facts:
    """Changes nothing: every application judges promises by the ledger and the clock."""
    promise = next((p for p in a.facts.promises if p.id == a.event.ref), None)
    if promise is None:
        raise DoesNotFit("unknown_promise", "no such promise is recorded on this invoice")
    said = PromiseOutcome.KEPT if a.event.kind is EventKind.PROMISE_KEPT else PromiseOutcome.BROKEN
    judged = promise.outcome.value if promise.outcome else "neither kept nor broken yet"
    refuse_if(
        promise.outcome is not said, "promise_judged_otherwise", f"by the ledger the promise is {judged}"
    )
    return a.facts


def plan_agreed(a: Applying) -> Facts:
    plans = a.facts.plans
    refuse_if(any(p.plan_id == a.event.ref for p in plans), "plan_known", "the plan is recorded already")
    refuse_if(any(p.left_at is None for p in plans), "plan_active", "another plan covers this invoice")
    return replace(a.facts, plans=(*plans, PlanMembership(a.event.ref, a.now)))


def plan_ended(a: Applying) -> Facts:
    plans = a.facts.plans
    member = next((p for p in plans if p.plan_id == a.event.ref and p.left_at is None), None)
    if member is None:
        raise DoesNotFit("unknown_plan", "no such plan covers this invoice now")
    completed = a.event.kind is EventKind.PLAN_COMPLETED
    left = replace(member, left_at=a.now, outcome=PlanOutcome.COMPLETED if completed else PlanOutcome.BROKEN)
    return replace(a.facts, plans=tuple(left if p is member else p for p in plans))


def hold_placed(a: Applying) -> Facts:
    until = a.event.until
    refuse_if(any(h.id == a.event.ref for h in a.facts.holds), "hold_known", "the hold is placed already")
    if until is not None and not isinstance(until, datetime):
        until = start_of_day(until, a.policy.zone)
    refuse_if(until is not None and until <= a.now, "in_the_past", "a hold ends after today")
    return replace(a.facts, holds=(*a.facts.holds, Hold(a.event.ref, a.now, until, term=a.event.term)))


def hold_extended(a: Applying) -> Facts:
    """Another end for a hold that is active: later or, as long as it lies ahead, earlier."""
    hold, until = _active(a), a.event.until
    if until is not None and not isinstance(until, datetime):
        until = start_of_day(until, a.policy.zone)
    refuse_if(until is None or until <= a.now, "in_the_past", "a hold ends after today")
    return replace(a.facts, holds=tuple(replace(h, until=until) if h is hold else h for h in a.facts.holds))


def hold_lifted(a: Applying) -> Facts:
    hold = _active(a)
    return replace(
        a.facts, holds=tuple(replace(h, lifted_at=a.now) if h is hold else h for h in a.facts.holds)
    )


def _active(a: Applying) -> Hold:
    hold = next((h for h in a.facts.holds if h.id == a.event.ref and h.is_active(a.now)), None)
    if hold is None:
        raise DoesNotFit("unknown_hold", "no such hold is active on this invoice")
    return hold
