"""What a claim is made of: invoices and payments go in, what is owed and how it came about comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.law.interest import InterestLine
from domain.money import Money


@dataclass(frozen=True, slots=True)
class ClaimInvoice:
    id: str
    principal: Money
    due: date
    """Inclusive: the debtor is in default from the day after."""


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    on: date
    amount: Money
    invoice: str | None = None
    """The invoice that the debtor said it is for."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one payment paid of one invoice; the costs of all invoices are on its first line."""

    on: date
    invoice: str | None
    """None: it paid costs alone."""
    costs: Money
    """With their VAT."""
    interest: Money
    principal: Money


@dataclass(frozen=True, slots=True)
class Claim:
    """What is still owed at the end of the day asked for, after the payments up to it."""

    principal: Money
    interest: Money
    """With what was added to the base."""
    costs: Money
    vat_on_costs: Money
    total: Money
    provisional: bool
    """A rate that is not known yet was taken to be the last known one."""
    interest_lines: tuple[InterestLine, ...]
    allocations: tuple[Allocation, ...]
    basis: tuple[str, ...]
    surplus: Money
    """Paid beyond all that was owed on the day of payment."""
    accrued: Money
    """All interest lines together, paid or not."""
