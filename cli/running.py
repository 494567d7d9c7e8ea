"""Where the parts of a running `up` or `demo` are, so that other commands find them unconfigured."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

_NAME = "running.json"


def publish(var_dir: Path, environment: Mapping[str, str]) -> None:
    """Keep what other processes need in their environment; for the owner's eyes, it may hold passwords."""
    path = var_dir / _NAME
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump({"pid": os.getpid(), "environment": dict(environment)}, file)
    unfinished.replace(path)


def retract(var_dir: Path) -> None:
    (var_dir / _NAME).unlink(missing_ok=True)


def published(var_dir: Path) -> dict[str, str]:
    """What a process that still runs has published; empty when there is none."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        told = json.loads((var_dir / _NAME).read_text())
        os.kill(told["pid"], 0)
        environment: dict[str, str] = told["environment"]
        return environment
    return {}
