"""`termijn demo` and `termijn up`: everything on one machine, from an empty directory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.support.embedded import scratch_dir
from tests.support.termijn import PROJECT, bare_environment, termijn
from tests.support.waiting import until
from worker.embedded.child import free_port
from worker.embedded.maildir import read_mails

LONGEST_DEMO: Final = 120.0
READY: Final = 90.0
"""Seconds that starting everything may take on a machine that does other things too."""


@pytest.fixture
def directory() -> Iterator[Path]:
    with scratch_dir() as path:
        yield path


class Running:
    """A `termijn` command that stays."""

    def __init__(self, directory: Path, *arguments: str, output: str) -> None:
        self._output = directory / output
        with self._output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *arguments],
                cwd=directory,
                env=bare_environment() | {"API_PORT": str(free_port())},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def output(self) -> str:
        return self._output.read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def running(directory: Path, *arguments: str, output: str = "output.txt") -> Iterator[Running]:
    command = Running(directory, *arguments, output=output)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.kill()
            command.process.wait()


def processes_of(directory: Path) -> dict[int, str]:
    """Command lines, by id, of every process that was told of this directory."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            told = command + (process / "environ").read_bytes()
        except OSError:
            continue
        if command and str(directory).encode() in told and int(process.name) != os.getpid():
            found[int(process.name)] = command.replace(b"\0", b" ").decode()
    return found


async def test_the_demo_ends_where_it_must_and_leaves_nothing_behind(directory: Path) -> None:
    begun = time.monotonic()
    with running(directory, "demo", "--once") as demo:
        await until(lambda: demo.process.poll() is not None, within=LONGEST_DEMO, what="the end of the demo")
        said = demo.output()
    assert demo.process.returncode == 0, said
    assert "every case is where it should be" in said
    assert time.monotonic() - begun < LONGEST_DEMO
    for told in ("API docs", "Temporal UI", "mailbox", "pays 5000.00", "the plan is broken", "handed_over"):
        assert told in said
    mails = read_mails(directory / "var/demo/mail")
    (dossier,) = [mail.message for mail in mails if mail.envelope_to == ("intake@agency.example",)]
    assert [part.get_filename() for part in dossier.iter_attachments()] == ["dossier-ZL-2026-0413.zip"]
    await until(lambda: not processes_of(directory), within=10, what="all its processes to be gone")


async def test_up_starts_everything_keeps_it_running_and_loses_nothing(directory: Path) -> None:
    with running(directory, "up") as first:
        await until(lambda: "Ctrl-C" in first.output(), within=READY, what=first.output())
        assert re.search(r"API key +trm_\w{8}_", first.output())
        # Another terminal needs no configuration.
        imported = termijn(
            "import", "invoices", PROJECT / "samples/invoices.csv", "--json", directory=directory
        )
        assert (imported.code, imported.json["cases_started"]) == (0, 24), imported.err
        with running(directory, "up", output="second.txt") as another:
            assert another.process.wait(READY) == 1
            assert "Termijn runs here already" in another.output()

        def workers() -> set[int]:
            found = processes_of(directory)
            return {pid for pid, command in found.items() if command.rstrip().endswith("cli.main worker")}

        (killed,) = workers()
        os.kill(killed, signal.SIGKILL)
        await until(lambda: workers() - {killed}, within=30, what="another worker")
        assert first.stop() == 0, first.output()
    await until(lambda: not processes_of(directory), within=10, what="all its processes to be gone")
    with running(directory, "up") as second:
        await until(lambda: "Ctrl-C" in second.output(), within=READY, what=second.output())
        assert "API key" not in second.output()
        assert termijn("doctor", "--json", directory=directory).json["healthy"]
        second.process.kill()  # no time to stop anything: the children notice by themselves
        second.process.wait()
    await until(lambda: not processes_of(directory), within=60, what="the orphans to be gone")
