"""Believable invoices for the tests of intake, and a CSV writer that stands for someone's bookkeeping."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal
from hypothesis import strategies as st

from domain.facts import Discount, Term
from domain.money import CURRENCIES, Money
from domain.new_invoice import OPTIONAL_FIELDS, REQUIRED_FIELDS, NewDebtor, NewInvoice
from intake.amounts import Locale

TODAY: Final = date(2026, 11, 21)
GOOD: Final = {
    "number": "F-1",
    "debtor_reference": "D-1",
    "debtor_name": "Café Noord, B.V.",
    "debtor_kind": "business",
    "country": "NL",
    "language": "nl",
    "email": "info@noord.example",
    "issue_date": "2026-10-01",
    "due_date": "2026-10-15",
    "currency": "EUR",
    "amount": "1234.50",
}

AWKWARD: Final = "aZ09 ,;\"'=+@-./\\|%éßøİ漢😀"
"""Printable, and troublesome for CSV, spreadsheets or capitals."""
_line = st.text(AWKWARD, max_size=20).map(lambda text: text.strip(" "))
_name = _line.filter(bool)
_email = st.sampled_from(["", "info@noord.example", "j.o'neill+inv@a-b.sub.example", "x@1.example"])
_money = st.builds(
    Money,
    st.decimals(Decimal("0.01"), Decimal("999999999999.99"), places=2),
    st.sampled_from(sorted(CURRENCIES)),
)
_tag = _line.map(lambda text: text.replace(",", "").strip(" ")).filter(bool)
_debtors = st.builds(
    NewDebtor,
    reference=_name,
    name=_name,
    kind=st.sampled_from(["consumer", "business", "unknown"]),
    country=st.sampled_from(["NL", "BE", "FR", "DE", "GB"]),
    language=st.sampled_from(["nl", "fr", "en", "de"]),
    email=_email,
    phone=_line,
    contact_name=_line,
    address_line=_line,
    postal_code=_line,
    city=_line,
    segment=_line,
    tags=st.lists(_tag, max_size=3, unique=True).map(tuple),
    behaviour=_line,
    mandate=st.booleans(),
    policy=_line,
)


@st.composite
def invoices(draw: st.DrawFn) -> NewInvoice:
    issued = draw(st.dates(date(2000, 1, 1), TODAY + timedelta(days=366)))
    terms = draw(_terms(issued))
    percents = st.decimals(Decimal("0.01"), Decimal("99.99"), places=2)
    until = st.dates(issued, terms[0].due)
    return NewInvoice(
        number=draw(_name),
        debtor=draw(_debtors),
        issued=issued,
        terms=terms,
        amount=sum((term.amount for term in terms[1:]), terms[0].amount),
        creditor=draw(_line) or None,
        policy=draw(_line) or None,
        description=draw(_line),
        payment_reference=draw(_line),
        delivered=draw(st.none() | st.dates(issued - timedelta(days=366), issued + timedelta(days=366))),
        discount=draw(st.none() | st.builds(Discount, percents, until)),
    )


@st.composite
def _terms(draw: st.DrawFn, issued: date) -> tuple[Term, ...]:
    if draw(st.booleans()):
        return (Term(issued + timedelta(days=draw(st.integers(0, 3653))), draw(_money)),)
    days = sorted(draw(st.sets(st.integers(0, 3653), min_size=2, max_size=4)))
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    amounts = st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2)
    return tuple(Term(issued + timedelta(days=n), Money(draw(amounts), currency)) for n in days)


def as_fields(invoice: NewInvoice, locale: Locale = "plain", *, grouped: bool = False) -> dict[str, str]:
    """The invoice as cells, with the amount as Babel writes it for the locale."""
    debtor, discount = invoice.debtor, invoice.discount

    def written(amount: Decimal) -> str:
        if locale == "plain":
            return str(amount)
        return format_decimal(amount, "#,##0.00" if grouped else "0.00", locale=locale)

    terms = "; ".join(f"{term.due} {written(term.amount.amount)}" for term in invoice.terms)
    return {
        "number": invoice.number,
        "debtor_reference": debtor.reference,
        "debtor_name": debtor.name,
        "debtor_kind": "" if debtor.kind == "unknown" else debtor.kind,
        "country": debtor.country,
        "language": debtor.language,
        "email": debtor.email,
        "issue_date": invoice.issued.isoformat(),
        "due_date": invoice.due.isoformat() if len(invoice.terms) == 1 else "",
        "currency": invoice.amount.currency,
        "amount": written(invoice.amount.amount),
        "phone": debtor.phone,
        "contact_name": debtor.contact_name,
        "address_line": debtor.address_line,
        "postal_code": debtor.postal_code,
        "city": debtor.city,
        "creditor": invoice.creditor or "",
        "policy": invoice.policy or "",
        "description": invoice.description,
        "payment_reference": invoice.payment_reference,
        "terms": terms if len(invoice.terms) > 1 else "",
        "delivered_on": invoice.delivered.isoformat() if invoice.delivered else "",
        "discount_percent": written(discount.percent) if discount else "",
        "discount_until": discount.until.isoformat() if discount else "",
        "segment": debtor.segment,
        "tags": ", ".join(debtor.tags),
        "behaviour": debtor.behaviour,
        "direct_debit": "yes" if debtor.mandate else "",
        "debtor_policy": debtor.policy,
    }


def as_csv(
    rows: Sequence[dict[str, str]],
    *,
    separator: str = ",",
    columns: Sequence[str] = REQUIRED_FIELDS + OPTIONAL_FIELDS,
    bom: bool = False,
    line_end: str = "\r\n",
) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=separator, lineterminator=line_end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")
