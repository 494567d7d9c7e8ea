"""A step is taken: what goes together goes in one notice, and what it charges is booked."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime

from domain.apply_event import apply_event
from domain.applying import book
from domain.bundle import Line, bundle
from domain.errors import DomainError
from domain.events import Event
from domain.facts import Contact, Facts, StepState
from domain.ladder import look_ahead
from domain.law.charge import Demanded, beside, charges_of, demanded
from domain.law.claim_of_case import claim_of_case
from domain.money import Money
from domain.move import Move, MoveKind, Reason, ReasonCode
from domain.policy import Bundling, Channel, Policy, Step
from domain.promises import settle_promises
from domain.simulate.account import account_of
from domain.simulate.living import Debtor, Living
from domain.simulate.story import LineKind
from domain.stages import EventKind
from domain.take_step import claim, finish, park

_KINDS: dict[Channel | None, LineKind] = {
    Channel.EMAIL: "notice",
    Channel.LETTER: "notice",
    Channel.HAND_OVER: "escalation",
}
"""The others give a person a task."""
_OVER = {StepState.COLLAPSED: ReasonCode.COLLAPSED, StepState.EXPIRED: ReasonCode.EXPIRED}


def give_to_a_person(debtor: Debtor, living: Living, move: Move, now: datetime) -> None:
    """To approve the step, or to mend what stands in its way."""
    _tell_passed_over(debtor, living, move, now)
    living.facts = park(living.facts, move, living.policy, now)
    debtor.tell(
        living, now, "task", step=move.step, asks=True, planned_at=move.planned_at, reasons=move.reasons
    )
    if debtor.approves and move.kind is MoveKind.ASK_APPROVAL and move.step:
        ref = debtor.new_ref()
        approved = Event(kind=EventKind.STEP_APPROVED, event_id=ref, ref=ref, step=move.step)
        living.facts = apply_event(living.facts, approved, living.policy, now)


def send(debtor: Debtor, living: Living, move: Move, now: datetime) -> None:
    """The notice, call, review or hand-over that is due, with whatever else goes into it."""
    found = _lines(debtor, living, move, now)
    demands = {}
    if any(line.step and line.step.charges for line in found):
        today = debtor.today(living, now)
        demands = {line.case.facts.invoice_id: demanded(line.case.facts, today) for line in found}
    lines = [line for line in found if _charge(debtor, line, demands, now)]
    if all(line.move is None for line in lines):
        return  # the one whose turn it was needs a person first
    debtor.spread_cash(now)  # what is charged takes its share
    channel = move.channel
    is_contact = channel not in (Channel.INTERNAL, Channel.HAND_OVER)
    ref = debtor.new_ref()
    told = ref if is_contact else None
    if is_contact:
        courtesy = living.policy.steps[living.policy.position(move.step or "")].is_courtesy
        debtor.add_contact(Contact(now, courtesy, ref))
    debtor.notices[ref] = [debtor.by_invoice[line.case.facts.invoice_id] for line in lines]
    for line in lines:
        if line.move:
            _tell_passed_over(debtor, debtor.by_invoice[line.case.facts.invoice_id], line.move, now)
    for line in lines:
        other = debtor.by_invoice[line.case.facts.invoice_id]
        step = _take(other, line.move, ref, now) if line.move else standing(other.facts, other.policy, now)
        debtor.tell(
            other,
            now,
            _KINDS.get(channel, "task"),
            step=step,
            channel=channel.value if channel else None,
            notice=told,
            asks=True,
            planned_at=line.move.planned_at if line.move else None,
        )
        other.wake = min(other.wake, now)


def standing(facts: Facts, policy: Policy, now: datetime) -> str | None:
    """The step at which a case stands: the last one taken, else the next."""
    taken = [t for t in facts.steps if t.cycle == facts.cycle and t.state is StepState.DONE]
    if taken:
        return max(taken, key=lambda t: t.at).step
    ahead = look_ahead(facts, policy, now)
    return ahead.first.step.key if ahead.first else None


def _lines(debtor: Debtor, living: Living, move: Move, now: datetime) -> tuple[Line, ...]:
    own = living.policy.steps[living.policy.position(move.step or "")]
    names_all = own.legal is not None or living.policy.bundling is Bundling.ALL_OVERDUE
    others = []
    for other in debtor.cases:
        if other.is_open and other is not living and (names_all or _may_go_today(other, now)):
            debtor.inform(other)
            other.facts = settle_promises(other.facts, other.policy, now)
            others.append(debtor.case(other))
    return bundle(debtor.case(living), move, others, now)


def _may_go_today(living: Living, now: datetime) -> bool:
    zone = living.policy.zone
    return living.wake.astimezone(zone).date() <= now.astimezone(zone).date()


def _charge(debtor: Debtor, line: Line, demands: MutableMapping[str, Demanded], now: datetime) -> bool:
    """Book what the line's step charges. False: it cannot be said what that is, and a person is told.

    `demands`: of each line of the notice, by invoice; kept up with what is charged.
    """
    step, living = line.step, debtor.by_invoice[line.case.facts.invoice_id]
    if step is None or line.move is None or not step.charges:
        return True
    try:
        charged = _charged(debtor, living, step, demands, now)
    except DomainError:
        blocked = line.move._replace(kind=MoveKind.BLOCK, reasons=(Reason(ReasonCode.RATE_UNKNOWN),))
        give_to_a_person(debtor, living, blocked, now)
        living.wake = min(living.wake, now)
        return False
    if charged is not living.facts:
        living.facts = charged
        demands[charged.invoice_id] = demanded(charged, debtor.today(living, now))
        debtor.tell(living, now, "charge", step=step.key, planned_at=line.move.planned_at)
    return True


def _charged(
    debtor: Debtor, living: Living, step: Step, demands: MutableMapping[str, Demanded], now: datetime
) -> Facts:
    """Interest beyond the rates that are known is that of the last one: a story may tell of next year."""
    facts, policy, today = living.facts, living.policy, debtor.today(living, now)
    account = beside(account_of(debtor, facts, policy, today), step, facts, demands)
    accrued = Money.zero(facts.currency)
    if step.charges.interest:
        accrued = claim_of_case(facts, policy, today, account, provisional=True).accrued
    entries = charges_of(step, facts, policy, today, account, accrued)
    return book(facts, entries) if entries else facts


def _take(living: Living, move: Move, ref: str, now: datetime) -> str | None:
    """Everything leaves at once, and every call is made at once."""
    if move.channel in (Channel.CALL_TASK, Channel.INTERNAL):
        living.facts = park(living.facts, move, living.policy, now)
    else:
        claimed = claim(living.facts, move, living.policy, now, ref)
        living.facts = finish(claimed, move.step or "", now)
    return move.step


def _tell_passed_over(debtor: Debtor, living: Living, move: Move, now: datetime) -> None:
    for over in move.passed_over:
        why = (Reason(_OVER[over.state]),)
        debtor.tell(living, now, "skipped", step=over.step, planned_at=over.planned_at, reasons=why)
