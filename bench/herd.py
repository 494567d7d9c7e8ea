"""Starts, a herd of milestones due at one instant, and closings by payment: bare and with Termijn, side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.deliver import at_once, send_message
from activities.reconcile import start_cases
from activities.tools import Tools
from bench.bare import BareWorkflow, Counter, bare_worker
from bench.portfolio import one_step, portfolio, prepare
from domain.events import Message
from domain.stages import EventKind
from store.add_invoices import add_invoices
from store.find_undelivered import open_cases
from store.record_event import add_event
from worker.run_worker import ACTIVITIES_AT_ONCE, make_worker


@dataclass(frozen=True)
class Rates:
    """Per second."""

    starts: float
    milestones: float
    closings: float

    def __str__(self) -> str:
        return f"{self.starts:.0f} starts, {self.milestones:.0f} milestones, {self.closings:.0f} closings a second"


async def bare_herd(client: Client, count: int, lead: float) -> Rates:
    """`lead`: seconds between the first start and the common milestone."""
    counter, run = Counter(), uuid4().hex
    async with bare_worker(client, counter, activities_at_once=ACTIVITIES_AT_ONCE):
        due = datetime.now(UTC) + timedelta(seconds=lead)
        ids = [f"bare/{run}/{n}" for n in range(count)]

        async def start(id_: str) -> None:
            await client.start_workflow(BareWorkflow.run, due.timestamp(), id=id_, task_queue="bare")

        async def pay(id_: str) -> None:
            await client.get_workflow_handle(id_).signal(BareWorkflow.paid)

        began = time.monotonic()
        await at_once(ids, start)
        starts = count / (time.monotonic() - began)
        milestones = await _drained(due, count, lambda: _value(counter.milestones))
        began = time.monotonic()
        await at_once(ids, pay)
        await _reached(count, lambda: _value(counter.closings))
        return Rates(starts, milestones, count / (time.monotonic() - began))


async def termijn_herd(
    engine: AsyncEngine, tools: Tools, count: int, lead: float, *, invoices_per_debtor: int = 1
) -> Rates:
    """The same with everything Termijn does: invoices stored, mails written, sent and recorded, payments booked."""
    run = uuid4().hex[:8]
    policies = await prepare(engine, [one_step(f"bench-{run}", int(lead))])
    invoices = portfolio(run, count, f"bench-{run}", invoices_per_debtor=invoices_per_debtor)
    async with make_worker(tools.client, tools):
        enrolled = datetime.now(UTC)
        began = time.monotonic()
        async with engine.begin() as tx:
            await add_invoices(tx, invoices, policies, enrolled)
        await start_cases(engine, tools.client, tools.task_queue)
        starts = count / (time.monotonic() - began)
        due = enrolled + timedelta(seconds=lead)
        sent = f"SELECT count(*) FROM steps_taken s JOIN invoices i ON i.id = s.invoice_id WHERE i.number LIKE '{run}-%' AND s.state = 'done'"  # noqa: E501
        milestones = await _drained(due, count, lambda: _count(engine, sent))
        cases = [c async for page in open_cases(engine) for c in page if c.number.startswith(f"{run}-")]

        async def pay(case: object) -> None:
            id_ = case.invoice_id  # type: ignore[attr-defined]
            message = Message(
                f"payment/{id_}", ref=id_, amount="100.00", currency="EUR", on=str(date.today())
            )
            async with engine.begin() as tx:
                await add_event(tx, id_, EventKind.PAYMENT_RECEIVED, message)
            await send_message(tools.client, tools.task_queue, case, "payment_received", message)  # type: ignore[arg-type]

        began = time.monotonic()
        await at_once(cases, pay)
        settled = f"SELECT count(*) FROM invoices WHERE number LIKE '{run}-%' AND stage = 'settled'"
        await _reached(count, lambda: _count(engine, settled))
        return Rates(starts, milestones, count / (time.monotonic() - began))


async def _drained(due: datetime, count: int, done: Callable[[], Awaitable[int]]) -> float:
    """Per second, from the common moment on; all cases must have been started before it."""
    wait = (due - datetime.now(UTC)).total_seconds()
    if wait < 0.5:
        raise RuntimeError(f"the starts took {-wait:.1f} s too long: raise the lead")
    await asyncio.sleep(wait)
    began = time.monotonic()
    await _reached(count, done)
    return count / (time.monotonic() - began)


async def _reached(count: int, done: Callable[[], Awaitable[int]]) -> None:
    async with asyncio.timeout(300):
        while await done() < count:
            await asyncio.sleep(0.2)


async def _count(engine: AsyncEngine, query: str) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text(query))).scalar_one())


async def _value(number: int) -> int:
    return number
