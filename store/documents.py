"""Bytes that are evidence: invoices as they were handed in, notices as they were sent."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import documents, invoices, notices, steps_taken

Row = Mapping[Any, Any]


async def attach_document(
    connection: AsyncConnection, invoice_id: str, *, name: str, media_type: str, content: bytes
) -> str | None:
    """Store the invoice itself and return its SHA-256; None: no such invoice. The newest is the one shown."""
    digest = sha256(content).hexdigest()
    row = {"sha256": digest, "media_type": media_type, "content": content}
    await connection.execute(insert(documents).values(row).on_conflict_do_nothing())
    query = update(invoices).where(invoices.c.id == invoice_id)
    changed = query.values(document_name=name, document_sha256=digest).returning(invoices.c.id)
    return digest if (await connection.execute(changed)).first() else None


async def read_notice(connection: AsyncConnection, notice_id: str) -> Row | None:
    """The row of a notice, with `invoice_ids`, the invoices it was about."""
    row = (await connection.execute(select(notices).where(notices.c.id == notice_id))).mappings().first()
    if row is None:
        return None
    about = select(steps_taken.c.invoice_id).where(steps_taken.c.notice_id == notice_id)
    return {**row, "invoice_ids": list((await connection.execute(about)).scalars())}


async def read_notice_content(connection: AsyncConnection, notice_id: str) -> bytes | None:
    """The bytes as they were handed to the mail server."""
    query = (
        select(documents.c.content)
        .join(notices, notices.c.document_sha256 == documents.c.sha256)
        .where(notices.c.id == notice_id)
    )
    content = (await connection.execute(query)).scalar()
    return bytes(content) if content is not None else None
