"""Notices: what is about to be sent, kept byte for byte before it leaves, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
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
    await connection.execute(insert(documents).values(document).on_conflict_do_nothing())
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
    statement = insert(notices).values(row)
    changed = {name: statement.excluded[name] for name in ("recipient", "subject", "document_sha256")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def mark_sent(connection: AsyncConnection, notice_id: str, at: datetime, server_reply: str) -> None:
    await connection.execute(
        update(notices).where(notices.c.id == notice_id).values(sent_at=at, server_reply=server_reply[:500])
    )


async def is_current_attempt(connection: AsyncConnection, invoice_id: str, taken: StepTaken) -> bool:
    """Whether this attempt at the step is still the one that counts; locks its row until the transaction ends."""
    s = steps_taken.c
    query = select(s.step).where(
        s.invoice_id == invoice_id,
        s.cycle == taken.cycle,
        s.step == taken.step,
        s.state == StepState.SENDING.value,
        s.attempts == taken.attempts,
    )
    return (await connection.execute(query.with_for_update())).first() is not None
