"""The API in this process, over real PostgreSQL and Temporal, with a real worker behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from api.keys import create_key
from api.tools import ApiTools
from tests.support.calling import Service, talking_to
from tests.support.worker import mail_server, tools_for
from worker.connect import connect
from worker.embedded.temporal import EmbeddedTemporal
from worker.run_worker import make_worker


@pytest.fixture(scope="session")
async def temporal(temporal_server: EmbeddedTemporal) -> Client:
    return await connect({"target_host": temporal_server.address}, patience=10)


@pytest.fixture
async def service(database: AsyncEngine, temporal: Client) -> AsyncIterator[Service]:
    """Everything runs."""
    async with mail_server() as mail, tools_for(database, temporal, mail) as worker_tools:
        tools = ApiTools(database, temporal, worker_tools.task_queue)
        key = await create_key(database, "the office", ["write"])
        async with make_worker(temporal, worker_tools), talking_to(tools, key) as http:
            yield Service(http, tools, mail)
