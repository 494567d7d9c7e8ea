"""Invoices in the order in which they came in, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import creditors, debtors, invoices, terms

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """None: any. `debtor` and `creditor` are an id or a reference."""

    stage: str | None = None
    debtor: str | None = None
    creditor: str | None = None
    number: str | None = None
    policy: str | None = None


async def list_invoices(
    connection: AsyncConnection, wanted: InvoiceFilter, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Row]:
    """At most `limit` rows after a (created_at, id). New invoices come last, so no page shifts."""
    i, c, d = invoices.c, creditors.c, debtors.c
    due = select(func.min(terms.c.due)).where(terms.c.invoice_id == i.id).scalar_subquery()
    query = (
        select(
            invoices,
            c.reference.label("creditor"),
            d.reference.label("debtor"),
            d.name.label("debtor_name"),
            due.label("due_date"),
        )
        .join(creditors, c.id == i.creditor_id)
        .join(debtors, d.id == i.debtor_id)
        .order_by(i.created_at, i.id)
        .limit(limit)
    )
    for column, value in ((i.stage, wanted.stage), (i.number, wanted.number), (i.policy_name, wanted.policy)):
        if value is not None:
            query = query.where(column == value)
    if wanted.debtor is not None:
        query = query.where(or_(d.reference == wanted.debtor, d.id == _as_id(wanted.debtor)))
    if wanted.creditor is not None:
        query = query.where(or_(c.reference == wanted.creditor, c.id == _as_id(wanted.creditor)))
    if after is not None:
        query = query.where(tuple_(i.created_at, i.id) > tuple_(*after, types=(i.created_at.type, i.id.type)))
    return (await connection.execute(query)).mappings().all()


def _as_id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
