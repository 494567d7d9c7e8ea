"""The servers a test session shares: one of each per pytest process, started by the first test that asks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal


@contextmanager
def scratch_dir() -> Iterator[Path]:
    """A short path (sockets), outside pytest's own directory, which PostgreSQL under root may not enter."""
    path = Path(tempfile.mkdtemp(prefix="termijn-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def scratch_postgres() -> Iterator[EmbeddedPostgres]:
    """A fresh server, gone afterwards."""
    with scratch_dir() as path, EmbeddedPostgres(path / "postgres", durable=False) as server:
        yield server


@contextmanager
def scratch_temporal() -> Iterator[EmbeddedTemporal]:
    """A fresh server that keeps nothing, in real time, without UI."""
    with scratch_dir() as path, EmbeddedTemporal(log_file=path / "temporal.log") as server:
        yield server
