"""Notices: what is about to be sent, kept byte for byte before it leaves, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import StepState, StepTaken
from store.tables import documents, notices, steps_taken


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


async def add_notice(connection: AsyncConnection, notice: NewNotice) -> None:
    """Store the notice and its bytes. The same notice written anew (amounts may have changed) keeps its id and replaces
    what would be sent; bytes once stored are never deleted."""
    document = {"sha256": notice.sha256, "media_type": notice.media_type, "content": notice.content}
    await connection.execute(_ADD_DOCUMENT, document)
    row = {
        "id": notice.id,
        "creditor_id": notice.creditor_id,
        "debtor_id": notice.debtor_id,
        "kind": notice.kind,
        "channel": notice.channel,
        "recipient": notice.recipient,
        "subject": notice.subject,
        "message_id": notice.message_id,
        "document_sha256": notice.sha256,
    }
    await connection.execute(_ADD_NOTICE, row)


async def mark_sent(connection: AsyncConnection, notice_id: str, at: datetime, server_reply: str) -> None:
    sent = {"notice": notice_id, "sent_at": at, "server_reply": server_reply[:500]}
    await connection.execute(_MARK_SENT, sent)


async def is_current_attempt(connection: AsyncConnection, invoice_id: str, taken: StepTaken) -> bool:
    """Whether this attempt at the step is still the one that counts; locks its row until the transaction ends."""
    attempt = {
        "invoice": invoice_id,
        "cycle": taken.cycle,
        "step": taken.step,
        "sending": StepState.SENDING.value,
        "attempts": taken.attempts,
    }
    return (await connection.execute(_CURRENT_ATTEMPT, attempt)).first() is not None


def _add_notice() -> Insert:
    statement = insert(notices)
    changed = {name: statement.excluded[name] for name in ("recipient", "subject", "document_sha256")}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed)


# Built once: building a statement costs more than executing it.
_ADD_DOCUMENT = insert(documents).on_conflict_do_nothing()
_ADD_NOTICE = _add_notice()
_MARK_SENT = update(notices).where(notices.c.id == bindparam("notice"))
_CURRENT_ATTEMPT = (
    select(steps_taken.c.step)
    .where(
        steps_taken.c.invoice_id == bindparam("invoice"),
        steps_taken.c.cycle == bindparam("cycle"),
        steps_taken.c.step == bindparam("step"),
        steps_taken.c.state == bindparam("sending"),
        steps_taken.c.attempts == bindparam("attempts"),
    )
    .with_for_update()
)
