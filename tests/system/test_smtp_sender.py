"""Mails over real SMTP: who was told what, when the server is well and when it is not."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.email.compose import ComposedMail
from channels.email.send import SmtpSender
from domain.errors import PermanentAdapterError, TransientAdapterError, UncertainDeliveryError
from tests.support.waiting import until
from tests.unit.channels.samples import mail

OK = "250 OK"
Hook = Callable[[SMTP], str | Awaitable[str]]


class Sink:
    """Takes mail. `say` sets the next answers of a phase (MAIL, RCPT, 354, DATA); after those all is well."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.senders: list[str | None] = []
        self.transports: list[asyncio.BaseTransport] = []
        self.most_open = 0
        self.quits = 0
        self._answers: dict[str, list[str | Hook]] = {}

    @property
    def connections(self) -> int:
        return len(self.transports)

    @property
    def open(self) -> list[asyncio.BaseTransport]:
        return [transport for transport in self.transports if not transport.is_closing()]

    def say(self, phase: str, *answers: str | Hook) -> None:
        self._answers[phase] = list(answers)

    async def answer(self, phase: str, server: SMTP) -> str:
        if not self._answers.get(phase):
            return OK
        answer = self._answers[phase].pop(0)
        if isinstance(answer, str):
            return answer
        given = answer(server)
        return given if isinstance(given, str) else await given

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self.answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self.answer("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self.answer("DATA", server)
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(envelope.content)
            self.senders.append(envelope.mail_from)
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.quits += 1
        return "221 Bye"


def hang_up(server: SMTP) -> str:
    server.transport.abort()
    return OK


async def never_answer(_server: SMTP) -> str:
    await asyncio.Event().wait()
    return OK


@asynccontextmanager
async def listening(sink: Sink, **options: object) -> AsyncIterator[int]:
    """The port of a server on 127.0.0.1 in front of the sink."""

    class Server(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            if self._original_transport is None:  # STARTTLS makes the connection a second time
                sink.transports.append(transport)
                sink.most_open = max(sink.most_open, len(sink.open))
            super().connection_made(transport)

        async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
            answer = await sink.answer("354", self)
            await (super().smtp_DATA(arg) if answer == OK else self.push(answer))

    tls = options.pop("implicit_tls", None)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(sink, hostname="sink.example", ident="sink", **options),
        "127.0.0.1",
        0,
        ssl=tls,  # type: ignore[arg-type]
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in sink.open:
            transport.close()


@asynccontextmanager
async def sending(sink: Sink, *, timeout: float = 5, **options: object) -> AsyncIterator[SmtpSender]:  # noqa: ASYNC109
    async with listening(sink) as port:
        sender = SmtpSender(f"smtp://127.0.0.1:{port}", timeout=timeout, **options)  # type: ignore[arg-type]
        try:
            yield sender
        finally:
            await sender.aclose()


async def test_mails_arrive_to_the_byte_over_one_connection_that_is_used_again() -> None:
    sink = Sink()
    dotted = replace(mail(), raw=b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nend")
    async with sending(sink) as sender:
        receipts = [await sender.send(each) for each in (mail(), dotted, mail())]
    assert sink.taken == [mail().raw, dotted.raw + b"\r\n", mail().raw]
    assert sink.senders == [mail().envelope_sender] * 3
    assert sink.connections == 1
    assert sink.quits == 1
    assert receipts[0].server_reply == OK


async def test_many_at_once_share_the_connections_allowed() -> None:
    sink = Sink()
    async with sending(sink, connections=2) as sender:
        await asyncio.gather(*(sender.send(mail()) for _ in range(20)))
    assert len(sink.taken) == 20
    assert sink.connections == sink.most_open == 2


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "354", "DATA"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 4.7.1 greylisted", TransientAdapterError), ("550 5.1.1 no such Eva", PermanentAdapterError)],
)
async def test_a_refusal_is_exact_and_the_next_mail_goes_out_on_the_same_connection(
    phase: str, answer: str, error: type[Exception]
) -> None:
    sink = Sink()
    async with sending(sink) as sender:
        await sender.send(mail())
        sink.say(phase, answer)
        with pytest.raises(error) as refused:
            await sender.send(mail())
        await sender.send(mail())
    assert len(sink.taken) == 2
    assert sink.connections == 1
    assert refused.value.detail == answer  # type: ignore[attr-defined]
    assert "Eva" not in str(refused.value)


@pytest.mark.parametrize(
    ("phase", "trouble", "error"),
    [
        ("MAIL", hang_up, TransientAdapterError),
        ("RCPT", hang_up, TransientAdapterError),
        ("354", hang_up, TransientAdapterError),
        ("RCPT", never_answer, TransientAdapterError),
        ("DATA", hang_up, UncertainDeliveryError),
        ("DATA", never_answer, UncertainDeliveryError),
        ("DATA", "gibberish", UncertainDeliveryError),
        ("DATA", "354 go on", UncertainDeliveryError),
        ("RCPT", "gibberish", TransientAdapterError),
    ],
)
async def test_only_a_loss_after_the_body_was_begun_is_uncertain(
    phase: str, trouble: str | Hook, error: type[Exception]
) -> None:
    sink = Sink()
    async with sending(sink, timeout=0.3) as sender:
        sink.say(phase, trouble)
        with pytest.raises(error):
            await sender.send(mail())
        # A server may take a mail and then break off: that is why "uncertain" is not "no".
        taken = len(sink.taken)
        assert taken == (1 if (phase, trouble) == ("DATA", hang_up) else 0)
        await sender.send(mail())
    assert len(sink.taken) == taken + 1
    assert sink.connections == 2


@pytest.mark.parametrize(
    "farewell", [hang_up, "421 4.4.2 idle for too long", "421 4.7.0 enough mail for one visit"]
)
async def test_a_connection_that_went_stale_is_replaced_without_anybody_noticing(
    farewell: str | Hook,
) -> None:
    sink = Sink()
    async with sending(sink) as sender:
        await sender.send(mail())
        sink.say("MAIL", farewell)
        await sender.send(mail())
    assert len(sink.taken) == 2
    assert sink.connections == 2


async def test_a_server_that_hangs_up_twice_is_not_asked_for_ever() -> None:
    sink = Sink()
    async with sending(sink) as sender:
        await sender.send(mail())
        sink.say("MAIL", hang_up, hang_up)
        with pytest.raises(TransientAdapterError):
            await sender.send(mail())
    assert sink.connections == 2


async def test_idle_connections_are_closed_by_themselves() -> None:
    sink = Sink()
    async with sending(sink, idle_seconds=0.05) as sender:
        await asyncio.gather(*(sender.send(mail()) for _ in range(4)))
        await until(lambda: not sink.open, within=5, what="idle connections are closed")
        await sender.send(mail())
    assert len(sink.taken) == 5


async def test_a_cancelled_mail_leaves_nothing_behind_for_the_next() -> None:
    sink = Sink()
    reached = asyncio.Event()

    async def hold_on(server: SMTP) -> str:
        reached.set()
        return await never_answer(server)

    async with sending(sink, connections=1) as sender:
        sink.say("DATA", hold_on)
        task = asyncio.create_task(sender.send(mail()))
        await asyncio.wait_for(reached.wait(), 5)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await sender.send(mail())
    assert len(sink.taken) == 1
    assert sink.connections == 2


async def test_a_mail_that_waits_in_vain_for_a_connection_has_certainly_not_left() -> None:
    sink = Sink()
    reached = asyncio.Event()

    async def hold_on(server: SMTP) -> str:
        reached.set()
        return await never_answer(server)

    async with sending(sink, connections=1, free_within=0.05) as sender:
        sink.say("DATA", hold_on)
        slow = asyncio.create_task(sender.send(mail()))
        await asyncio.wait_for(reached.wait(), 5)
        with pytest.raises(TransientAdapterError):
            await sender.send(mail())
        slow.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await slow
        await sender.send(mail())  # the place in the queue was given back
    assert len(sink.taken) == 1


async def test_no_server_is_no_loss_and_a_closed_sender_says_so() -> None:
    async with listening(Sink()) as port:
        pass
    sender = SmtpSender(f"smtp://127.0.0.1:{port}", timeout=5)
    with pytest.raises(TransientAdapterError):
        await sender.send(mail())
    await sender.aclose()
    with pytest.raises(TransientAdapterError):
        await sender.send(mail())


class Certified:
    """A certificate authority of our own, and a server's certificate for 127.0.0.1 from it."""

    def __init__(self) -> None:
        authority = trustme.CA()
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(self.server)
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)


@pytest.fixture(scope="module")
def certified() -> Certified:
    return Certified()


def check_password(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (b"me@dehoop.example", b"p:w"), handled=False)


async def _send_once(url: str, tls: ssl.SSLContext | None, composed: ComposedMail) -> None:
    sender = SmtpSender(url, timeout=5, tls=tls)
    try:
        await sender.send(composed)
        await sender.send(composed)
    finally:
        await sender.aclose()


async def test_starttls_and_login_happen_once_for_all_mails_of_a_connection(certified: Certified) -> None:
    sink = Sink()
    options = {"tls_context": certified.server, "require_starttls": True, "authenticator": check_password}
    async with listening(sink, auth_required=True, **options) as port:
        await _send_once(f"smtp://me%40dehoop.example:p%3Aw@127.0.0.1:{port}", certified.trusting, mail())
        assert len(sink.taken) == 2
        assert sink.connections == 1
        with pytest.raises(TransientAdapterError):  # ours to mend; the mail itself is fine
            await _send_once(f"smtp://me%40dehoop.example:wrong@127.0.0.1:{port}", certified.trusting, mail())
        with pytest.raises(TransientAdapterError):  # 530 at MAIL FROM
            await _send_once(f"smtp://127.0.0.1:{port}", certified.trusting, mail())
        with pytest.raises(TransientAdapterError):  # nobody we know has signed this certificate
            await _send_once(f"smtp://me:x@127.0.0.1:{port}", None, mail())
    assert len(sink.taken) == 2


async def test_implicit_tls(certified: Certified) -> None:
    sink = Sink()
    async with listening(sink, implicit_tls=certified.server) as port:
        await _send_once(f"smtps://127.0.0.1:{port}", certified.trusting, mail())
    assert len(sink.taken) == 2


async def test_a_login_is_never_sent_in_the_clear_unless_asked_for() -> None:
    sink = Sink()
    async with listening(sink, auth_require_tls=False, authenticator=check_password) as port:
        url = f"smtp://me%40dehoop.example:p%3Aw@127.0.0.1:{port}"
        with pytest.raises(TransientAdapterError):
            await _send_once(url, None, mail())
        assert not sink.taken
        await _send_once(f"{url}?starttls=off", None, mail())
    assert len(sink.taken) == 2
