"""The servers that are not configured, the worker and the API: started and stopped in order."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cli.errors import CommandError
from cli.output import warn
from cli.running import only_one
from worker.embedded.child import Child, accepts
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.smtp_sink import EmbeddedSmtpSink
from worker.embedded.temporal import EmbeddedTemporal
from worker.temporal_config import Configuration

_ROOT: Final = Path(__file__).parents[1]
_TEMPORAL, _TEMPORAL_UI, _SMTP, _MAILBOX = 7233, 8233, 1025, 8025
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a process that died is started again: twice as long each time it dies young."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to look; empty where a configured server takes the place of ours."""

    api: str
    temporal_ui: str
    mailbox: str


class House:
    """Start with `with`; on leaving, what was started is stopped, the processes before the servers they use.

    `prepare` is given the database's URL as soon as it runs, before any process of ours does.
    """

    def __init__(self, config: Configuration, var_dir: Path, prepare: Callable[[str], None]) -> None:
        self._config = config
        self._var = var_dir.resolve()
        self._prepare = prepare
        self._started = ExitStack()
        self._environment: dict[str, str] = {}
        self._ui = self._mailbox = ""
        self._api_port = config.settings.api_port

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to find the parts."""
        return self._environment

    @property
    def maildir(self) -> Path:
        return self._var / "mail"

    @property
    def addresses(self) -> Addresses:
        return Addresses(f"http://127.0.0.1:{self._api_port}", self._ui, self._mailbox)

    def __enter__(self) -> Self:
        self._var.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self._started.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.close()

    def _start(self) -> None:
        settings = self._config.settings
        publish = self._started.enter_context(only_one(self._var))
        logs = self._var / "log"
        url = settings.database_url.get_secret_value() if settings.database_url else self._postgres(logs)
        self._environment["DATABASE_URL"] = url
        self._prepare(url)
        if self._config.temporal is None:
            self._environment["TEMPORAL_ADDRESS"] = self._temporal(logs)
        if settings.smtp_url is None:
            self._environment["SMTP_URL"] = self._smtp_sink(logs)
        self._api_port = free_port_from(settings.api_port, "the API")
        self._environment["API_PORT"] = str(self._api_port)
        publish(self._environment)
        commands = {f"worker-{n}": "worker" for n in range(1, settings.worker_processes + 1)}
        commands["api"] = "api"
        self._started.enter_context(
            Processes(
                {name: partial(self._process, name, command, logs) for name, command in commands.items()}
            )
        )
        deadline = time.monotonic() + 60
        while not accepts(self._api_port):
            if time.monotonic() > deadline:
                raise CommandError(f"the API did not start within a minute; its log is {logs / 'api.log'}")
            time.sleep(0.1)

    def _postgres(self, logs: Path) -> str:
        server = EmbeddedPostgres(self._var / "postgres", log_file=logs / "postgres.log")
        return self._started.enter_context(server).url

    def _temporal(self, logs: Path) -> str:
        ui_port = free_port_from(_TEMPORAL_UI, "Temporal's UI")
        server = EmbeddedTemporal(
            self._var / "temporal",
            log_file=logs / "temporal.log",
            port=free_port_from(_TEMPORAL, "Temporal"),
            ui_port=ui_port,
        )
        self._started.enter_context(server)
        self._ui = server.ui_url
        return server.address

    def _smtp_sink(self, logs: Path) -> str:
        sink = EmbeddedSmtpSink(
            self.maildir,
            log_file=logs / "mail.log",
            port=free_port_from(_SMTP, "the SMTP sink"),
            page_port=free_port_from(_MAILBOX, "the mailbox page"),
        )
        self._started.enter_context(sink)
        self._mailbox = sink.page_url
        return sink.url

    def _process(self, name: str, command: str, logs: Path) -> Child:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        return Child(
            name,
            [sys.executable, "-m", "cli.main", command],
            log_file=logs / f"{name}.log",
            environment=dict(os.environ) | self._environment | {"PYTHONPATH": path},
        )


class Processes:
    """Processes that are started again when they die."""

    def __init__(self, start: Mapping[str, Callable[[], Child]]) -> None:
        self._start = start
        self._children: dict[str, Child] = {}
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._restart_what_dies, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._children = {name: start() for name, start in self._start.items()}
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._watch.join()
        for child in self._children.values():
            child.stop(within=40)

    def _restart_what_dies(self) -> None:
        pause = dict.fromkeys(self._start, _FIRST_PAUSE)
        since = dict.fromkeys(self._start, time.monotonic())
        again: dict[str, float] = {}
        while not self._stopping.wait(0.2):
            now = time.monotonic()
            for name, child in self._children.items():
                if child.alive:
                    continue
                if name not in again:
                    pause[name] = _FIRST_PAUSE if now - since[name] > _LONGEST_PAUSE else pause[name] * 2
                    again[name] = now + min(pause[name], _LONGEST_PAUSE)
                    warn(f"{name} ended unexpectedly and is started again; its log is {child.log_file}")
                elif now >= again[name]:
                    del again[name]
                    since[name] = now
                    self._children[name] = self._start[name]()


def free_port_from(wanted: int, what: str) -> int:
    """`wanted`, or the next port above it that nobody has, saying so."""
    for port in range(wanted, min(wanted + 100, 65535)):
        if _is_free(port):
            if port != wanted:
                warn(f"port {wanted} is taken: {what} is at {port}")
            return port
    raise CommandError(f"ports {wanted} to {wanted + 99} are all taken; {what} needs one")


def _is_free(port: int) -> bool:
    if accepts(port):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
