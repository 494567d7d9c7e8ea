"""An invoice that comes in again, held against the one that is known under its number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import Term
from domain.money import Money
from domain.new_invoice import NewInvoice
from domain.new_terms import write_terms
from store import tables as t

Summary = Mapping[str, object]
"""By column of the CSV, what makes an invoice the same: values, or None for nothing. And its `id`."""


def summary(invoice: NewInvoice, invoice_id: str) -> Summary:
    discount = invoice.discount
    return {
        "id": invoice_id,
        "debtor_reference": invoice.debtor.reference,
        "issue_date": invoice.issued,
        "terms": _when_due(invoice.terms),
        "currency": invoice.amount.currency,
        "amount": invoice.amount.amount,
        "delivered_on": invoice.delivered,
        "discount_percent": discount.percent if discount else None,
        "discount_until": discount.until if discount else None,
    }


async def known_invoices(
    connection: AsyncConnection, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Summary]:
    """By id of the creditor and number."""
    if not wanted:
        return {}
    i, terms = t.invoices.c, t.terms.c
    query = (
        select(i.id, i.creditor_id, i.number, i.currency, i.issued, t.debtors.c.reference)
        .add_columns(i.delivered, i.discount_percent, i.discount_until)
        .add_columns(
            func.array_agg(aggregate_order_by(terms.due, terms.number)).label("due"),
            func.array_agg(aggregate_order_by(terms.amount, terms.number)).label("amounts"),
        )
        .join(t.terms, terms.invoice_id == i.id)
        .join(t.debtors, t.debtors.c.id == i.debtor_id)
        .where(tuple_(i.creditor_id, i.number).in_(list(wanted)))
        .group_by(i.id, t.debtors.c.reference)
    )
    return {
        (row.creditor_id, row.number): {
            "id": row.id,
            "debtor_reference": row.reference,
            "issue_date": row.issued,
            "terms": _when_due(_terms(row.due, row.amounts, row.currency)),
            "currency": row.currency,
            "amount": sum(row.amounts, Decimal(0)),
            "delivered_on": row.delivered,
            "discount_percent": row.discount_percent,
            "discount_until": row.discount_until,
        }
        for row in await connection.execute(query)
    }


def differences(given: Summary, known: Summary) -> tuple[tuple[str, str], ...]:
    """(column, reason); empty: the same."""
    return tuple(
        (_column(name, value, known[name]), f"is {_told(known[name])} in Termijn, {_told(value)} here")
        for name, value in given.items()
        if name != "id" and value != known[name]
    )


def _terms(due: list[date], amounts: list[Decimal], currency: str) -> tuple[Term, ...]:
    return tuple(Term(day, Money(amount, currency)) for day, amount in zip(due, amounts, strict=True))


def _when_due(terms: tuple[Term, ...]) -> str:
    """Of a single term only the date: its amount is the invoice's, and told as that."""
    return str(terms[0].due) if len(terms) == 1 else write_terms(terms)


def _column(name: str, given: object, known: object) -> str:
    single = name == "terms" and ";" not in f"{given}{known}"
    return "due_date" if single else name


def _told(value: object) -> str:
    return "nothing" if value is None else str(value)
