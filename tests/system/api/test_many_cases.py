"""What concerns thousands of cases is stored at once and told afterwards, also when whoever told them died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from temporalio.client import Client

from activities import deliver
from activities.reconcile import reconcile
from api.keys import create_key
from api.temporal_client import LazyClient
from api.tools import ApiTools
from domain.contract import Reconcile
from store.find_undelivered import unapplied
from tests.support.calling import Service, day, talking_to
from tests.support.database import add_policy
from tests.support.waiting import until

TRUSTING_NO_OLD_STATEMENT = """
name: fresh
version: 1
time_zone: Europe/Amsterdam
contact_budget: off
send_window: always
stale_money: {statement_age: 3d}
steps:
  - {key: first, after: 3d, anchor: due, channel: email}
"""
STATEMENT = "/v1/creditors/default/bank-statement"
WAITING = text("SELECT count(*) FROM invoices WHERE reasons -> 0 ->> 'code' = 'stale_bank_data'")
STAGES = text("SELECT DISTINCT stage FROM invoices")


async def messages(service: Service) -> tuple[int, int]:
    async with service.tools.engine.connect() as connection:
        return await unapplied(connection)


async def invoices(service: Service, count: int, **changes: str) -> list[str]:
    return [
        await service.invoice(number=f"F-{n}", debtor_reference=f"D-{n}", **changes) for n in range(count)
    ]


async def put_right(service: Service, temporal: Client) -> int:
    tools = service.tools
    done = await reconcile(tools.engine, temporal, tools.task_queue, Reconcile(), patience=timedelta(0))
    return done.delivered


@asynccontextmanager
async def an_api_that_never_delivers(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """Until it is killed: what it began to deliver is cancelled."""
    never = asyncio.Event()

    async def wait() -> Client:
        await never.wait()
        raise AssertionError

    tools = ApiTools(service.tools.engine, LazyClient(wait), service.tools.task_queue)
    async with talking_to(tools, await create_key(tools.engine, "doomed", ["write"])) as http:
        yield http
        for task in tuple(tools.deliveries):
            task.cancel()
        tools.deliveries.clear()


async def test_a_statement_is_answered_before_the_cases_are_told_and_the_reconciler_tells_them(
    service: Service, temporal: Client
) -> None:
    await add_policy(service.tools.engine, TRUSTING_NO_OLD_STATEMENT)
    await invoices(service, 5, policy="fresh")

    async def all_wait() -> bool:
        async with service.tools.engine.connect() as connection:
            return list((await connection.execute(WAITING)).scalars()) == [5]

    await until(all_wait, what="five cases that wait for a statement")
    async with an_api_that_never_delivers(service) as http:
        answer = await http.put(STATEMENT, json={"on": day(-1)})
        assert (answer.status_code, answer.json()["cases"]) == (200, 5)
        assert await messages(service) == (5, 5)
    assert service.mail.mails == []
    assert await put_right(service, temporal) == 5
    await until(lambda: len(service.mail.mails) == 5, what="five reminders")
    assert await put_right(service, temporal) == 0


async def test_a_delivery_that_died_half_way_is_finished_and_nobody_is_told_twice(
    service: Service, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invoices(service, 7)
    told: list[str] = []
    send = deliver.send_message

    async def die_at_the_fourth(client: Client, queue: str, case: object, *message: object) -> None:
        if len(told) == 4:
            raise ConnectionError
        told.append(case.invoice_id)  # type: ignore[attr-defined]
        await send(client, queue, case, *message)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver, "AT_ONCE", 1)
    monkeypatch.setattr(deliver, "PAGE", 2)
    monkeypatch.setattr(deliver, "send_message", die_at_the_fourth)
    body = {"scope": "creditor", "id": "default", "reason": "wrong account"}
    answer = await service.http.post("/v1/holds", json=body)
    assert (answer.status_code, answer.json()["cases"]) == (201, 7)
    await asyncio.gather(*service.tools.deliveries)
    monkeypatch.setattr(deliver, "send_message", send)
    assert (await messages(service))[1] == 3, "two pages of two were acknowledged"
    assert await put_right(service, temporal) == 3
    await until(lambda: is_quiet(service), what="seven cases that took note of the stop")
    async with service.tools.engine.connect() as connection:
        assert list((await connection.execute(STAGES)).scalars()) == ["on_hold"]


async def is_quiet(service: Service) -> bool:
    return await messages(service) == (0, 0)
