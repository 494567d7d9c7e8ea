"""A worker with its database and a mail server a test can talk into refusing, in the test's own process."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final, cast
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.tools import Tools
from channels.email.send import SmtpSender
from worker.embedded.child import free_port

TAKEN: Final = "250 2.0.0 taken"
TIME_SKIPPING: Final = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"10ms"',  # how long a skipped timer may still take to fire
    "history.workflowIdReuseMinimalInterval": '"0s"',  # in which the clock would run on without the workflow
}
"""Dynamic configuration of a server whose workflows' clocks a test may move."""


class MailServer:
    """Real SMTP. `answer` decides on each mail; what it takes is in `mails`, in order."""

    def __init__(self) -> None:
        self.port = free_port()
        self.reset()

    def reset(self) -> None:
        """An empty mailbox on a server that takes everything."""
        self.mails: list[EmailMessage] = []
        self.refused = 0
        self.answer: Callable[[EmailMessage], str | Awaitable[str]] = lambda mail: TAKEN

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=off"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default))
        answer = self.answer(mail)
        if not isinstance(answer, str):
            answer = await answer
        if answer == TAKEN:
            self.mails.append(mail)
        else:
            self.refused += 1
        return answer


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    mailbox, loop = MailServer(), get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="mail.example", loop=loop, enable_SMTPUTF8=True),
        "127.0.0.1",
        mailbox.port,
    )
    async with server:
        yield mailbox


@asynccontextmanager
async def tools_for(engine: AsyncEngine, client: Client, mail: MailServer) -> AsyncIterator[Tools]:
    """On a task queue of its own, so that what an earlier test left running stays asleep."""
    sender = SmtpSender(mail.url)
    try:
        yield Tools(engine, sender, client, "termijn.example", f"test-{uuid4()}")
    finally:
        await sender.aclose()
