"""The API as its own process, and servers that go and come back while it runs."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from api.keys import create_key
from api.temporal_client import LazyClient
from tests.support.calling import Service, day, problem, talking_to
from tests.support.embedded import scratch_postgres
from tests.support.termijn import PROJECT, bare_environment
from tests.support.waiting import until
from worker.connect import connect
from worker.embedded.child import free_port
from worker.embedded.temporal import EmbeddedTemporal


@asynccontextmanager
async def api_process(directory: Path, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
    """`termijn api` until the block ends; it must then stop in order."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from cli.main import main; main()",
        "api",
        cwd=directory,
        env=bare_environment() | {"PYTHONPATH": str(PROJECT), "API_PORT": str(port)} | environment,
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:

        async def alive() -> bool:
            try:
                return (await http.get("/healthz")).status_code == 200
            except httpx.ConnectError:
                return False

        try:
            await until(alive, within=30, what="the API answers")
            yield http
        finally:
            process.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(process.wait(), 20)
    assert code == 0


async def test_it_starts_with_nothing_else_there_and_answers_when_it_is(tmp_path: Path) -> None:
    with scratch_postgres() as postgres:
        address = f"127.0.0.1:{free_port()}"
        postgres.stop()
        async with api_process(tmp_path, DATABASE_URL=postgres.url, TEMPORAL_ADDRESS=address) as http:
            ready = await http.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["parts"] == {"postgresql": "unreachable", "temporal": "unreachable"}
            key = {"Authorization": f"Bearer trm_{'a' * 8}_{'b' * 43}"}
            problem(await http.get("/v1/invoices", headers=key), 503, "database_unavailable")
            postgres.start()
            with EmbeddedTemporal(log_file=tmp_path / "temporal.log", port=int(address.split(":")[1])):

                async def is_ready() -> bool:
                    return (await http.get("/readyz")).status_code == 200

                await until(is_ready, within=30, what="everything is reached")
                postgres.restart()
                assert await is_ready()  # connections that the restart has cut are not handed out


async def test_temporal_that_dies_after_it_was_reached(
    service: Service, database: AsyncEngine, tmp_path: Path
) -> None:
    server = EmbeddedTemporal(log_file=tmp_path / "temporal.log")
    with server:
        client = LazyClient(lambda: connect({"target_host": server.address}))
        tools = replace(service.tools, client=client)
        async with talking_to(tools, await create_key(database, "unlucky", ["write"])) as http:
            invoice_id = await service.invoice()
            url = f"/v1/invoices/{invoice_id}/payments"
            body = {"payment_id": "P-1", "amount": "100.00", "on": day(-1)}
            assert (await http.post(url, json=body)).status_code == 202
            server.kill()
            other = body | {"payment_id": "P-2"}
            problem(await http.post(url, json=other), 503, "temporal_unavailable")
            server.start()
            assert (await http.post(url, json=other)).status_code == 202
