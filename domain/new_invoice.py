"""An invoice that comes in, from a CSV row or a JSON body: plain texts in, a value or every problem out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from domain.countries import country_code
from domain.errors import DomainError
from domain.money import CURRENCIES, Money
from domain.plain_text import is_email, text_fault

DebtorKind = Literal["consumer", "business", "unknown"]

REQUIRED_FIELDS: Final = (
    "number",
    "debtor_reference",
    "debtor_name",
    "debtor_kind",
    "country",
    "language",
    "email",
    "issue_date",
    "due_date",
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
)
FIELDS: Final = frozenset(REQUIRED_FIELDS + OPTIONAL_FIELDS)
LANGUAGES: Final = frozenset({"nl", "fr", "en", "de"})
LONGEST_ISSUE_AHEAD: Final = 366
"""Days after today on which an invoice may still be dated."""
LONGEST_TERM: Final = 3653
"""Days between issue and due date: ten years."""

_KINDS: Final[Mapping[str, DebtorKind]] = {
    "": "unknown",
    "unknown": "unknown",
    "consumer": "consumer",
    "business": "business",
}
_LONGER: Final = {
    "debtor_name": 200,
    "contact_name": 200,
    "address_line": 200,
    "email": 254,
    "description": 500,
}
_LONGEST: Final = {field: _LONGER.get(field, 100) for field in REQUIRED_FIELDS + OPTIONAL_FIELDS}
"""Characters."""
_IDENTIFIERS: Final = frozenset({"number", "debtor_reference", "creditor", "policy", "payment_reference"})
_MAY_BE_EMPTY: Final = frozenset({"email", "debtor_kind", *OPTIONAL_FIELDS})
_AMOUNT_FAULTS: Final = {
    "too_many_decimals": "has more than two decimals",
    "amount_out_of_range": "is too large",
}
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewDebtor:
    """Who owes, as the administration knows them. Texts may be empty except reference and name."""

    reference: str
    name: str
    kind: DebtorKind
    country: str
    language: str
    email: str
    phone: str = ""
    contact_name: str = ""
    address_line: str = ""
    postal_code: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """One claim to be chased. `creditor` and `policy` are None when the installation's own choice applies."""

    number: str
    debtor: NewDebtor
    issued: date
    due: date
    amount: Money
    creditor: str | None = None
    policy: str | None = None
    description: str = ""
    payment_reference: str = ""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field. `message` reads after the field's name."""

    field: str
    code: str
    message: str


class InvalidInvoice(DomainError):  # noqa: N818 -- reads as a sentence where it is raised
    """Carries every problem of one invoice; the refused values themselves stay with the caller."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        names = ", ".join(dict.fromkeys(problem.field for problem in problems))
        super().__init__("invalid_invoice", f"the invoice is refused because of: {names}", fields=names)
        self.problems = problems


def parse_new_invoice(
    fields: Mapping[str, str], *, today: date, plain_amount: Callable[[str], str] = str
) -> NewInvoice:
    """Reads the fields of one invoice, named as the columns of the CSV.

    `today` bounds the issue date. `plain_amount` turns an amount as written into `1234.50`, or
    raises DomainError. Spaces around a value do not count. Raises InvalidInvoice with every problem.
    """
    reading = _Reading(fields)
    text = reading.texts
    debtor = NewDebtor(
        reference=text["debtor_reference"],
        name=text["debtor_name"],
        kind=reading.kind(),
        country=reading.country(),
        language=reading.language(),
        email=reading.email(),
        phone=text["phone"],
        contact_name=text["contact_name"],
        address_line=text["address_line"],
        postal_code=text["postal_code"],
        city=text["city"],
    )
    amount = reading.amount(plain_amount)
    issued, due = reading.dates(today)
    if reading.problems or amount is None or issued is None or due is None:
        raise InvalidInvoice(tuple(reading.problems))
    return NewInvoice(
        number=text["number"],
        debtor=debtor,
        issued=issued,
        due=due,
        amount=amount,
        creditor=text["creditor"] or None,
        policy=text["policy"] or None,
        description=text["description"],
        payment_reference=text["payment_reference"],
    )


class _Reading:
    """One invoice being read: collects what is wrong instead of stopping at the first."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.problems = [
            FieldProblem(field, "unknown_field", "is not a field of an invoice")
            for field in fields
            if field not in FIELDS
        ]
        self.texts: dict[str, str] = {}
        """Every field without spaces around it; empty where it is absent or a problem was noted."""
        for field, longest in _LONGEST.items():
            text = fields.get(field, "").strip(" ")
            fault = None
            if not text:
                fault = None if field in _MAY_BE_EMPTY else ("missing", "is empty")
            elif len(text) > longest:
                fault = "too_long", f"is longer than {longest} characters"
            elif not text.isprintable():
                fault = text_fault(text)
                if not fault and field in _IDENTIFIERS:
                    fault = "not_printable", "contains an invisible character"
            if fault:
                self._refuse(field, *fault)
            self.texts[field] = "" if fault else text

    def kind(self) -> DebtorKind:
        kind = _KINDS.get(self.texts["debtor_kind"].lower())
        if kind is None:
            self._refuse("debtor_kind", "unknown_kind", "is not consumer or business (empty: unknown)")
        return kind or "unknown"

    def country(self) -> str:
        text = self.texts["country"]
        code = country_code(text)
        if text and not code:
            self._refuse("country", "unknown_country", "is not a two-letter country code such as NL or BE")
        return code or ""

    def language(self) -> str:
        language = self.texts["language"].lower()
        if language and language not in LANGUAGES:
            self._refuse("language", "unknown_language", "is not one of nl, fr, en, de")
        return language

    def email(self) -> str:
        email = self.texts["email"]
        if email and not is_email(email):
            self._refuse("email", "bad_email", "is not one e-mail address such as name@example.com")
        return email

    def amount(self, plain_amount: Callable[[str], str]) -> Money | None:
        """None after a problem was noted, with the currency or with the amount."""
        currency, text = self.texts["currency"].upper(), self.texts["amount"]
        known = currency in CURRENCIES
        if currency and not known:
            self._refuse("currency", "unknown_currency", f"is not one of {', '.join(sorted(CURRENCIES))}")
        if not text:
            return None
        try:
            # An unknown currency must not hide what is wrong with the amount.
            amount = Money.parse(plain_amount(text), currency if known else "EUR")
        except DomainError as error:
            self._refuse("amount", error.code, _AMOUNT_FAULTS.get(error.code, error.message))
            return None
        if not amount.is_positive:
            self._refuse("amount", "not_positive", "is not above zero")
        return amount if known else None

    def dates(self, today: date) -> tuple[date | None, date | None]:
        issued, due = self._date("issue_date"), self._date("due_date")
        if issued and issued.year < 2000:
            self._refuse("issue_date", "too_early", "is before the year 2000")
        elif issued and (issued - today).days > LONGEST_ISSUE_AHEAD:
            self._refuse("issue_date", "too_late", "is more than a year ahead")
        if issued and due and due < issued:
            self._refuse("due_date", "before_issue", "is before the issue date")
        elif issued and due and (due - issued).days > LONGEST_TERM:
            self._refuse("due_date", "too_late", "is more than ten years after the issue date")
        return issued, due

    def _date(self, field: str) -> date | None:
        text = self.texts[field]
        if not text:
            return None
        try:
            if _ISO_DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self._refuse(field, "bad_date", "is not a date such as 2026-12-31")
        return None

    def _refuse(self, field: str, code: str, message: str) -> None:
        self.problems.append(FieldProblem(field, code, message))
