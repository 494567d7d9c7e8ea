"""Creditors, as their file names them."""

from __future__ import annotations

from dataclasses import asdict
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.new_creditor import NewCreditor
from store.tables import creditors


async def add_creditors(connection: AsyncConnection, new: tuple[NewCreditor, ...]) -> None:
    """Add each creditor, or bring what is known of it up to date; its opaque id stays."""
    for creditor in new:
        statement = insert(creditors).values({"id": str(uuid4()), **asdict(creditor)})
        changed = {name: statement.excluded[name] for name in asdict(creditor) if name != "reference"}
        await connection.execute(statement.on_conflict_do_update(index_elements=["reference"], set_=changed))


async def creditor_ids(connection: AsyncConnection) -> dict[str, tuple[str, str]]:
    """By reference: (id, name of its policy)."""
    rows = await connection.execute(select(creditors.c.reference, creditors.c.id, creditors.c.policy))
    return {reference: (id_, policy) for reference, id_, policy in rows}
