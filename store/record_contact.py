"""What counts against a debtor's contact budget."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import contacts


async def add_contact(
    connection: AsyncConnection, debtor_id: str, ref: str, at: datetime, channel: str, *, courtesy: bool
) -> None:
    """Once for each notice or task, however often it is tried: at the moment of its last try."""
    row = {"debtor_id": debtor_id, "ref": ref, "at": at, "channel": channel, "courtesy": courtesy}
    await connection.execute(_ADD, row)


async def forget_contact(connection: AsyncConnection, ref: str) -> None:
    """It never reached anyone."""
    await connection.execute(_FORGET, {"contact": ref})


_INSERT = insert(contacts)
_ADD = _INSERT.on_conflict_do_update(index_elements=["ref"], set_={"at": _INSERT.excluded.at})
_FORGET = delete(contacts).where(contacts.c.ref == bindparam("contact"))
