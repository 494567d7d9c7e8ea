"""What a calculator of claims is asked: docs/calculators.md describes the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.claim import ClaimInvoice, ClaimPayment
from domain.law.costs import currency_of
from domain.law.country import as_consumer, supported_country
from domain.law.form import Form, refusal
from domain.law.settings import CreditorSize, DayCount, LawSettings
from domain.money import CURRENCIES, Money

_KEYS: Final = frozenset(
    {
        *(
            "country",
            "debtor_kind",
            "creditor_size",
            "due_date",
            "principal",
            "invoices",
            "currency",
            "as_of",
        ),
        *(
            "day_count",
            "contractual_rate",
            "costs",
            "vat_on_costs",
            "payments",
            "first_reminder",
            "provisional",
        ),
    }
)
_INVOICE: Final = frozenset({"id", "due_date", "principal"})
_PAYMENT: Final = frozenset({"on", "amount", "invoice"})
_REMINDER: Final = frozenset({"sent", "channel"})


MOST_ITEMS: Final = 1000
"""Invoices, and payments, of one question."""
MOST_PAIRS: Final = 50_000
"""Invoices times payments: each payment ends a line of interest of each invoice."""


class CostsAsked(StrEnum):
    STATUTORY = "statutory"  # what the law allows at most, or grants
    MINIMUM = "minimum"  # the fixed sum that is due without any demand
    NONE = "none"


class By(StrEnum):
    """How a notice was sent."""

    POST = "post"
    EMAIL = "email"

    @property
    def channel(self) -> Literal["post", "email"]:
        return "post" if self is By.POST else "email"


@dataclass(frozen=True, slots=True)
class FirstReminder:
    """The free reminder to a consumer in Belgium, which starts the clock of costs and interest."""

    sent: date
    by: By


@dataclass(frozen=True, slots=True)
class ClaimQuestion:
    country: str
    kind: DebtorKind
    currency: str
    invoices: tuple[ClaimInvoice, ...]
    payments: tuple[ClaimPayment, ...]
    as_of: date
    settings: LawSettings
    costs: CostsAsked | Money
    first_reminder: FirstReminder | None
    provisional: bool

    @property
    def principals(self) -> tuple[Money, ...]:
        return tuple(invoice.principal for invoice in self.invoices)


def read_claim(values: Mapping[str, object]) -> ClaimQuestion:
    form = Form(values, _KEYS)
    country = supported_country(form.text("country"))
    kind = form.choice("debtor_kind", DebtorKind)
    currency = _currency(form, country)
    invoices = _invoices(form, currency)
    as_of = form.day("as_of")
    latest = max(invoice.due for invoice in invoices)
    if as_of < latest:
        raise form.refusal("as_of", "as_of_before_due", f"is before the due date {latest}")
    return ClaimQuestion(
        country=country,
        kind=kind,
        currency=currency,
        invoices=invoices,
        payments=_payments(form, currency, invoices),
        as_of=as_of,
        settings=LawSettings(
            creditor_size=form.choice("creditor_size", CreditorSize, CreditorSize.SME),
            contractual_rate=form.percent("contractual_rate"),
            day_count=form.choice("day_count", DayCount, DayCount.ACTUAL_365),
            vat_on_costs=_vat(form, country),
        ),
        costs=_costs(form, currency),
        first_reminder=_first_reminder(form, country, kind, latest),
        provisional=form.flag("provisional"),
    )


def read_currency(text: str) -> str:
    if text not in CURRENCIES:
        raise refusal("currency", "unknown_currency", f"must be one of {', '.join(sorted(CURRENCIES))}", text)
    return text


def _currency(form: Form, country: str) -> str:
    return read_currency(form.text("currency")) if "currency" in form else currency_of(country)


def _invoices(form: Form, currency: str) -> tuple[ClaimInvoice, ...]:
    """From `invoices`, or from the two fields that stand for a single one."""
    if "invoices" not in form:
        return (ClaimInvoice("1", form.amount("principal", currency), form.day("due_date")),)
    for single in ("due_date", "principal"):
        if single in form:
            reason = "is given beside `invoices`: put it into the invoice, or leave `invoices` out"
            raise form.refusal(single, "both_forms", reason)
    invoices = tuple(
        ClaimInvoice(
            one.text("id") if "id" in one else str(number),
            one.amount("principal", currency),
            one.day("due_date"),
        )
        for number, one in enumerate(_items(form, "invoices", _INVOICE), 1)
    )
    if not invoices:
        raise form.refusal("invoices", "empty", "must name at least one invoice")
    ids = [invoice.id for invoice in invoices]
    for n, known in enumerate(ids):
        if known in ids[:n]:
            raise refusal(f"invoices.{n}.id", "twice", "is the id of an earlier invoice too", known)
    return invoices


def _payments(form: Form, currency: str, invoices: tuple[ClaimInvoice, ...]) -> tuple[ClaimPayment, ...]:
    known = {invoice.id: invoice.due for invoice in invoices}
    items = _items(form, "payments", _PAYMENT)
    if len(items) * len(invoices) > MOST_PAIRS:
        reason = f"has {len(items)} items for {len(invoices)} invoices; at most {MOST_PAIRS // len(invoices)}"
        raise DomainError("too_many", reason, field="payments")
    payments = []
    for one in items:
        invoice = one.text("invoice") if "invoice" in one else None
        if invoice is not None and invoice not in known:
            raise one.refusal(
                "invoice", "unknown_invoice_id", f"is not an invoice here; known are {', '.join(known)}"
            )
        payment = ClaimPayment(one.day("on"), one.amount("amount", currency), invoice)
        if payment.on < min(known.values()):
            reason = "is before the invoice was due: enter what was left as principal"
            raise one.refusal("on", "payment_before_due", reason)
        payments.append(payment)
    return tuple(payments)


def _items(form: Form, name: str, known: frozenset[str]) -> list[Form]:
    items = form.forms(name, known)
    if len(items) > MOST_ITEMS:
        raise DomainError("too_many", f"has {len(items)} items; at most {MOST_ITEMS}", field=name)
    return items


def _costs(form: Form, currency: str) -> CostsAsked | Money:
    if "costs" not in form:
        return CostsAsked.STATUTORY
    text = form.text("costs")
    if text in set(CostsAsked):
        return CostsAsked(text)
    try:
        return form.amount("costs", currency)
    except DomainError:
        words = ", ".join(option.value for option in CostsAsked)
        raise form.refusal(
            "costs", "bad_costs", f'must be {words} or an amount above zero such as "75.00"'
        ) from None


def _vat(form: Form, country: str) -> bool:
    asked = form.flag("vat_on_costs")
    if asked and country != "NL":
        raise form.refusal(
            "vat_on_costs", "vat_not_applicable", "only the Netherlands know VAT on collection costs"
        )
    return asked


def _first_reminder(form: Form, country: str, kind: DebtorKind, latest_due: date) -> FirstReminder | None:
    reminder = form.form("first_reminder", _REMINDER)
    if reminder is None:
        return None
    if country != "BE" or not as_consumer(kind):
        raise form.refusal("first_reminder", "not_applicable", "is for consumers in Belgium only")
    sent = reminder.day("sent")
    if sent <= latest_due:
        raise reminder.refusal("sent", "reminder_before_default", f"is not after the due date {latest_due}")
    return FirstReminder(sent, reminder.choice("channel", By))
