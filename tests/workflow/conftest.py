"""A story: a database, a mail server, a worker, and a Temporal whose clock can be moved.

Worker and mail server are shared by all tests of a process, since stopping a worker takes seconds. What an
earlier test left behind stays asleep: only a story moves the clocks, and only of its own cases.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.tools import Tools
from tests.support.embedded import scratch_dir
from tests.support.stories import Story
from tests.support.worker import TIME_SKIPPING, MailServer, mail_server, tools_for
from worker.connect import connect
from worker.embedded.temporal import EmbeddedTemporal
from worker.run_worker import make_worker


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """structlog's own default draws every local variable of a traceback, which takes seconds."""
    processors = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(processors=processors, logger_factory=structlog.stdlib.LoggerFactory())


@pytest.fixture(scope="session")
def skipping_server() -> Iterator[EmbeddedTemporal]:
    with (
        scratch_dir() as path,
        EmbeddedTemporal(log_file=path / "log", dynamic_config=TIME_SKIPPING) as server,
    ):
        yield server


@pytest.fixture(scope="session")
async def temporal(skipping_server: EmbeddedTemporal) -> Client:
    return await connect({"target_host": skipping_server.address}, patience=10)


@pytest.fixture(scope="session")
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as mail:
        yield mail


@pytest.fixture(scope="session")
async def workers(engine: AsyncEngine, temporal: Client, mail: MailServer) -> AsyncIterator[dict[int, Tools]]:
    """By the number of cases they keep in memory: the tools of two workers, each on its own task queue."""
    async with AsyncExitStack() as stack:
        found = {}
        for cached in (1000, 0):
            found[cached] = tools = await stack.enter_async_context(tools_for(engine, temporal, mail))
            await stack.enter_async_context(make_worker(temporal, tools, max_cached_workflows=cached))
        yield found


@pytest.fixture
def story(database: AsyncEngine, temporal: Client, mail: MailServer, workers: dict[int, Tools]) -> Story:
    return Story(database, temporal, workers[1000], mail)


@pytest.fixture(params=[1000, 0], ids=["cached", "replayed"])
def twice_told(
    database: AsyncEngine,
    temporal: Client,
    mail: MailServer,
    workers: dict[int, Tools],
    request: pytest.FixtureRequest,
) -> Story:
    """Once with the cases in the worker's memory, and once replayed from their histories at every turn, where
    whatever is not deterministic shows."""
    return Story(database, temporal, workers[request.param], mail)


@pytest.fixture
async def asleep(database: AsyncEngine, temporal: Client, mail: MailServer) -> AsyncIterator[Story]:
    """A story without a worker, for tests that bring their own."""
    async with tools_for(database, temporal, mail) as tools:
        yield Story(database, temporal, tools, mail)
