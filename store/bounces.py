"""Notices that came back: which cases must hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class SentNotice:
    kind: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class BouncedLine:
    invoice_id: str
    step: str


_NOTICE = text("SELECT kind, sent_at FROM notices WHERE id = :notice")
# A notice of an earlier term stays as it is: that term is paid.
_LINES = text(
    """
    SELECT s.invoice_id::text, s.step FROM steps_taken s JOIN invoices i ON i.id = s.invoice_id
    WHERE s.notice_id = :notice AND s.cycle = i.cycle AND s.state = 'done' ORDER BY i.issued, i.number
    """
)
_TOLD = text(
    """
    SELECT e.invoice_id::text, e.message ->> 'step'
    FROM notice_lines l JOIN events e ON e.invoice_id = l.invoice_id AND e.event_id = :event_id
    JOIN invoices i ON i.id = l.invoice_id WHERE l.notice_id = :notice ORDER BY i.issued, i.number
    """
)


async def read_sent_notice(connection: AsyncConnection, notice_id: str) -> SentNotice | None:
    row = (await connection.execute(_NOTICE, {"notice": notice_id})).first()
    return SentNotice(*row) if row else None


async def lines_to_repeat(connection: AsyncConnection, notice_id: str) -> Sequence[BouncedLine]:
    """The steps that were taken by this notice and still stand on it."""
    return [BouncedLine(*row) for row in await connection.execute(_LINES, {"notice": notice_id})]


async def told_of(connection: AsyncConnection, notice_id: str, event_id: str) -> Sequence[BouncedLine]:
    """The lines of the cases that this message was kept for, now or before."""
    values = {"notice": notice_id, "event_id": event_id}
    return [BouncedLine(*row) for row in await connection.execute(_TOLD, values)]
