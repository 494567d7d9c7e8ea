"""What is known of a scenario when an event is read: who plays in it, and what the events above say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.money import Money
from domain.policy import Policy
from domain.simulate.scenario import ScenarioDebtor, ScenarioInvoice
from intake.marked_yaml import Problems, Read

LONG_AGO: Final = datetime(1900, 1, 1, tzinfo=UTC)
_USUAL_CURRENCY: Final = "EUR"


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom events are about, and what it takes to read them."""

    problems: Problems
    zone: ZoneInfo
    debtors: Mapping[str, ScenarioDebtor]
    invoices: Mapping[str, ScenarioInvoice]
    policy: Policy | None
    """None: it was refused."""
    read_policy: Read[Policy | None]
    judge: Callable[[int, Policy, str], None]
    """Told the line of a policy, and the id of the debtor it is applied to."""

    def currency_of_invoice(self, invoice: str) -> str:
        return self.invoices[invoice].currency

    def currency_of_debtor(self, debtor: str) -> str:
        """That of the first invoice."""
        owed = (invoice.currency for invoice in self.invoices.values() if invoice.debtor == debtor)
        return next(owed, _USUAL_CURRENCY)


@dataclass(slots=True)
class Past:
    """Grows with every event."""

    cast: Cast
    latest: datetime = LONG_AGO
    payments: dict[str, list[Money]] = field(default_factory=dict)
    """Not reversed, by invoice."""
    disputes: dict[str, str] = field(default_factory=dict)
    """The invoice of each."""
    moves: dict[str, list[Policy | None]] = field(default_factory=dict)
    """The policies that an invoice was moved to. None: one that was refused."""

    def ladders(self, invoice: str) -> tuple[Policy | None, ...]:
        """All policies that an invoice has had so far."""
        own = self.cast.invoices[invoice].policy or self.cast.policy
        return (own, *self.moves.get(invoice, ()))
