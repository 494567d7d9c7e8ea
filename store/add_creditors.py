"""Creditors, as their file names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.new_creditor import NewCreditor
from store.tables import creditors


class KnownCreditor(NamedTuple):
    id: str
    policy: str
    """Name of its own policy."""
    segment_policies: Mapping[str, str]
    """Segment of the debtor -> name of the policy."""


async def add_creditors(connection: AsyncConnection, new: tuple[NewCreditor, ...]) -> None:
    """Add each creditor, or bring what is known of it up to date; its opaque id stays."""
    for creditor in new:
        statement = insert(creditors).values({"id": str(uuid4()), **asdict(creditor)})
        changed = {name: statement.excluded[name] for name in asdict(creditor) if name != "reference"}
        await connection.execute(statement.on_conflict_do_update(index_elements=["reference"], set_=changed))


async def creditor_ids(connection: AsyncConnection) -> dict[str, KnownCreditor]:
    """By reference."""
    c = creditors.c
    rows = await connection.execute(select(c.reference, c.id, c.policy, c.segment_policies))
    return {reference: KnownCreditor(*known) for reference, *known in rows}
