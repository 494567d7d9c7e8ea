"""What a letter says, as values: the caller reads them from the database, rendering only words them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.errors import DomainError
from domain.money import Money

Tone = Literal["friendly", "firm", "formal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A creditor or a debtor as letters name them; what is unknown is an empty string."""

    name: str
    email: str
    address_lines: tuple[str, ...] = ()
    company_number: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Bank:
    """The account to pay to; the IBAN was checked when it was stored, with or without spaces."""

    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One invoice (or one of its terms) in a letter.

    `paid` is what was received, `open` what is owed now, `asked` what this letter asks (less than `open`
    when a part is disputed). `days_late` counts from the due date: negative before it, 0 on the day itself.
    """

    number: str
    issued: date
    due: date
    original: Money
    paid: Money
    open: Money
    asked: Money
    days_late: int
    payment_reference: str = ""
    description: str = ""

    @property
    def reference(self) -> str:
        """What the debtor must quote: the structured reference, else the invoice number."""
        return self.payment_reference or self.number

    @property
    def credited(self) -> Money:
        """What made the claim smaller without being paid (credit notes, discounts); negative when it grew."""
        return self.original - self.paid - self.open


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What every letter has. `language` is the reader's; `creditor_language` is used when that is unknown."""

    notice_id: str
    language: str
    creditor_language: str = "en"
    creditor: Party
    bank: Bank
    debtor: Party
    contact_name: str = ""
    lines: tuple[InvoiceLine, ...]
    today: date
    reply_to: str = ""

    def __post_init__(self) -> None:
        if not self.lines:
            raise DomainError("letter_without_lines", "a letter must be about at least one invoice")

    @property
    def asked_total(self) -> tuple[Money, ...]:
        """What the lines ask, one amount per currency, in order of appearance."""
        return totals(line.asked for line in self.lines)

    @property
    def open_total(self) -> tuple[Money, ...]:
        """What is owed on the lines, one amount per currency, in order of appearance."""
        return totals(line.open for line in self.lines)

    @property
    def paid_total(self) -> tuple[Money, ...]:
        """What was received so far, one amount per currency; nothing received is an empty tuple."""
        return tuple(total for total in totals(line.paid for line in self.lines) if total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Letter):
    """A step of the ladder. `template` names another letter than the tone would choose.

    `previous` holds the days on which earlier notices about these invoices left, oldest first.
    `pay_by` is the last day to pay as the law or the policy computed it; without it a formal notice states
    its fourteen days in words only, because a printed date that turns out too early makes the notice void.
    """

    tone: Tone = "friendly"
    template: str | None = None
    previous: tuple[date, ...] = ()
    pay_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentNotice(Letter):
    """Announces instalment `position` of `count` of a payment plan; the lines are what the plan covers."""

    position: int
    count: int
    amount: Money
    due: date
    plan_total: Money
    plan_paid: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Letter):
    """Tells a collection agency or lawyer that the case is theirs; the dossier travels with it."""

    agency_name: str
    agency_email: str


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Sums per currency, in order of appearance."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return tuple(sums.values())
