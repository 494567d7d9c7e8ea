"""A server as a child process: started, watched, stopped, and dead when its parent is."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_LAUNCHER: Final = Path(__file__).with_name("launch.py")
_PASSED_ON: Final = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")


class EmbeddedServerError(RuntimeError):
    """An embedded server could not be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The operating-system user a child runs as."""

    uid: int
    gid: int


class Child:
    """One process with a log file. `stop_signal` asks for an orderly end, also when the parent dies."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log_file: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        identity: Identity | None = None,
        environment: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log_file = log_file
        self._stop_signal = stop_signal
        self._log_start = log_file.stat().st_size if log_file.exists() else 0
        who = identity or Identity(-1, -1)
        tie = [os.getpid(), int(stop_signal), who.uid, who.gid]
        arguments = [sys.executable, "-I", "-S", str(_LAUNCHER), *map(str, tie), *map(str, command)]
        with log_file.open("ab") as log:
            made = _spawner().submit(
                subprocess.Popen,
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={key: os.environ[key] for key in _PASSED_ON if key in os.environ}
                | dict(environment or {}),
                start_new_session=True,  # Ctrl-C is for the parent, which stops its children in order
                pass_fds=tuple(keep_open),
            )
            self._process = made.result()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def log(self) -> str:
        """What this run wrote, the last 4 kB of it."""
        with self.log_file.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - 4096))
            return log.read().decode(errors="replace").strip()

    def wait_until(self, ready: Callable[[], bool], *, within: float) -> None:
        """Poll `ready`; EmbeddedServerError with the end of the log if the child ends or stays silent."""
        deadline = time.monotonic() + within
        while not ready():
            if not self.alive:
                raise EmbeddedServerError(f"{self.name} ended at once ({self.log_file}):\n{self.log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise EmbeddedServerError(
                    f"{self.name} was not ready in {within:.0f} s ({self.log_file}):\n{self.log()}"
                )
            time.sleep(0.02)

    def stop(self, *, within: float = 20.0) -> None:
        """Ask for an orderly end and wait; kill when that takes longer than `within` seconds."""
        if self.alive:
            self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()


@cache
def _spawner() -> ThreadPoolExecutor:
    """Linux ties a child to the *thread* that made it, so one that lives as long as we do makes them all."""
    return ThreadPoolExecutor(1, thread_name_prefix="embedded-spawner")


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether something on 127.0.0.1 accepts connections at `port`."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
