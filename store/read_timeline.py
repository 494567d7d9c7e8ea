"""What happened to a case beyond its facts: when entries were booked, and which notices there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import ledger_entries, notices, steps_taken

Row = Mapping[Any, Any]


async def read_ledger(connection: AsyncConnection, invoice_id: str) -> Sequence[Row]:
    """key, kind, amount, on, created_at; in the order of booking."""
    e = ledger_entries.c
    query = (
        select(e.key, e.kind, e.amount, e.on, e.created_at).where(e.invoice_id == invoice_id).order_by(e.id)
    )
    return (await connection.execute(query)).mappings().all()


async def read_notices_of(connection: AsyncConnection, invoice_id: str) -> Sequence[Row]:
    """step and the columns of each notice for this invoice, oldest first; no `sent_at` until it has left."""
    query = (
        select(notices, steps_taken.c.step)
        .join(steps_taken, steps_taken.c.notice_id == notices.c.id)
        .where(steps_taken.c.invoice_id == invoice_id)
        .order_by(notices.c.created_at)
    )
    return (await connection.execute(query)).mappings().all()
