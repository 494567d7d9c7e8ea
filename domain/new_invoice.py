"""An invoice that comes in, from a CSV row or a JSON body: plain texts in, a value or every problem out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.errors import DomainError
from domain.facts import Discount, Term
from domain.invoice_fields import FIELDS, OPTIONAL_FIELDS, REQUIRED_FIELDS, FieldProblem, Reading
from domain.money import Money
from domain.new_debtor import LANGUAGES, NewDebtor, read_debtor
from domain.new_terms import read_delivered, read_discount, read_issued, read_terms

__all__ = [
    "FIELDS",
    "LANGUAGES",
    "OPTIONAL_FIELDS",
    "REQUIRED_FIELDS",
    "FieldProblem",
    "InvalidInvoice",
    "NewDebtor",
    "NewInvoice",
    "parse_new_invoice",
]


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """One claim to be chased. `creditor` and `policy` are None when the installation's own choice applies."""

    number: str
    debtor: NewDebtor
    issued: date
    terms: tuple[Term, ...]
    """At least one, in order of due date; together they are `amount`."""
    amount: Money
    creditor: str | None = None
    policy: str | None = None
    description: str = ""
    payment_reference: str = ""
    delivered: date | None = None
    """First day on which the debtor had it; None: its issue date."""
    discount: Discount | None = None

    @property
    def due(self) -> date:
        """The earliest due date."""
        return min(term.due for term in self.terms)


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
    reading = Reading(fields, plain_amount)
    text = reading.texts
    debtor = read_debtor(reading)
    amount = _amount(reading)
    issued = read_issued(reading, today)
    terms = read_terms(reading, issued, amount)
    delivered = read_delivered(reading, issued)
    discount = read_discount(reading, issued, terms)
    if reading.problems or amount is None or issued is None or not terms:
        raise InvalidInvoice(tuple(reading.problems))
    return NewInvoice(
        number=text["number"],
        debtor=debtor,
        issued=issued,
        terms=terms,
        amount=amount,
        creditor=text["creditor"] or None,
        policy=text["policy"] or None,
        description=text["description"],
        payment_reference=text["payment_reference"],
        delivered=delivered,
        discount=discount,
    )


def _amount(reading: Reading) -> Money | None:
    """None after a problem was noted, with the currency or with the amount."""
    currency, text = reading.currency(), reading.texts["amount"]
    amount = reading.money("amount", text, currency) if text else None
    return amount if currency else None
