"""Which invoice a dispute, hold or task belongs to, also before the case has taken note of it."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import disputes, events, holds, tasks

Thing = Literal["dispute", "hold", "task"]
_TABLE = {"dispute": disputes, "hold": holds, "task": tasks}


async def find_invoice_of(connection: AsyncConnection, thing: Thing, id_: str) -> str | None:
    """Id of the invoice; None: no such thing."""
    table = _TABLE[thing]
    found = (await connection.execute(select(table.c.invoice_id).where(table.c.id == id_))).scalar()
    if found is None and thing != "task":
        # Only what is still to be applied: the index on such rows is small.
        e = events.c
        waiting = select(e.invoice_id).where(e.applied_at.is_(None), e.event_id == f"{thing}/{id_}")
        found = (await connection.execute(waiting)).scalar()
    return found
