"""What a letter says, as values: the caller reads them from the database, rendering only words them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from domain.errors import DomainError
from domain.law.legal_step import USUAL_TERM
from domain.law.settings import LegalStep
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


@dataclass(frozen=True, slots=True)
class TermPart:
    """A term that the letter is about: its number among the terms of the invoice, from 1, and what is left of it."""

    number: int
    due: date
    open: Money


@dataclass(frozen=True, slots=True)
class DiscountOffer:
    """So much less for who pays all the rest by `until`, inclusive."""

    until: date
    percent: Decimal
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One invoice in a letter.

    `original` is the principal; `interest`, `costs` (with their VAT) and `fee` are what was charged on it so far.
    `paid` is what was received, `open` what is owed now, charges included, `asked` what this letter asks (less
    than `open` when a part is disputed, not due yet, or `pending`: received and not allocated). `days_late` counts
    from the due date: negative before it, 0 on the day. `terms` are those asked for, of the `term_count` that the
    invoice has; empty when it has one. `discount` runs today, and is no part of `asked`.
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
    interest: Money | None = None
    costs: Money | None = None
    fee: Money | None = None
    pending: Money | None = None
    terms: tuple[TermPart, ...] = ()
    term_count: int = 1
    discount: DiscountOffer | None = None

    @property
    def reference(self) -> str:
        """What the debtor must quote: the structured reference, else the invoice number."""
        return self.payment_reference or self.number

    @property
    def credited(self) -> Money:
        """What made the claim smaller without being paid (credit notes, discounts); negative when it grew."""
        return sum(self.charges.values(), self.original) - self.paid - self.open

    @property
    def charges(self) -> dict[str, Money]:
        """What was added to the principal, by the word for it, in the order in which letters name it."""
        by_kind = {"interest": self.interest, "costs": self.costs, "fee": self.fee}
        return {kind: amount for kind, amount in by_kind.items() if amount}


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
class LegalTerms:
    """What a notice with legal effect grants, and what it says will follow.

    `costs` is what collection costs will be due after the term, for all lines together, without VAT; None: none
    will be claimed. `interest_percent` (a year) and `interest_from` (first day) are named when interest is claimed.
    """

    kind: LegalStep
    days: int
    """The term granted, counted from receipt."""
    costs: Money | None
    vat_on_costs: Money | None = None
    """Printed with the declaration of art. 2 para 3 of the BIK decree; Netherlands only."""
    interest_percent: Decimal | None = None
    interest_from: date | None = None
    safe_until: date | None = None
    """When the term is over by any reckoning; no letter prints it, since a date can turn out too early."""

    @property
    def is_for_consumers(self) -> bool:
        """Whether charging depends on this very letter."""
        return self.kind is not LegalStep.FORMAL_NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Letter):
    """A step of the ladder. `template` names another letter than the tone would choose; `legal` decides over both.

    `previous` holds the days on which earlier notices about these invoices left, oldest first.
    `pay_by` is the last day to pay as the law or the policy computed it; without it a formal notice states
    its fourteen days in words only, because a printed date that turns out too early makes the notice void.
    A notice with `legal` never prints it. `interest_from` and `costs_from` are the first days of what the lines
    were charged; None: not said. What is posted on paper speaks of a letter, and cannot be replied to.
    """

    channel: Literal["email", "post"] = "email"
    tone: Tone = "friendly"
    template: str | None = None
    previous: tuple[date, ...] = ()
    pay_by: date | None = None
    legal: LegalTerms | None = None
    interest_from: date | None = None
    costs_from: date | None = None

    def __post_init__(self) -> None:
        Letter.__post_init__(self)
        if self.legal and self.legal.is_for_consumers:
            _refuse_void_letter(self, self.legal)


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


def _refuse_void_letter(letter: Reminder, legal: LegalTerms) -> None:
    """A letter that lacks what the law demands would cost the creditor the costs, and waiting cannot repair it."""
    if legal.days < USUAL_TERM:
        raise DomainError(
            "legal_term_too_short",
            f"the {legal.kind.value} must grant at least {USUAL_TERM} days, not {legal.days}",
            field="days",
            value=legal.days,
        )
    early = next((line for line in letter.lines if line.days_late <= 0), None)
    if early:
        raise DomainError(
            "legal_letter_before_default",
            f"the {legal.kind.value} has no effect before invoice {early.number} is overdue",
            invoice=early.number,
        )
    if legal.kind is LegalStep.BE_FIRST_REMINDER and not letter.creditor.company_number:
        raise DomainError(
            "no_company_number",
            "a Belgian first reminder must name the creditor's company number",
            field="company_number",
        )


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Sums per currency, in order of appearance."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return tuple(sums.values())
