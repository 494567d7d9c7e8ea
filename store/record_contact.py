"""What counts against a debtor's contact budget."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import contacts
from store.write_together import Write


def contact_write(debtor_id: str, ref: str, at: datetime, channel: str, *, courtesy: bool) -> Write:
    """Once for each notice or task, however often it is tried: at the moment of its last try."""
    row = {"debtor": debtor_id, "ref": ref, "tried_at": at, "by": channel, "courtesy": courtesy}
    return Write(_ADD, row)


async def forget_contact(connection: AsyncConnection, ref: str) -> None:
    """It never reached anyone."""
    await connection.execute(_FORGET, {"contact": ref})


_ADD: Final = """
    INSERT INTO contacts (ref, debtor_id, at, courtesy, channel) VALUES (:ref, :debtor, :tried_at, :courtesy, :by)
    ON CONFLICT (ref) DO UPDATE SET at = excluded.at
    """
_FORGET = delete(contacts).where(contacts.c.ref == bindparam("contact"))
