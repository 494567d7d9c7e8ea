"""Memory of a worker process that keeps sleeping cases."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.reconcile import start_cases
from activities.tools import Tools
from bench.portfolio import one_step, portfolio, prepare
from store.add_invoices import add_invoices

_WORKER = "import asyncio; from worker.run_worker import run_worker; from worker.temporal_config import *; from worker.logs import set_up_logging; set_up_logging('warning'); c = load_configuration(); asyncio.run(run_worker(c.settings, c.temporal))"  # noqa: E501


async def memory_per_cached_case(
    engine: AsyncEngine, tools: Tools, environment: dict[str, str], count: int
) -> float:
    """kB of resident memory that each case in the cache costs."""
    with _worker(environment | {"MAX_CACHED_WORKFLOWS": str(count * 2)}) as pid:
        await _sleepers(engine, tools, 50)
        before = await _settled_rss(pid)
        await _sleepers(engine, tools, count)
        return (await _settled_rss(pid) - before) / count


async def memory_with_sleepers(
    engine: AsyncEngine, tools: Tools, environment: dict[str, str], count: int
) -> float:
    """MB of resident memory of a worker with its usual cache, through which so many sleeping cases have gone."""
    with _worker(environment) as pid:
        await _sleepers(engine, tools, count)
        return await _settled_rss(pid) / 1024


async def _sleepers(engine: AsyncEngine, tools: Tools, count: int) -> None:
    """Enrol cases that sleep for a day, and wait until the worker has seen them all."""
    name = f"bench-{uuid4().hex[:8]}"
    policies = await prepare(engine, [one_step(name, 86_400)])
    invoices = portfolio(name, count, name)
    for n in range(0, count, 500):
        async with engine.begin() as tx:
            await add_invoices(tx, invoices[n : n + 500], policies, datetime.now(UTC))
    await start_cases(engine, tools.client, tools.task_queue)


@contextmanager
def _worker(environment: dict[str, str]) -> Iterator[int]:
    child = subprocess.Popen(
        [sys.executable, "-c", _WORKER], env=os.environ | environment, cwd=Path(__file__).parent.parent
    )
    try:
        yield child.pid
    finally:
        child.terminate()
        child.wait(60)


async def _settled_rss(pid: int) -> float:
    """kB once it has stopped growing for three seconds."""
    seen: list[float] = []
    async with asyncio.timeout(600):
        while len(seen) < 6 or max(seen[-6:]) - min(seen[-6:]) > 512:
            await asyncio.sleep(0.5)
            seen.append(_rss(pid))
    return seen[-1]


def _rss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    raise RuntimeError(f"process {pid} is gone")
