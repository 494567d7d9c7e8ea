"""Messages to a case as they were kept, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import Message
from domain.stages import EventKind
from store.tables import events

_e = events.c


@dataclass(frozen=True, slots=True)
class KeptEvent:
    kind: EventKind
    message: Message
    received_at: datetime
    applied_at: datetime | None
    """None: the case has not looked at it yet."""
    refusal: str | None
    """Why it changed nothing; None: it had its effect, or has not been looked at."""


async def read_event(connection: AsyncConnection, invoice_id: str, event_id: str) -> KeptEvent | None:
    query = select(events).where(_e.invoice_id == invoice_id, _e.event_id == event_id)
    row = (await connection.execute(query)).mappings().first()
    return _kept(dict(row)) if row else None


async def pending_events(connection: AsyncConnection, invoice_id: str) -> list[KeptEvent]:
    """What the case has yet to look at, in the order in which it came in."""
    query = select(events).where(_e.invoice_id == invoice_id, _e.applied_at.is_(None))
    rows = await connection.execute(query.order_by(_e.received_at, _e.event_id))
    return [_kept(dict(row)) for row in rows.mappings()]


def _kept(row: dict[str, Any]) -> KeptEvent:
    message = Message(event_id=row["event_id"], **row["message"])
    return KeptEvent(EventKind(row["kind"]), message, row["received_at"], row["applied_at"], row["refusal"])
