"""Find an invoice by the number people know it by."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import creditors, invoices


async def find_case(connection: AsyncConnection, number: str) -> dict[str, str]:
    """Ids of the invoices with this number, by the reference of their creditor."""
    query = (
        select(creditors.c.reference, invoices.c.id)
        .join(creditors, creditors.c.id == invoices.c.creditor_id)
        .where(invoices.c.number == number)
        .order_by(creditors.c.reference)
    )
    return {row.reference: row.id for row in await connection.execute(query)}
