"""What letters print about an invoice, its creditor and its debtor. Personal data: it never enters a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_READ = text(
    """
    SELECT i.number, i.issued, i.description, i.payment_reference, i.currency,
           row_to_json(c) AS creditor, row_to_json(d) AS debtor,
           ARRAY(SELECT n.sent_at FROM notices n JOIN steps_taken s ON s.notice_id = n.id
                 WHERE s.invoice_id = i.id AND n.sent_at IS NOT NULL AND n.kind = 'reminder'
                 ORDER BY n.sent_at) AS previous
    FROM invoices i JOIN creditors c ON c.id = i.creditor_id JOIN debtors d ON d.id = i.debtor_id
    WHERE i.id = :invoice_id
    """
)


async def read_letterhead(connection: AsyncConnection, invoice_id: str) -> Mapping[str, Any]:
    """number, issued, description, payment_reference, currency, `creditor` and `debtor` (their columns), and
    `previous`: when earlier reminders about this invoice left."""
    row = (await connection.execute(_READ, {"invoice_id": invoice_id})).mappings().one()
    return dict(row)
