"""A scenario: a portfolio and what happens to it, as a file tells it. docs/simulate.md describes the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from domain.facts import DebtorKind, Term
from domain.money import Money
from domain.policy import Policy

ScenarioEventKind = Literal[
    "payment",
    "reversal",
    "credit_note",
    "unallocated",
    "dispute",
    "dispute_resolved",
    "hold",
    "promise",
    "plan",
    "bounce",
    "approve",
    "policy",
    "write_off",
    "withdrawal",
    "outage",
]


@dataclass(frozen=True, slots=True)
class Discount:
    """For paying early: `percent` of the invoice, for payments up to and including `until`."""

    percent: Decimal
    until: date


@dataclass(frozen=True, slots=True)
class ScenarioDebtor:
    id: str
    country: str
    kind: DebtorKind
    language: str
    segment: str = ""
    tags: frozenset[str] = frozenset()
    behaviour: str = ""
    mandate: bool = False
    """Has given a direct debit mandate."""
    email: bool = True
    """Can be reached so; likewise the next two."""
    address: bool = True
    phone: bool = True


@dataclass(frozen=True, slots=True)
class ScenarioInvoice:
    id: str
    debtor: str
    number: str
    currency: str
    issued: date
    delivered: date
    """First delivery to the debtor; never before `issued`."""
    terms: tuple[Term, ...]
    """In order of their due dates, at least one."""
    discount: Discount | None = None
    policy: Policy | None = None
    """Instead of the scenario's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEvent:
    """Something that happens at `at`. Which of the other values count depends on `kind`."""

    at: datetime
    """In UTC."""
    on: date
    """The day of `at` in the scenario's zone."""
    line: int
    """Where the file says it, from 1."""
    kind: ScenarioEventKind
    invoice: str = ""
    debtor: str = ""
    """Set where the event concerns a debtor as a whole."""
    id: str = ""
    """Of a dispute."""
    amount: Money | None = None
    """Always positive. None for a dispute: the whole claim."""
    until: datetime | date | None = None
    """Hold and outage: the first moment after it, in UTC; None for a hold: until further notice.
    Promise: a date counts through its whole day, a moment to the second."""
    step: str = ""
    outcome: str = ""
    """Of a dispute: accepted or rejected."""
    reason: str = ""
    instalments: tuple[Term, ...] = ()
    """In order of their dates."""
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    policy: Policy
    start: datetime
    """In UTC."""
    until: datetime
    """In UTC, the first moment after the end."""
    debtors: tuple[ScenarioDebtor, ...]
    invoices: tuple[ScenarioInvoice, ...]
    events: tuple[ScenarioEvent, ...]
    """In order of time."""

    @property
    def zone(self) -> ZoneInfo:
        return self.policy.zone
