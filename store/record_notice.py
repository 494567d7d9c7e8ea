"""Notices: what is about to be sent, kept byte for byte before it leaves, and what became of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import StepState
from store.tables import notice_lines, notices, steps_taken


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One invoice in a notice: where its case stood, what was owed and what was asked."""

    invoice_id: str
    cycle: int
    step: str
    open_amount: Decimal
    asked: Decimal


@dataclass(frozen=True, slots=True)
class NewNotice:
    id: str
    creditor_id: str
    debtor_id: str
    kind: str  # reminder | instalment | hand_over
    channel: str
    recipient: str
    subject: str
    message_id: str
    media_type: str
    sha256: str
    content: bytes
    lines: tuple[NoticeLine, ...] = ()


async def add_notice(connection: AsyncConnection, notice: NewNotice) -> None:
    """Store the notice and its bytes. The same notice written anew (amounts may have changed) keeps its id and replaces
    what would be sent; bytes once stored are never deleted."""
    values = asdict(notice)
    lines = [line | {"notice_id": notice.id} for line in values.pop("lines")]
    written_again = (await connection.execute(_ADD_NOTICE, values)).scalar_one()
    if written_again:
        await connection.execute(_FORGET_LINES, {"notice": notice.id})
    if lines:
        await connection.execute(_ADD_LINE, lines[0] if len(lines) == 1 else lines)


async def mark_sent(connection: AsyncConnection, notice_id: str, at: datetime, server_reply: str) -> None:
    sent = {"notice": notice_id, "sent_at": at, "server_reply": server_reply[:500]}
    await connection.execute(_MARK_SENT, sent)


async def current_attempts(connection: AsyncConnection, notice_id: str) -> set[tuple[str, int, str, int]]:
    """(invoice, cycle, step, attempt) of each sending in this notice that nobody has judged yet; locks their rows."""
    sending = {"notice": notice_id, "sending": StepState.SENDING.value}
    return {(row[0], row[1], row[2], row[3]) for row in await connection.execute(_CURRENT_ATTEMPTS, sending)}


# One statement for both rows: sending is what Termijn does most.
_ADD_NOTICE = text(
    """
    WITH document AS (
        INSERT INTO documents (sha256, media_type, content) VALUES (:sha256, :media_type, :content)
        ON CONFLICT DO NOTHING
    )
    INSERT INTO notices
        (id, creditor_id, debtor_id, kind, channel, recipient, subject, message_id, document_sha256)
    VALUES (:id, :creditor_id, :debtor_id, :kind, :channel, :recipient, :subject, :message_id, :sha256)
    ON CONFLICT (id) DO UPDATE SET recipient = excluded.recipient, subject = excluded.subject,
        document_sha256 = excluded.document_sha256
    RETURNING xmax <> 0
    """
)
# Built once: building a statement costs more than executing it.
_FORGET_LINES = delete(notice_lines).where(notice_lines.c.notice_id == bindparam("notice"))
_ADD_LINE = insert(notice_lines)
_MARK_SENT = update(notices).where(notices.c.id == bindparam("notice"))
_CURRENT_ATTEMPTS = (
    select(steps_taken.c.invoice_id, steps_taken.c.cycle, steps_taken.c.step, steps_taken.c.attempts)
    .where(steps_taken.c.notice_id == bindparam("notice"), steps_taken.c.state == bindparam("sending"))
    .order_by(steps_taken.c.invoice_id)
    .with_for_update()
)
