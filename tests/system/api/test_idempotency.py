"""The same request with the same Idempotency-Key has its effect once, and gets the same answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.keys import create_key
from api.temporal_client import LazyClient
from api.tools import ApiTools
from store.tables import idempotency_keys
from tests.support.calling import Service, day, invoice_body, problem, talking_to
from worker.connect import connect
from worker.embedded.child import free_port

KEY = {"Idempotency-Key": "k-1"}


async def test_a_repeat_is_answered_from_memory(service: Service) -> None:
    first = await service.http.post("/v1/invoices", json=invoice_body(), headers=KEY)
    again = await service.http.post("/v1/invoices", json=invoice_body(), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


async def test_a_dispute_told_twice_is_one_dispute(service: Service) -> None:
    url = f"/v1/invoices/{await service.invoice()}/disputes"
    answers = [await service.http.post(url, json={"reason": "?"}, headers=KEY) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    other = await service.http.post(url, json={"reason": "?"}, headers={"Idempotency-Key": "k-2"})
    assert other.json()["dispute_id"] != answers[0].json()["dispute_id"]


async def test_refusals_are_repeated_too_and_another_request_is_refused(service: Service) -> None:
    refused = [await service.http.post("/v1/invoices", json={}, headers=KEY) for _ in range(2)]
    problem(refused[1], 422, "invalid_request")
    assert refused[1].headers["idempotency-replayed"] == "true"
    other = await service.http.post("/v1/invoices", json=invoice_body(), headers=KEY)
    problem(other, 422, "idempotency_key_reused")


async def test_keys_of_two_callers_never_meet(service: Service, database: AsyncEngine) -> None:
    await service.http.post("/v1/invoices", json=invoice_body(), headers=KEY)
    async with talking_to(service.tools, await create_key(database, "another", ["write"])) as http:
        answer = await http.post("/v1/invoices", json=invoice_body(number="F-2"), headers=KEY)
    assert answer.status_code == 201


async def test_of_two_at_once_one_runs(service: Service) -> None:
    url = f"/v1/invoices/{await service.invoice()}/holds"
    body = {"until": day(3), "reason": "?"}
    answers = await asyncio.gather(*(service.http.post(url, json=body, headers=KEY) for _ in range(4)))
    assert {a.status_code for a in answers} <= {202, 409}
    assert len({a.json()["hold_id"] for a in answers if a.status_code == 202}) == 1
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "request_in_progress")


@pytest.mark.parametrize("age", [timedelta(hours=49), timedelta(minutes=11)])
async def test_an_old_key_is_free_again(service: Service, database: AsyncEngine, age: timedelta) -> None:
    """After two days; or when the process died over the first request."""
    await service.http.post("/v1/invoices", json=invoice_body(), headers=KEY)
    changed: dict[str, object] = {"created_at": datetime.now(UTC) - age}
    if age < timedelta(hours=48):
        changed["status"] = None
    async with database.begin() as tx:
        await tx.execute(update(idempotency_keys).values(changed))
    other = await service.http.post("/v1/invoices", json=invoice_body(number="F-2"), headers=KEY)
    assert other.status_code == 201


async def test_what_failed_on_our_side_may_be_tried_again(service: Service, database: AsyncEngine) -> None:
    """And goes on where it stopped: it is the same hold."""
    invoice_id = await service.invoice()
    nowhere = LazyClient(lambda: connect({"target_host": f"127.0.0.1:{free_port()}"}))
    key = service.http.headers["authorization"].split()[1]
    url, body = f"/v1/invoices/{invoice_id}/holds", {"reason": "?"}
    async with talking_to(ApiTools(database, nowhere, "none"), key) as http:
        failed = problem(await http.post(url, json=body, headers=KEY), 503, "temporal_unavailable")
    async with database.connect() as connection:
        assert (await connection.execute(select(idempotency_keys))).first() is None
    answer = await service.http.post(url, json=body, headers=KEY)
    assert answer.status_code == 202, answer.text
    assert answer.json()["event_id"] == failed["event_id"]


async def test_a_key_that_is_no_key(service: Service) -> None:
    answer = await service.http.post("/v1/invoices", json={}, headers={"Idempotency-Key": "x" * 201})
    problem(answer, 400, "bad_idempotency_key")
