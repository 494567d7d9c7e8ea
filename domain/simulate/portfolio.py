"""A whole portfolio under one policy: not the stories, only what they add up to in each week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from domain.money import Money
from domain.move import ReasonCode
from domain.next_move import stage_of
from domain.policy import Anchor, Policy, start_of_day
from domain.simulate.enrol import enrolment, facts_of, morning
from domain.simulate.live import Noticed, live
from domain.simulate.living import Debtor, Living
from domain.simulate.scenario import ScenarioDebtor, ScenarioEvent, ScenarioInvoice
from domain.simulate.story import Line, LineKind
from domain.stages import Stage

_COUNTED: Final[frozenset[LineKind]] = frozenset({"notice", "task", "escalation"})


@dataclass(frozen=True, slots=True)
class Payment:
    invoice: str
    """The id of one that the same customer owes."""
    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Customer:
    debtor: ScenarioDebtor
    invoices: tuple[ScenarioInvoice, ...]
    payments: tuple[Payment, ...]
    """In order of time."""


@dataclass(slots=True)
class Week:
    notices: int = 0
    letters: int = 0
    """Of the notices, those on paper."""
    calls: int = 0
    approvals: int = 0
    """Steps for which a person is asked to consent."""
    hand_overs: int = 0
    asked: dict[str, Decimal] = field(default_factory=dict)
    """By currency, over all notices."""

    def add(self, other: Week) -> None:
        self.notices += other.notices
        self.letters += other.letters
        self.calls += other.calls
        self.approvals += other.approvals
        self.hand_overs += other.hand_overs
        for currency, amount in other.asked.items():
            self.asked[currency] = self.asked.get(currency, Decimal(0)) + amount


class Tally:
    """What happened in each ISO week, by its Monday, and where the cases end."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.weeks: dict[date, Week] = defaultdict(Week)
        self.stages: Counter[str] = Counter()
        self.blocked: Counter[str] = Counter()
        """Steps that need a person's help, by why."""
        self.open: dict[str, Decimal] = {}
        """Owed at the end, by currency."""
        self._zone = zone
        self._last = ""

    def count(self, line: Line) -> None:
        day = line.at.astimezone(self._zone).date()
        week = self.weeks[date.fromordinal(day.toordinal() - day.weekday())]
        is_new = line.notice is None or line.notice != self._last
        self._last = line.notice or ""
        if line.kind == "notice" and line.asked:
            week.notices += is_new
            week.letters += is_new and line.channel == "letter"
            currency = line.asked.currency
            week.asked[currency] = week.asked.get(currency, Decimal(0)) + line.asked.amount
        elif line.kind == "escalation":
            week.hand_overs += 1
        elif line.channel == "call_task":
            week.calls += is_new
        elif line.reasons and line.reasons[0].code is ReasonCode.AWAITING_APPROVAL:
            week.approvals += 1
        elif line.reasons:
            self.blocked[line.reasons[0].code.value] += 1

    def end(self, living: Living, now: datetime) -> None:
        facts = living.facts
        self.stages[stage_of(facts, living.policy, now).value] += 1
        self.open[facts.currency] = self.open.get(facts.currency, Decimal(0)) + facts.open.amount

    def add(self, other: Tally) -> None:
        for monday, week in other.weeks.items():
            self.weeks[monday].add(week)
        self.stages += other.stages
        self.blocked += other.blocked
        for currency, amount in other.open.items():
            self.open[currency] = self.open.get(currency, Decimal(0)) + amount


def simulate_portfolio(
    customers: Iterable[Customer], policy: Policy, start: datetime, until: datetime, *, approves: bool = True
) -> Tally:
    """From `start` up to `until`, exclusive; one customer at a time. `approves`: whatever needs approval has it
    at once; else it stays pending."""
    tally = Tally(policy.zone)
    for customer in customers:
        cases = [_case(invoice, customer.debtor, policy, start) for invoice in customer.invoices]
        debtor = Debtor(customer.debtor.id, cases, tally.count, kinds=_COUNTED, approves=approves)
        live(debtor, [_noticed(payment, policy.zone) for payment in customer.payments], (), until)
        for living in cases:
            tally.end(living, until)
    return tally


def _case(invoice: ScenarioInvoice, debtor: ScenarioDebtor, policy: Policy, start: datetime) -> Living:
    enrolled_at = enrolment(invoice, start, policy.zone)
    facts, days = facts_of(invoice, debtor, enrolled_at), _quiet_days(policy)
    if days is None:
        return Living(invoice.id, facts, policy, wake=enrolled_at)
    quiet_until = start_of_day(facts.due + timedelta(days=days), policy.zone)
    # Others' letters may name it meanwhile.
    return Living(invoice.id, facts, policy, wake=max(enrolled_at, quiet_until), stage=Stage.NOT_DUE)


@lru_cache(maxsize=8)
def _quiet_days(policy: Policy) -> int | None:
    """How many days after the due date no step leaves: most invoices are paid by then. None: that cannot be told."""
    if any(step.anchor is Anchor.ENROLLED or step.after.unit == "s" for step in policy.steps):
        return None
    return min((step.after.amount for step in policy.steps if step.anchor is Anchor.DUE), default=None)


def _noticed(payment: Payment, zone: ZoneInfo) -> Noticed:
    at = morning(payment.on, zone)
    event = ScenarioEvent(
        at=at, on=payment.on, line=0, kind="payment", invoice=payment.invoice, amount=payment.amount
    )
    return at, event
