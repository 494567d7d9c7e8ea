"""The `termijn` command as a user runs it, in an empty directory, with its own environment and nothing else.

Inside this process: a process of its own would spend most of its time importing.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from cli.main import main

PROJECT: Final = Path(__file__).parents[2]
_KEPT: Final = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")


@dataclass(frozen=True, slots=True)
class Ran:
    """Exit code and what was written to standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def termijn(*arguments: str | Path, directory: Path, environment: Mapping[str, str] | None = None) -> Ran:
    """Run to its end. Nothing of this process's own configuration is passed on."""
    argv = ["termijn", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, bare_environment() | dict(environment or {}), clear=True),
        mock.patch.object(sys, "argv", argv),
        contextlib.chdir(directory),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        ThreadPoolExecutor(1) as aside,  # where no event loop runs
    ):
        code = aside.submit(_exit_code).result()
    return Ran(code, out.getvalue(), err.getvalue())


def bare_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": str(PROJECT)}


def _exit_code() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
