"""Notices: what is about to be sent, kept byte for byte before it leaves, and what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.facts import StepState
from store.fetch_together import fetch_together
from store.insert_rows import upserting
from store.lock_debtor import LOCK_DEBTOR
from store.tables import notice_lines
from store.write_together import Write, write_together


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
    await write_together(connection, notice_writes(notice))


def notice_writes(notice: NewNotice) -> list[Write]:
    """Store the notice and its bytes. The same notice written anew (amounts may have changed) keeps its id and replaces
    what would be sent; bytes once stored are never deleted."""
    values = {name: getattr(notice, name) for name in _COLUMNS}
    document = Write(
        _ADD_DOCUMENT, {"media_type": notice.media_type, "sha256": notice.sha256, "content": notice.content}
    )
    writes = [document, Write(_ADD_NOTICE, values)]
    if notice.lines:
        named = {"noted": notice.id, "named": [line.invoice_id for line in notice.lines]}
        lines = [{"notice_id": notice.id} | asdict(line) for line in notice.lines]
        writes += [Write(_FORGET_OTHER_LINES, named), upserting(notice_lines, lines)]
    return writes


def sent_write(notice_id: str, at: datetime, server_reply: str) -> Write:
    """The mail server has taken it."""
    return Write(_MARK_SENT, {"notice": notice_id, "sent_at": at, "server_reply": server_reply[:500]})


async def current_attempts(
    connection: AsyncConnection, notice_id: str, *, let_go: bool = False, debtor_of: str | None = None
) -> set[tuple[str, int, str, int]]:
    """(invoice, cycle, step, attempt) of each sending in this notice that nobody has judged yet; locks their rows.

    `let_go`: also those that were judged without knowing what became of them. `debtor_of`: the invoice whose debtor is
    locked before.
    """
    values = {"notice": notice_id, "states": list(_LET_GO if let_go else _SENDING), "invoice_id": debtor_of}
    queries = (LOCK_DEBTOR, _CURRENT_ATTEMPTS) if debtor_of else (_CURRENT_ATTEMPTS,)
    rows = (await fetch_together(connection, queries, values))[-1]
    return {(row["invoice_id"], row["cycle"], row["step"], row["attempts"]) for row in rows}


async def until_judged(engine: AsyncEngine, invoice_id: str) -> None:
    """Return once the sending of which the invoice is a line has an outcome, or after a second or two."""
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        async with engine.connect() as connection:
            if not (await connection.execute(_IS_SENDING, {"invoice": invoice_id})).scalar_one():
                return


_SENDING: Final = (StepState.SENDING.value,)
_LET_GO: Final = (*_SENDING, StepState.DEFERRED.value, StepState.BLOCKED.value)
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between looks: most mail servers answer within the first few."""

_COLUMNS: Final = (
    *("id", "creditor_id", "debtor_id", "kind", "channel", "recipient", "subject", "message_id", "sha256"),
)
_ADD_DOCUMENT: Final = """
    INSERT INTO documents (sha256, media_type, content) VALUES (:sha256, :media_type, :content)
    ON CONFLICT DO NOTHING
    """
_ADD_NOTICE: Final = """
    INSERT INTO notices
        (id, creditor_id, debtor_id, kind, channel, recipient, subject, message_id, document_sha256)
    VALUES (:id, :creditor_id, :debtor_id, :kind, :channel, :recipient, :subject, :message_id, :sha256)
    ON CONFLICT (id) DO UPDATE SET recipient = excluded.recipient, subject = excluded.subject,
        document_sha256 = excluded.document_sha256
    """
_FORGET_OTHER_LINES: Final = """
    DELETE FROM notice_lines WHERE notice_id = :noted AND invoice_id <> ALL(CAST(:named AS uuid[]))
    """
_MARK_SENT: Final = "UPDATE notices SET sent_at = :sent_at, server_reply = :server_reply WHERE id = :notice"
_CURRENT_ATTEMPTS = text(
    """
    SELECT invoice_id::text, cycle, step, attempts FROM steps_taken
    WHERE notice_id = :notice AND state = ANY(:states) ORDER BY invoice_id FOR UPDATE
    """
)
_IS_SENDING = text(
    "SELECT EXISTS (SELECT 1 FROM steps_taken WHERE invoice_id = :invoice AND state = 'sending')"
)
