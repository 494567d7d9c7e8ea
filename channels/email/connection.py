"""One SMTP connection, one command at a time, with every outcome told exactly.

The phases matter more than the commands: before the message body has begun, a failure means the server
certainly did not take the message; after it, only the server's own answer is certain.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from typing import Final, cast

import aiosmtplib

from channels.email.smtp_url import SmtpServer
from domain.errors import AdapterError, PermanentAdapterError, TransientAdapterError, UncertainDeliveryError

_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_STARTTLS: Final = {"required": True, "auto": None, "off": False}
_SLOWEST_UPLOAD: Final = 50_000
"""Bytes a second: a large dossier gets the time it needs before its silence counts as an answer."""

_OUR_SETUP: Final = frozenset({530, 534, 535, 538})
"""Refusals of our login, not of the message: mending the configuration lets the same message through."""


class StaleConnectionError(Exception):
    """The server had hung up on a connection that was kept; nothing was begun on it."""


class _RefusedError(Exception):
    """The server answered no."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = f"{code} {text}"

    def as_error(self) -> AdapterError:
        if self.code < 500 or self.code in _OUR_SETUP:
            return TransientAdapterError("the mail server refused the message for now", detail=self.text)
        return PermanentAdapterError("the mail server refused the message", detail=self.text)


class Connection:
    """An open connection that has said hello, is encrypted as asked and logged in."""

    def __init__(self, client: aiosmtplib.SMTP, answer_within: float) -> None:
        self._client = client
        self._answer_within = answer_within
        self._used = False

    @classmethod
    async def open(
        cls, server: SmtpServer, *, answer_within: float, tls: ssl.SSLContext | None, helo: str
    ) -> Connection:
        """Raises TransientAdapterError whatever is wrong: no message has been offered yet."""
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password if server.user else None,
            use_tls=server.implicit_tls,
            start_tls=_STARTTLS[server.starttls],
            timeout=answer_within,
            tls_context=tls,
            local_hostname=helo,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise TransientAdapterError("the mail server cannot be used", detail=str(error)) from error
        return cls(client, answer_within)

    @property
    def usable(self) -> bool:
        return self._client.is_connected

    async def transmit(self, sender: str, recipient: str, raw: bytes) -> str:
        """Hands one message over and returns the server's words of acceptance.

        Raises StaleConnectionError (on a connection used before, nothing was begun) or one of the three
        AdapterErrors. A refusal leaves the connection ready for the next message; anything else closes it.
        """
        try:
            await self._begin(sender)
            await self._say(f"RCPT TO:<{recipient}>")
            await self._say("DATA", accepted=3)
            return await self._hand_over(raw)
        except _RefusedError as refusal:
            await self._reset()
            raise refusal.as_error() from None
        except BaseException:
            # A cancelled call, too, leaves a conversation nobody will finish: nothing more may leave on it.
            self.abort()
            raise
        finally:
            self._used = True

    async def close(self) -> None:
        """Says goodbye, but does not wait long for the answer."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):  # it is closed either way
            await self._client.quit(timeout=2)
        self.abort()

    def abort(self) -> None:
        """Drops the connection and whatever was not yet written to it."""
        transport = cast("asyncio.WriteTransport | None", self._client.transport)
        if transport is not None:
            transport.abort()
        self._client.close()

    async def _begin(self, sender: str) -> None:
        """No RSET first: after a completed message the server has forgotten it (RFC 5321, 4.1.1.4)."""
        try:
            await self._say(f"MAIL FROM:<{sender}>")
        except TransientAdapterError as broken:
            raise StaleConnectionError if self._used else broken from broken
        except _RefusedError as refusal:
            # "Closing": this connection was idle for too long, or has brought enough messages for one visit.
            if self._used and refusal.code == 421:
                raise StaleConnectionError from refusal
            raise

    async def _say(self, command: str, *, accepted: int = 2) -> None:
        """One command before the body; `accepted` is the first digit of a yes."""
        try:
            code, text = await self._client.execute_command(command.encode("ascii"))
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _lost_before(error) from error
        if code // 100 == accepted:
            return
        if code // 100 in (4, 5):
            raise _RefusedError(code, text)
        raise TransientAdapterError("the mail server's answer makes no sense", detail=f"{code} {text}")

    async def _hand_over(self, raw: bytes) -> str:
        """The body and its answer. aiosmtplib's DATA cannot tell losing it before the body from after."""
        protocol = self._client.protocol
        if protocol is None:
            raise _lost_before(None)
        body = _LEADING_DOT.sub(b"..", raw) + (b"" if raw.endswith(b"\r\n") else b"\r\n") + b".\r\n"
        try:
            protocol.write(body)
        except aiosmtplib.SMTPServerDisconnected as error:
            raise _lost_before(error) from error
        try:
            code, text = await protocol.read_response(
                timeout=self._answer_within + len(body) / _SLOWEST_UPLOAD
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _unknown_after(str(error)) from error
        match code // 100:
            case 2:
                return f"{code} {text}"
            case 4 | 5:
                raise _RefusedError(code, text)
        raise _unknown_after(f"{code} {text}")

    async def _reset(self) -> None:
        """Forgets the refused message, so that the next can use the connection; closes it when that fails."""
        try:
            await self._say("RSET")
        except (TransientAdapterError, _RefusedError):
            self.abort()


def _lost_before(error: Exception | None) -> TransientAdapterError:
    return TransientAdapterError("the connection broke before the message left", detail=str(error or ""))


def _unknown_after(detail: str) -> UncertainDeliveryError:
    return UncertainDeliveryError("the mail server did not say whether it took the message", detail=detail)
