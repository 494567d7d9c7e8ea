"""What a dossier shows beyond the facts: the sent bytes, the story, and the invoice document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import documents, events, invoices, notices, steps_taken

Row = Mapping[Any, Any]


async def read_sent_notices(connection: AsyncConnection, invoice_id: str) -> Sequence[Row]:
    """step, sent_at, sha256, content of everything that left for this invoice, oldest first."""
    query = (
        select(steps_taken.c.step, notices.c.sent_at, documents.c.sha256, documents.c.content)
        .join(notices, notices.c.id == steps_taken.c.notice_id)
        .join(documents, documents.c.sha256 == notices.c.document_sha256)
        .where(steps_taken.c.invoice_id == invoice_id, notices.c.sent_at.is_not(None))
        .order_by(notices.c.sent_at)
    )
    return (await connection.execute(query)).mappings().all()


async def read_events(connection: AsyncConnection, invoice_id: str) -> Sequence[Row]:
    """Every message to the case with what became of it, oldest first."""
    e = events.c
    query = select(events).where(e.invoice_id == invoice_id).order_by(e.received_at, e.event_id)
    return (await connection.execute(query)).mappings().all()


async def read_invoice_document(connection: AsyncConnection, invoice_id: str) -> tuple[str, bytes] | None:
    """File name and bytes of the invoice itself, if it was handed in."""
    query = (
        select(invoices.c.document_name, documents.c.content)
        .join(documents, documents.c.sha256 == invoices.c.document_sha256)
        .where(invoices.c.id == invoice_id)
    )
    row = (await connection.execute(query)).first()
    return (row[0], row[1]) if row else None
