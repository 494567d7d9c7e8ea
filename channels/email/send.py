"""Sends composed mails over SMTP, on connections that are kept for the next mail."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass

from channels.email.compose import ComposedMail
from channels.email.connection import Connection, StaleConnectionError
from channels.email.smtp_url import parse_smtp_url
from domain.errors import TransientAdapterError


@dataclass(frozen=True, slots=True)
class Receipt:
    """The server has taken the mail; its own words, for the record (they may name its queue id)."""

    server_reply: str


class SmtpSender:
    """At most `connections` at once, each used again; one that lies idle for `idle_seconds` is closed.

    In seconds, `timeout` is for each answer of the server and `free_within` for a connection to be free.
    `tls` replaces the system's trusted certificates. Raises DomainError `bad_smtp_url`.
    """

    def __init__(
        self,
        smtp_url: str,
        *,
        timeout: float = 20,
        connections: int = 4,
        free_within: float = 10,
        idle_seconds: float = 30,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = parse_smtp_url(smtp_url)
        self._timeout = timeout
        self._idle_seconds = idle_seconds
        self._tls = tls
        self._free = asyncio.Semaphore(connections)
        self._free_within = free_within
        self._idle: list[tuple[float, Connection]] = []  # (idle since, loop time), oldest first
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, mail: ComposedMail) -> Receipt:
        """Returns once the server has taken the mail.

        Raises TransientAdapterError when it certainly did not and may later, PermanentAdapterError when it
        refuses the mail, UncertainDeliveryError when the connection broke after the body was begun and before
        the answer. When cancelled in that same moment, it is just as uncertain.
        """
        # Said here, where it is certain that nothing left: the caller's own limit could not tell.
        try:
            async with asyncio.timeout(self._free_within):
                await self._free.acquire()
        except TimeoutError:
            raise TransientAdapterError("the mail server is too slow for the mails that wait") from None
        try:
            connection = self._take() or await self._open()
            try:
                reply = await self._transmit(connection, mail)
            except StaleConnectionError:
                connection = await self._open()
                reply = await self._transmit(connection, mail)
        finally:
            self._free.release()
        return Receipt(reply)

    async def aclose(self) -> None:
        """Says goodbye on idle connections; those in use are closed as their mail is done."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close() for _, connection in idle))

    async def _transmit(self, connection: Connection, mail: ComposedMail) -> str:
        try:
            return await connection.transmit(mail.envelope_sender, mail.recipient, mail.raw)
        finally:
            self._keep(connection)

    async def _open(self) -> Connection:
        if self._closed:
            raise TransientAdapterError("the sender has been closed")
        # The bare host name: looking the full one up may wait for a name server.
        helo = socket.gethostname()
        return await Connection.open(self._server, answer_within=self._timeout, tls=self._tls, helo=helo)

    def _take(self) -> Connection | None:
        """The connection used last, so that those not needed fall idle and are closed."""
        while self._idle:
            _, connection = self._idle.pop()
            if connection.usable:
                return connection
        return None

    def _keep(self, connection: Connection) -> None:
        if not connection.usable:
            return
        if self._closed:
            connection.abort()
            return
        loop = asyncio.get_running_loop()
        self._idle.append((loop.time(), connection))
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._close_idle)

    def _close_idle(self) -> None:
        """Runs by itself while anything is idle; hangs up without ceremony, which every server expects."""
        loop = asyncio.get_running_loop()
        self._sweep = None
        while self._idle and self._idle[0][0] + self._idle_seconds <= loop.time():
            self._idle.pop(0)[1].abort()
        if self._idle:
            self._sweep = loop.call_at(self._idle[0][0] + self._idle_seconds, self._close_idle)
