"""One writer at a time for everything that concerns a debtor."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# NO KEY UPDATE, so that importing new invoices of the debtor (which refer to this row) is not held up.
LOCK_DEBTOR: Final = text(
    "SELECT id::text FROM debtors WHERE id = (SELECT debtor_id FROM invoices WHERE id = :invoice_id) FOR NO KEY UPDATE"
)


async def lock_debtor(connection: AsyncConnection, invoice_id: str) -> bool:
    """Wait for and take the lock of the invoice's debtor until the transaction ends. False: no such invoice.

    A statement of its own: what is read afterwards sees what the former holder committed.
    """
    return (await connection.execute(LOCK_DEBTOR, {"invoice_id": invoice_id})).first() is not None
