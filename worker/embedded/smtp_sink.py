"""An SMTP server that keeps every mail in a Maildir and sends nothing on; with faults on request.

`python -m worker.embedded.smtp_sink --maildir DIR --port N [--page-port M]`; `--help` lists the faults.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from worker.embedded.child import Child, EmbeddedServerError, accepts, free_port
from worker.embedded.maildir import make_maildir, write_mail

_ROOT: Final = Path(__file__).parents[2]


class EmbeddedSmtpSink:
    """The sink as a child process. `fail_share` of the mails get 451, `drop_share` a broken connection.

    `most_faults` spares a mail (by its envelope sender) that has had so many; 0: none is spared.
    """

    def __init__(
        self,
        maildir: Path,
        *,
        log_file: Path | None = None,
        port: int | None = None,
        page_port: int | None = None,
        fail_share: float = 0.0,
        drop_share: float = 0.0,
        most_faults: int = 0,
        seed: int = 0,
    ) -> None:
        self.maildir = maildir
        self._log_file = log_file or maildir.with_name(f"{maildir.name}.log")
        self.port = port or free_port()
        self._page_port = page_port
        shares = [f"--fail-share={fail_share}", f"--drop-share={drop_share}"]
        self._faults = [*shares, f"--most-faults={most_faults}", f"--seed={seed}"]
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """A value for SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}?starttls=off"

    @property
    def page_url(self) -> str:
        return f"http://127.0.0.1:{self._page_port}" if self._page_port else ""

    @property
    def pid(self) -> int | None:
        """Of the running server; None when it does not run."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Return when it takes mail and, if asked for, shows it."""
        ports = [port for port in (self.port, self._page_port) if port]
        for port in ports:
            if accepts(port):
                raise EmbeddedServerError(f"port {port} is taken; the SMTP sink needs it")
        page = [f"--page-port={self._page_port}"] if self._page_port else []
        self._child = Child(
            "SMTP sink",
            [
                *(sys.executable, "-m", "worker.embedded.smtp_sink"),
                *(f"--maildir={self.maildir}", f"--port={self.port}", *page, *self._faults),
            ],
            log_file=self._log_file,
            environment={"PYTHONPATH": str(_ROOT)},
        )
        self._child.wait_until(lambda: all(map(accepts, ports)), within=30)

    def stop(self) -> None:
        if self._child:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Keeper:
    """aiosmtpd's handler: decide the fate of each mail when all of it has arrived."""

    def __init__(
        self, maildir: Path, *, fail_share: float, drop_share: float, most_faults: int, seed: int
    ) -> None:
        self._maildir = maildir
        self._fail_share = fail_share
        self._drop_share = drop_share
        self._most_faults = most_faults
        self._faults: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311 - faults that can be repeated

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        fate = self._fate(envelope.mail_from or "")
        if fate < self._fail_share:
            return "451 4.3.0 failing on request, try again"
        dropped = fate < self._fail_share + self._drop_share
        if dropped and self._random.random() < 0.5:
            return self._drop(server)
        write_mail(
            self._maildir,
            envelope_from=envelope.mail_from or "",
            envelope_to=envelope.rcpt_tos,
            raw=envelope.original_content or b"",
        )
        return self._drop(server) if dropped else "250 2.0.0 kept"

    def _fate(self, sender: str) -> float:
        """Below the shares: a fault."""
        if self._most_faults and self._faults[sender] >= self._most_faults:
            return 1.0
        fate = self._random.random()
        if fate < self._fail_share + self._drop_share:
            self._faults[sender] += 1
        return fate

    @staticmethod
    def _drop(server: SMTP) -> str:
        """Cut the connection before the answer; what is returned reaches nobody."""
        if isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "421 4.4.2 dropped on request"


async def _serve(options: argparse.Namespace) -> None:
    make_maildir(options.maildir)
    loop = asyncio.get_running_loop()
    keeper = _Keeper(
        options.maildir,
        fail_share=options.fail_share,
        drop_share=options.drop_share,
        most_faults=options.most_faults,
        seed=options.seed,
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="sink.localhost", loop=loop, enable_SMTPUTF8=True),
        "127.0.0.1",
        options.port,
    )
    async with server:
        if options.page_port:
            from worker.embedded.mailbox_page import serve_page  # noqa: PLC0415 - only who wants it pays

            await serve_page(options.maildir, options.page_port, ended)
        else:
            await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="smtp_sink", description=__doc__)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--page-port", type=int, help="show the mails at this port")
    parser.add_argument(
        "--fail-share", type=float, default=0.0, help="share of mails answered with 451 (0 to 1)"
    )
    parser.add_argument(
        "--drop-share", type=float, default=0.0, help="share cut off, half before and half after storing"
    )
    parser.add_argument(
        "--most-faults", type=int, default=0, help="spare a mail that had so many; 0: none is spared"
    )
    parser.add_argument("--seed", type=int, default=0)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
