"""The whole house as processes that can be killed, each started again at once."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Final

import psycopg

from tests.support.embedded import scratch_dir
from tests.support.waiting import until
from tests.system.kill.portfolio import MAIL_DOMAIN
from worker.embedded.child import Child
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.smtp_sink import EmbeddedSmtpSink
from worker.embedded.temporal import EmbeddedTemporal

TASK_QUEUE: Final = "kill"
_UNHURRIED: Final = 40.0
"""Seconds for which kills wait until the worker is up; on a slow machine later ones hit one that starts."""
_ROOT: Final = Path(__file__).parents[3]
_SENDING: Final = "SELECT invoice_id, step, attempts FROM steps_taken WHERE state = 'sending'"
_FORMAL: Final = _SENDING + " AND step IN ('formal', 'hand-over') AND at > now() - interval '1 second'"


@dataclass(slots=True)
class House:
    path: Path
    postgres: EmbeddedPostgres
    temporal: EmbeddedTemporal
    sink: EmbeddedSmtpSink
    worker: Child | None = None
    kills: Counter[str] = field(default_factory=Counter)
    deaths: list[str] = field(default_factory=list)
    """Last words of workers that ended by themselves."""
    cut_off: set[tuple[object, ...]] = field(default_factory=set)
    """Sendings that a kill caught between the claim and the record of the outcome."""
    _log_from: int = 0
    _turn: Lock = field(default_factory=Lock)

    def start_worker(self) -> None:
        self._log_from = len(self.worker_log())
        self.worker = Child(
            "worker",
            [sys.executable, "-m", "cli.main", "worker"],
            log_file=self.path / "worker.log",
            environment={
                "PYTHONPATH": str(_ROOT),
                "DATABASE_URL": self.postgres.url,
                "SMTP_URL": self.sink.url,
                "TEMPORAL_ADDRESS": self.temporal.address,
                "TASK_QUEUE": TASK_QUEUE,
                "MAIL_FROM_DOMAIN": MAIL_DOMAIN,
                "RECONCILE_EVERY_SECONDS": "5",
            },
        )

    def kill_worker(self) -> None:
        """SIGKILL, and a new one at once, as a supervisor does."""
        with self._turn:
            if self.worker:
                self.worker.kill()
            self.start_worker()
        with self._connect() as connection:
            self.cut_off.update(connection.execute(_SENDING))

    def kill_worker_as_a_mail_arrives(self) -> None:
        """When the mail is stored and nobody has recorded it."""
        new = self.sink.maildir / "new"
        before = sum(1 for _ in new.iterdir())
        self._watch(lambda: sum(1 for _ in new.iterdir()) > before)
        self.kill_worker()

    def kill_worker_at_a_formal_notice(self) -> None:
        """When one is claimed, and may or may not have left."""
        with self._connect() as connection:
            self._watch(lambda: connection.execute(_FORMAL).fetchone() is not None)
        self.kill_worker()

    @staticmethod
    def _watch(moment: Callable[[], bool]) -> None:
        """Return within a millisecond of it, or when it does not come within four seconds."""
        deadline, pause = time.monotonic() + 4, Event()
        while not moment() and time.monotonic() < deadline:
            pause.wait(0.001)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.postgres.url.replace("+psycopg", ""), autocommit=True)

    def kill_postgres(self) -> None:
        self.postgres.kill()
        self.postgres.start()

    def kill_temporal(self) -> None:
        self.temporal.kill()
        self.temporal.start()

    def look_after_worker(self) -> None:
        """Start it again if it ended by itself."""
        with self._turn:
            if self.worker and not self.worker.alive:
                self.deaths.append(self.worker.log())
                self.start_worker()

    def worker_is_ready(self) -> bool:
        with self._turn:
            return "worker_ready" in self.worker_log()[self._log_from :]

    def worker_log(self) -> str:
        log = self.path / "worker.log"
        return log.read_text(errors="replace") if log.exists() else ""


@contextmanager
def open_house(seed: int) -> Iterator[House]:
    """Everything as a process of its own, with data that survives a kill.

    The sink answers 451 to a fifth of the mails and drops one connection in twenty, half of those after it
    has stored the mail. No mail is spoilt twice: each retry waits four times as long, also after a kill.
    """
    with (
        scratch_dir() as path,
        EmbeddedPostgres(path / "postgres") as postgres,
        EmbeddedTemporal(path / "temporal", log_file=path / "temporal.log") as temporal,
        EmbeddedSmtpSink(path / "mail", fail_share=0.2, drop_share=0.05, most_faults=1, seed=seed) as sink,
    ):
        house = House(path, postgres, temporal, sink)
        house.start_worker()
        try:
            yield house
        finally:
            for server in (house.worker, sink, temporal, postgres):  # nothing of it is kept
                if server:
                    server.kill()


async def kill_by_turns(house: House, seed: int) -> None:
    """The worker eight times, most of them amid a sending, and each server once."""
    dice = random.Random(seed)
    early = [house.kill_worker, *[house.kill_worker_as_a_mail_arrives] * 3, house.kill_postgres]
    late = [house.kill_worker, *[house.kill_worker_at_a_formal_notice] * 3, house.kill_temporal]
    turns = [*dice.sample(early, len(early)), *dice.sample(late, len(late))]
    hurry = time.monotonic() + _UNHURRIED
    for kill in turns:
        if time.monotonic() < hurry:
            try:
                await until(house.worker_is_ready, within=30)
            except AssertionError:
                raise AssertionError(f"no worker in 30 s: {house.worker_log()[-4000:]}") from None
        await wait_for(time.monotonic() + dice.uniform(0.3, 2.5))
        await asyncio.to_thread(kill)
        house.kills[kill.__name__.split("_")[1]] += 1


async def wait_for(moment: float) -> None:
    """Of the monotonic clock."""
    await until(lambda: time.monotonic() >= moment, within=moment - time.monotonic() + 10)
