"""The fields of an invoice that comes in: their names and limits, and a reading that keeps every problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.errors import DomainError
from domain.money import CURRENCIES, Money
from domain.plain_text import text_fault

REQUIRED_FIELDS: Final = (
    "number",
    "debtor_reference",
    "debtor_name",
    "debtor_kind",
    "country",
    "language",
    "email",
    "issue_date",
    "due_date",  # or `terms` in its place
    "currency",
    "amount",
)
OPTIONAL_FIELDS: Final = (
    "phone",
    "contact_name",
    "address_line",
    "postal_code",
    "city",
    "creditor",
    "policy",
    "description",
    "payment_reference",
    "terms",
    "delivered_on",
    "discount_percent",
    "discount_until",
    "segment",
    "tags",
    "behaviour",
    "direct_debit",
    "debtor_policy",
)
FIELDS: Final = frozenset(REQUIRED_FIELDS + OPTIONAL_FIELDS)

_LONGER: Final = {
    "debtor_name": 200,
    "contact_name": 200,
    "address_line": 200,
    "email": 254,
    "description": 500,
    "tags": 1000,
    "terms": 2000,
}
_LONGEST: Final = {field: _LONGER.get(field, 100) for field in REQUIRED_FIELDS + OPTIONAL_FIELDS}
"""Characters."""
_IDENTIFIERS: Final = frozenset(
    {
        *("number", "debtor_reference", "creditor", "policy", "payment_reference"),
        *("segment", "tags", "behaviour", "debtor_policy"),
    }
)
_MAY_BE_EMPTY: Final = frozenset({"email", "debtor_kind", *OPTIONAL_FIELDS})
_AMOUNT_FAULTS: Final = {
    "too_many_decimals": "has more than two decimals",
    "amount_out_of_range": "is too large",
}
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def due_in_place(names: Mapping[str, object]) -> frozenset[str]:
    """What `terms` stands for where it is there."""
    return frozenset({"due_date"}) if names.get("terms") else frozenset()


def iso_date(text: str) -> date | None:
    """None: not a date such as 2026-12-31."""
    try:
        return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field. `message` reads after the field's name."""

    field: str
    code: str
    message: str


class Reading:
    """One invoice being read: collects what is wrong instead of stopping at the first."""

    def __init__(self, fields: Mapping[str, str], plain_amount: Callable[[str], str]) -> None:
        self._plain_amount = plain_amount
        self.problems = [
            FieldProblem(field, "unknown_field", "is not a field of an invoice")
            for field in fields
            if field not in FIELDS
        ]
        self.texts: dict[str, str] = {}
        """Every field without spaces around it; empty where it is absent or a problem was noted."""
        may_be_empty = _MAY_BE_EMPTY | due_in_place(fields)
        for field, longest in _LONGEST.items():
            text = fields.get(field, "").strip(" ")
            fault = None
            if not text:
                fault = None if field in may_be_empty else ("missing", "is empty")
            elif len(text) > longest:
                fault = "too_long", f"is longer than {longest} characters"
            elif not text.isprintable():
                fault = text_fault(text)
                if not fault and field in _IDENTIFIERS:
                    fault = "not_printable", "contains an invisible character"
            if fault:
                self.refuse(field, *fault)
            self.texts[field] = "" if fault else text

    def currency(self) -> str | None:
        currency = self.texts["currency"].upper()
        if currency in CURRENCIES:
            return currency
        if currency:
            self.refuse("currency", "unknown_currency", f"is not one of {', '.join(sorted(CURRENCIES))}")
        return None

    def money(self, field: str, text: str, currency: str | None, where: str = "") -> Money | None:
        """An amount above zero, as `text` of the field writes it. `where` says which part of the field it is.

        An unknown currency must not hide what is wrong with the amount.
        """
        try:
            amount = Money.parse(self._plain_amount(text), currency or "EUR")
        except DomainError as error:
            self.refuse(field, error.code, where + _AMOUNT_FAULTS.get(error.code, error.message))
            return None
        if not amount.is_positive:
            self.refuse(field, "not_positive", f"{where}is not above zero")
            return None
        return amount

    def date(self, field: str) -> date | None:
        text = self.texts[field]
        day = iso_date(text)
        if text and day is None:
            self.refuse(field, "bad_date", "is not a date such as 2026-12-31")
        return day

    def refuse(self, field: str, code: str, message: str) -> None:
        self.problems.append(FieldProblem(field, code, message))
