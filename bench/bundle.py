"""One notice over two hundred invoices of a debtor: how long its claim holds the debtor's lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import uuid4

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.take_next_step import take_next_step
from activities.tools import Tools
from bench.portfolio import formal_step, one_step, portfolio, prepare
from domain.contract import TakeStep
from store.add_invoices import add_invoices


@dataclass
class Transaction:
    """One transaction as the database saw it; `took` in ms, from its beginning to the end of its commit."""

    statements: int = 0
    took: float = 0.0
    began: float = field(default_factory=time.perf_counter)


@dataclass(frozen=True)
class Bundled:
    claim: float
    """ms: reading the debtor's cases, deciding, writing the mail and keeping it, in one transaction."""
    record: float
    """ms: what became of it, for every case, in one transaction."""
    transactions: int
    statements: int
    """Of the claim, after the lock and the first case, which take one round trip together."""


async def measure_bundle(
    engine: AsyncEngine, tools: Tools, invoices: int = 200, rounds: int = 5, *, formal: bool = False
) -> Bundled:
    """The median of several debtors, each with so many invoices due at once. `formal`: for a notice that charges
    interest and costs."""
    name = f"bench-{uuid4().hex[:8]}"
    policies = await prepare(engine, [formal_step(name, 1) if formal else one_step(name, 1)])
    runs: list[list[Transaction]] = []
    for n in range(rounds + 1):
        enrolled = datetime.now(UTC)
        theirs = portfolio(f"{name}-{n}", invoices, name, invoices_per_debtor=invoices)
        async with engine.begin() as tx:
            first = (await add_invoices(tx, theirs, policies, enrolled))[0]
        with _watched(engine) as seen:
            await take_next_step(
                tools, TakeStep(first.id or "", enrolled + timedelta(seconds=2)), resuming=False
            )
        runs.append(seen)
    runs = runs[1:]  # the first one fills the caches
    if any(len(seen) != 2 for seen in runs):
        raise RuntimeError(f"a notice takes two transactions: {[len(seen) for seen in runs]}")
    return Bundled(
        median(seen[0].took for seen in runs),
        median(seen[1].took for seen in runs),
        len(runs[0]),
        runs[0][0].statements,
    )


@contextmanager
def _watched(engine: AsyncEngine) -> Iterator[list[Transaction]]:
    """The transactions that are committed meanwhile."""
    open_: dict[int, Transaction] = {}
    done: list[Transaction] = []

    def begin(connection: Any) -> None:
        open_[id(connection)] = Transaction()

    def execute(connection: Any, *_: Any) -> None:
        open_[id(connection)].statements += 1

    def commit(connection: Any) -> None:
        # Told just before the commit; its own round trip ends when the connection goes back to the pool.
        done.append(open_[id(connection)])

    def give_back(*_: Any) -> None:
        if done and not done[-1].took:
            done[-1].took = (time.perf_counter() - done[-1].began) * 1000

    listeners = (
        (engine.sync_engine, "begin", begin),
        (engine.sync_engine, "before_cursor_execute", execute),
        (engine.sync_engine, "commit", commit),
        (engine.sync_engine.pool, "checkin", give_back),
    )
    for target, name, listener in listeners:
        event.listen(target, name, listener)
    try:
        yield done
    finally:
        for target, name, listener in listeners:
            event.remove(target, name, listener)
