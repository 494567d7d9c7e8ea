"""What letters print about each of several invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import invoices

_READ = select(
    invoices.c.id,
    invoices.c.number,
    invoices.c.issued,
    invoices.c.description,
    invoices.c.payment_reference,
).where(invoices.c.id.in_(bindparam("ids", expanding=True)))


async def read_lines(connection: AsyncConnection, invoice_ids: Sequence[str]) -> dict[str, Mapping[Any, Any]]:
    """number, issued, description and payment_reference of each, by id."""
    rows = (await connection.execute(_READ, {"ids": list(invoice_ids)})).mappings()
    return {row["id"]: row for row in rows}
