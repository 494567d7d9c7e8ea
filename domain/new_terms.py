"""When an invoice that comes in is to be paid: its terms, its discount, and when the debtor had it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from domain.facts import Discount, Term
from domain.invoice_fields import Reading, iso_date
from domain.money import Money

LONGEST_ISSUE_AHEAD: Final = 366
"""Days after today on which an invoice may still be dated."""
LONGEST_TERM: Final = 3653
"""Days between issue and due date: ten years."""
FURTHEST_DELIVERY: Final = 366
"""Days between issue and first delivery, either way: beyond that the year is a slip."""


def read_issued(reading: Reading, today: date) -> date | None:
    issued = reading.date("issue_date")
    if issued and issued.year < 2000:
        reading.refuse("issue_date", "too_early", "is before the year 2000")
    elif issued and (issued - today).days > LONGEST_ISSUE_AHEAD:
        reading.refuse("issue_date", "too_late", "is more than a year ahead")
    return issued


def read_terms(reading: Reading, issued: date | None, amount: Money | None) -> tuple[Term, ...]:
    """In order of due date; their amounts add up to `amount`. Empty where a problem was noted.

    Either `due_date`, or `terms` as written by `write_terms`.
    """
    written = reading.texts["terms"]
    if not written:
        due = reading.date("due_date")
        _check_due(reading, "due_date", due, issued)
        return (Term(due, amount),) if due and amount else ()
    if reading.texts["due_date"]:
        reading.refuse("terms", "beside_due_date", "is given beside due_date; give one of the two")
        return ()
    currency = amount.currency if amount else None
    parts = [part.strip(" ") for part in written.split(";")]
    terms = [_term(reading, f"term {n} ", part, issued, currency) for n, part in enumerate(parts, 1)]
    known = sorted((term for term in terms if term), key=lambda term: term.due)
    if len(known) < len(terms):
        return ()
    if len({term.due for term in known}) < len(known):
        reading.refuse("terms", "same_due_date", "has two terms on one date")
    total = sum((term.amount.amount for term in known), Decimal(0))
    if amount and total != amount.amount:
        reading.refuse("terms", "sum_differs", f"adds up to {total}, which is not the amount")
    return tuple(known)


def write_terms(terms: Iterable[Term]) -> str:
    """`2026-01-05 50.00; 2026-01-10 50.00`"""
    return "; ".join(f"{term.due} {term.amount.amount}" for term in terms)


def read_delivered(reading: Reading, issued: date | None) -> date | None:
    delivered = reading.date("delivered_on")
    if delivered and issued and abs((delivered - issued).days) > FURTHEST_DELIVERY:
        reading.refuse("delivered_on", "too_far_from_issue", "is more than a year from the issue date")
    return delivered


def read_discount(reading: Reading, issued: date | None, terms: tuple[Term, ...]) -> Discount | None:
    """Both of its fields, or neither."""
    written, until = reading.texts["discount_percent"], reading.date("discount_until")
    if bool(written) != bool(reading.texts["discount_until"]):
        empty, other = ("discount_until", "discount_percent")[:: 1 if written else -1]
        reading.refuse(empty, "missing", f"is empty beside {other}")
        return None
    if not written:
        return None
    percent = reading.money("discount_percent", written, None)
    if percent and percent.amount >= 100:
        reading.refuse("discount_percent", "out_of_range", "is not between 0 and 100")
    if until and issued and until < issued:
        reading.refuse("discount_until", "before_issue", "is before the issue date")
    elif until and terms and until > terms[0].due:
        reading.refuse("discount_until", "after_due", "is after the first due date")
    return Discount(percent.amount, until) if percent and until else None


def _term(reading: Reading, where: str, text: str, issued: date | None, currency: str | None) -> Term | None:
    day, _, amount_text = text.partition(" ")
    due = iso_date(day)
    if due is None or not amount_text:
        reading.refuse("terms", "bad_term", f"{where}is not a date and an amount such as 2026-01-31 50.00")
        return None
    fits = _check_due(reading, "terms", due, issued, where)
    amount = reading.money("terms", amount_text.strip(" "), currency, where)
    return Term(due, amount) if amount and fits else None


def _check_due(reading: Reading, field: str, due: date | None, issued: date | None, where: str = "") -> bool:
    if not issued or not due:
        return False
    if due < issued:
        reading.refuse(field, "before_issue", f"{where}is before the issue date")
    elif (due - issued).days > LONGEST_TERM:
        reading.refuse(field, "too_late", f"{where}is more than ten years after the issue date")
    else:
        return True
    return False
