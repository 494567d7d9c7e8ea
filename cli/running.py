"""Where the parts of a running `up` or `demo` are, so that other commands find them unconfigured."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cli.errors import CommandError

_NAME = "running.json"


class Publish(Protocol):
    def __call__(self, environment: Mapping[str, str]) -> None:
        """Tell what other processes need in their environment."""


@contextmanager
def only_one(var_dir: Path) -> Iterator[Publish]:
    """The only one to run here; CommandError if there is one. Ends with the process, however that ends.

    What is published is for the owner's eyes: it may hold passwords.
    """
    path = var_dir / _NAME
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = f"{var_dir}: Termijn runs here already; stop it first, or set VAR_DIR"
            raise CommandError(text) from None
        file.truncate()

        def publish(environment: Mapping[str, str]) -> None:
            json.dump(dict(environment), file)
            file.flush()

        yield publish
        path.unlink(missing_ok=True)


def published(var_dir: Path) -> dict[str, str] | None:
    """What the one that runs here has told so far; None when none runs."""
    with contextlib.suppress(FileNotFoundError), (var_dir / _NAME).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            told: dict[str, str] = json.loads(file.read() or "{}")
            return told
    return None
