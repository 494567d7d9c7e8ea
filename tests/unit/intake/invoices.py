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
)


@st.composite
def invoices(draw: st.DrawFn) -> NewInvoice:
    issued = draw(st.dates(date(2000, 1, 1), TODAY + timedelta(days=366)))
    return NewInvoice(
        number=draw(_name),
        debtor=draw(_debtors),
        issued=issued,
        due=issued + timedelta(days=draw(st.integers(0, 3653))),
        amount=draw(_money),
        creditor=draw(_line) or None,
        policy=draw(_line) or None,
        description=draw(_line),
        payment_reference=draw(_line),
    )


def as_fields(invoice: NewInvoice, locale: Locale = "plain", *, grouped: bool = False) -> dict[str, str]:
    """The invoice as cells, with the amount as Babel writes it for the locale."""
    debtor, amount = invoice.debtor, invoice.amount.amount
    written = str(amount)
    if locale != "plain":
        written = format_decimal(amount, "#,##0.00" if grouped else "0.00", locale=locale)
    return {
        "number": invoice.number,
        "debtor_reference": debtor.reference,
        "debtor_name": debtor.name,
        "debtor_kind": "" if debtor.kind == "unknown" else debtor.kind,
        "country": debtor.country,
        "language": debtor.language,
        "email": debtor.email,
        "issue_date": invoice.issued.isoformat(),
        "due_date": invoice.due.isoformat(),
        "currency": invoice.amount.currency,
        "amount": written,
        "phone": debtor.phone,
        "contact_name": debtor.contact_name,
        "address_line": debtor.address_line,
        "postal_code": debtor.postal_code,
        "city": debtor.city,
        "creditor": invoice.creditor or "",
        "policy": invoice.policy or "",
        "description": invoice.description,
        "payment_reference": invoice.payment_reference,
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
