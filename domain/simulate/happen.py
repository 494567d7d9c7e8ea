"""What a scenario tells of happens to its cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.apply_decision import last_sent
from domain.apply_event import DoesNotFit, apply_event
from domain.events import Event
from domain.facts import Facts, Hold, StepState
from domain.move import Reason, ReasonCode
from domain.plan_instalments import Instalment, NoticeState
from domain.simulate.living import Debtor, Living, Plan
from domain.simulate.scenario import ScenarioEvent, ScenarioEventKind
from domain.stages import EventKind

_KINDS: Final[Mapping[ScenarioEventKind, EventKind]] = {
    "payment": EventKind.PAYMENT_RECEIVED,
    "reversal": EventKind.PAYMENT_REVERSED,
    "credit_note": EventKind.CREDIT_NOTE_ISSUED,
    "dispute": EventKind.DISPUTE_OPENED,
    "dispute_resolved": EventKind.DISPUTE_RESOLVED,
    "hold": EventKind.HOLD_PLACED,
    "promise": EventKind.PROMISE_MADE,
    "plan": EventKind.PLAN_AGREED,
    "bounce": EventKind.NOTICE_BOUNCED,
    "approve": EventKind.STEP_APPROVED,
    "policy": EventKind.POLICY_CHANGED,
    "write_off": EventKind.WRITTEN_OFF,
    "withdrawal": EventKind.WITHDRAWN,
}

_DOES_NOT_FIT: Final = (Reason(ReasonCode.DOES_NOT_FIT),)


def happen(debtor: Debtor, event: ScenarioEvent, now: datetime) -> None:
    """An event that does not fit is told as skipped, and changes nothing."""
    if not event.invoice:
        _to_debtor(debtor, event, now)
        return
    living = debtor.by_id[event.invoice]
    debtor.inform(living)
    notice = _notice_of(living, event)
    ref = event.id or _reversed(living, event) or notice or debtor.new_ref()
    before = living.facts
    try:
        living.facts = apply_event(before, _event(event, ref), living.policy, now)
    except DoesNotFit:
        debtor.tell(living, now, "skipped", step=event.step or None, reasons=_DOES_NOT_FIT)
        return
    _keep(living, event, ref, now)
    if notice:
        _came_back(debtor, living, notice, now)
        if not _asks_a_person(debtor, living, before, event.step, now) and _is_overtaken(living, event.step):
            debtor.tell(living, now, "skipped", step=event.step, reasons=_DOES_NOT_FIT)
    if living.stage is not None:
        living.wake = min(living.wake, now)


def _to_debtor(debtor: Debtor, event: ScenarioEvent, now: datetime) -> None:
    if event.kind == "hold":
        until = event.until if isinstance(event.until, datetime) else None
        debtor.holds = (*debtor.holds, Hold(debtor.new_ref(), now, until))
    elif event.amount:
        currency = event.amount.currency
        had = debtor.cash.get(currency)
        debtor.cash[currency] = had + event.amount if had else event.amount
    debtor.wake_all(now)


def _event(event: ScenarioEvent, ref: str) -> Event:
    return Event(
        kind=_KINDS[event.kind],
        event_id=ref,
        ref=ref,
        amount=event.amount,
        on=event.on,
        until=event.until,
        step=event.step,
        outcome=event.outcome,
    )


def _reversed(living: Living, event: ScenarioEvent) -> str | None:
    """The id of the latest payment of that amount."""
    if event.kind != "reversal":
        return None
    return next((ref for amount, ref in reversed(living.payments) if amount == event.amount), None)


def _keep(living: Living, event: ScenarioEvent, ref: str, now: datetime) -> None:
    """What the facts of the case do not hold themselves."""
    if event.kind == "payment" and event.amount:
        living.payments.append((event.amount, ref))
    elif event.kind == "reversal":
        living.payments = [paid for paid in living.payments if paid[1] != ref]
    elif event.kind == "policy" and event.policy:
        living.policy = event.policy
    elif event.kind == "plan":
        instalments = tuple(
            # Announcing them is no part of the story.
            Instalment(number, term.due, term.amount, NoticeState.DONE)
            for number, term in enumerate(event.instalments, 1)
        )
        living.plan = Plan(ref, now, living.facts.open, instalments)


def _notice_of(living: Living, event: ScenarioEvent) -> str | None:
    taken = last_sent(living.facts, event.step) if event.kind == "bounce" else None
    return taken.notice_id if taken else None


def _is_overtaken(living: Living, step: str) -> bool:
    """Whether a later step is on its way, or another term is chased: then this one does not go again."""
    policy, facts = living.policy, living.facts
    keys, came_back = [s.key for s in policy.steps], facts.taken(step)
    if step not in keys or came_back is None or came_back.state is not StepState.BOUNCED:
        return True  # the case may have moved to a policy without it
    later = policy.steps[keys.index(step) + 1 :]
    return any((taken := facts.taken(s.key)) and taken.state is StepState.DONE for s in later)


def _came_back(debtor: Debtor, named: Living, notice: str, now: datetime) -> None:
    """The whole notice did, with every line in it, and it was no contact."""
    debtor.contacts = tuple(c for c in debtor.contacts if c.ref != notice)
    for living in debtor.notices[notice]:
        taken = (t for t in living.facts.steps if t.notice_id == notice and t.state is StepState.DONE)
        step = next((t.step for t in taken), None)
        if step and living is not named:
            bounced = Event(kind=EventKind.NOTICE_BOUNCED, event_id=notice, ref=notice, step=step)
            before = living.facts
            living.facts = apply_event(before, bounced, living.policy, now)
            _asks_a_person(debtor, living, before, step, now)
    debtor.wake_all(now)


def _asks_a_person(debtor: Debtor, living: Living, before: Facts, step: str, now: datetime) -> bool:
    """Whether what came back was a formal notice that later steps count on."""
    if len(living.facts.tasks) == len(before.tasks):
        return False
    debtor.tell(living, now, "task", step=step, reasons=(Reason(ReasonCode.DELIVERY_FAILED),))
    return True
