"""What an invoice is called and whom it concerns, for people who look at it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import creditors, debtors, invoices


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    number: str
    creditor_reference: str
    creditor_name: str
    debtor_reference: str
    debtor_name: str
    description: str
    payment_reference: str
    document_name: str
    policy_reason: str
    """What named the policy; empty: not recorded."""
    started: bool
    """Temporal has acknowledged the case."""


async def read_invoice(connection: AsyncConnection, invoice_id: str) -> InvoiceRow | None:
    i, c, d = invoices.c, creditors.c, debtors.c
    query = (
        select(
            i.number,
            c.reference.label("creditor_reference"),
            c.name.label("creditor_name"),
            d.reference.label("debtor_reference"),
            d.name.label("debtor_name"),
            i.description,
            i.payment_reference,
            i.document_name,
            i.policy_reason,
            i.started_at.is_not(None).label("started"),
        )
        .join(creditors, c.id == i.creditor_id)
        .join(debtors, d.id == i.debtor_id)
        .where(i.id == invoice_id)
    )
    row = (await connection.execute(query)).mappings().first()
    return InvoiceRow(**row) if row else None
