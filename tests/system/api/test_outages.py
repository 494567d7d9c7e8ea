"""Temporal down, PostgreSQL down, the mail server down: an answer that names the part, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

import httpx
import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.reconcile import reconcile
from api.app import create_app
from api.keys import create_key
from api.temporal_client import LazyClient
from api.tools import ApiTools
from domain.contract import Reconcile
from store.engine import make_engine
from tests.support.calling import WAIT, Service, day, invoice_body, problem, talking_to
from tests.support.waiting import until
from worker.connect import connect
from worker.embedded.child import free_port


@pytest.fixture
async def without_temporal(service: Service, database: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    nowhere = LazyClient(lambda: connect({"target_host": f"127.0.0.1:{free_port()}"}))
    tools = ApiTools(database, nowhere, service.tools.task_queue)
    async with talking_to(tools, await create_key(database, "unlucky", ["write"])) as http:
        yield http


async def test_without_temporal_messages_are_kept_and_delivered_later(
    service: Service, without_temporal: httpx.AsyncClient, temporal: Client
) -> None:
    invoice_id = await service.invoice()
    url, body = (
        f"/v1/invoices/{invoice_id}/payments",
        {"payment_id": "P-1", "amount": "100.00", "on": day(-1)},
    )
    refused = await without_temporal.post(url, json=body, headers=WAIT)
    told = problem(refused, 503, "temporal_unavailable")
    assert told["event_id"] == "payment/P-1"
    assert refused.headers["retry-after"]
    problem(await without_temporal.post(url, json=body), 503, "temporal_unavailable")
    assert (await service.case(invoice_id))["waiting"] == 1
    engine, queue = service.tools.engine, service.tools.task_queue
    await reconcile(engine, temporal, queue, Reconcile(), patience=timedelta(0))
    again = await service.http.post(url, json=body, headers=WAIT)
    assert again.json()["case"]["stage"] == "settled"


async def test_without_temporal_invoices_go_in_and_start_later(
    service: Service, without_temporal: httpx.AsyncClient, temporal: Client
) -> None:
    answer = await without_temporal.post("/v1/invoices", json=invoice_body())
    assert (answer.status_code, answer.json()["started"]) == (201, False)
    done = await reconcile(service.tools.engine, temporal, service.tools.task_queue, Reconcile())
    assert done.started == 1
    assert (await service.case(answer.json()["id"]))["started"]


async def test_without_temporal_a_plan_is_kept_and_agreed_later(
    service: Service, without_temporal: httpx.AsyncClient
) -> None:
    invoice_id = await service.invoice()
    body = {"invoices": [invoice_id], "instalments": [{"due": day(9), "amount": "100.00"}]}
    key = {"Idempotency-Key": "plan-1"}
    told = problem(
        await without_temporal.post("/v1/payment-plans", json=body, headers=key), 503, "temporal_unavailable"
    )
    again = problem(
        await without_temporal.post("/v1/payment-plans", json=body, headers=key), 503, "temporal_unavailable"
    )
    assert again["event_id"] == told["event_id"]
    found = await service.http.get(f"/v1/payment-plans/{told['event_id'].partition('/')[2]}")
    assert found.json()["state"] == "active"


async def test_readiness_names_what_is_missing(service: Service, without_temporal: httpx.AsyncClient) -> None:
    ready = await service.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    missing = await without_temporal.get("/readyz")
    assert missing.status_code == 503
    assert missing.json()["parts"] == {"postgresql": "ok", "temporal": "unreachable"}
    assert (await without_temporal.get("/healthz")).status_code == 200


async def test_without_postgresql_every_call_says_so(service: Service, temporal: Client) -> None:
    engine = make_engine(f"postgresql+psycopg://nobody:secret@127.0.0.1:{free_port()}/none")
    key = service.http.headers["authorization"].split()[1]
    async with talking_to(ApiTools(engine, temporal, "none"), key) as http:
        answer = await http.post("/v1/invoices", json=invoice_body(), headers={"Idempotency-Key": "k"})
        problem(answer, 503, "database_unavailable")
        assert answer.headers["retry-after"]
        assert "secret" not in answer.text
        assert (await http.get("/readyz")).json()["parts"] == {"postgresql": "unreachable", "temporal": "ok"}
        assert (await http.get("/healthz")).status_code == 200
    await engine.dispose()


async def test_with_the_mail_server_down_calls_are_answered_all_the_same(service: Service) -> None:
    def away(_: EmailMessage) -> str:
        return "451 4.3.0 try again later"

    service.mail.answer = away
    invoice_id = await service.invoice(policy="demo")
    paid = await service.pay(invoice_id, "100.00")
    assert paid.json()["case"]["stage"] == "settled"


async def test_the_process_answers_over_the_network_and_stops_in_order(service: Service) -> None:
    """A body of 20 MB gets its answer over a real connection too, however it is sent."""
    key = service.http.headers["authorization"]
    large = b"x" * (20 * 1024 * 1024)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 1024 * 1024):
            yield large[start : start + 1024 * 1024]

    async with (
        listening(service.tools) as address,
        httpx.AsyncClient(base_url=address, headers={"Authorization": key}) as http,
    ):
        problem(await http.post("/v1/invoices", content=large), 413, "body_too_large")
        problem(await http.post("/v1/invoices", content=in_pieces()), 413, "body_too_large")
        assert (await http.get("/v1/invoices")).status_code == 200
        assert "server" not in (await http.get("/healthz")).headers


@asynccontextmanager
async def listening(tools: ApiTools) -> AsyncIterator[str]:
    port = free_port()
    config = uvicorn.Config(
        create_app(tools), port=port, log_config=None, access_log=False, lifespan="off", server_header=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="the server listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task
