"""The promise of the house: kill what you like, when you like; every case still ends where its events say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus

from domain.contract import case_workflow_id
from domain.stages import Stage
from intake.read_creditors import read_creditors
from intake.read_policy import read_policy
from store.add_creditors import add_creditors
from store.add_policies import add_policies
from store.engine import make_engine
from store.migrate import migrate
from tests.support.waiting import until
from tests.system.kill.house import House, kill_by_turns, open_house
from tests.system.kill.portfolio import CREDITORS, POLICY, stories
from tests.system.kill.traffic import Traffic
from tests.system.kill.verdict import judge
from worker.connect import connect

LONGEST: Final = 115.0
"""Seconds until nothing more happens; a sending that was cut off waits half a minute to be judged."""

_RESTLESS = text("""
    SELECT i.number || ' ' || i.stage || ' ' || coalesce(i.next_step, '') FROM invoices i
    WHERE i.next_at < now() + CASE WHEN i.reasons @> '[{"code": "delivery_retry"}]'
                                   THEN interval '15 seconds' ELSE interval '1 hour' END
       OR i.stage = 'awaiting_approval'
       OR EXISTS (SELECT 1 FROM events e WHERE e.invoice_id = i.id AND e.applied_at IS NULL)
""")
_CASES = text("SELECT creditor_id::text, id::text, number, stage FROM invoices")


async def test_every_case_ends_where_its_events_say(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("TERMIJN_KILL_SEED") or random.randrange(1_000_000))
    began = time.monotonic()
    with open_house(seed) as house:
        migrate(house.postgres.url)
        policy = read_policy(POLICY, "hasty.yaml")
        client = await connect({"target_host": house.temporal.address}, patience=10)
        engine = make_engine(house.postgres.url)
        try:
            async with engine.begin() as tx:
                await add_policies(tx, {(policy.name, policy.version): POLICY})
                await add_creditors(tx, read_creditors(CREDITORS, "creditors.yaml"))
            portfolio = stories(seed)
            traffic = Traffic(engine, client, {policy.name: policy}, portfolio)
            await _chaos(house, traffic, engine, seed, began + LONGEST)
            async with engine.connect() as connection:
                verdict = await judge(connection, house.sink.maildir, portfolio, traffic.ids, policy)
            verdict.wrong += await _workflows(client, engine)
        finally:
            await engine.dispose()
        took = time.monotonic() - began
        with capsys.disabled():
            kills = ", ".join(f"{what} {times}" for what, times in sorted(house.kills.items()))
            print(
                f"\nkill test, seed {seed}: killed {kills}; {len(house.cut_off)} sendings cut off; "
                f"{verdict.mails} mails, {verdict.repeated} courtesy repeated; {verdict.merged} merged, "
                f"{verdict.parked} parked for a person, {verdict.waiting} to be tried again; {took:.0f} s"
            )
        assert not verdict.wrong, f"TERMIJN_KILL_SEED={seed}\n" + "\n".join(verdict.wrong)
        assert house.cut_off, "no kill hit a sending: nothing was tried"
        assert not house.deaths, f"workers that ended by themselves:\n{house.deaths}"


async def _chaos(house: House, traffic: Traffic, engine: AsyncEngine, seed: int, deadline: float) -> None:
    """Until nothing more is going to happen by itself."""
    look_again = 0.0

    async def restless() -> list[str]:
        async with engine.connect() as connection:
            return list((await connection.execute(_RESTLESS)).scalars())

    async def quiet() -> bool:
        nonlocal look_again
        if time.monotonic() < look_again:
            return False
        look_again = time.monotonic() + 0.3
        house.look_after_worker()
        with contextlib.suppress(DBAPIError, TimeoutError):  # PostgreSQL may be away
            await traffic.decide_hand_overs()
            return killing.done() and traffic.all_told and not await restless()
        return False

    async with asyncio.TaskGroup() as group:
        group.create_task(traffic.run())
        killing = group.create_task(kill_by_turns(house, seed))
        try:
            await until(quiet, within=deadline - time.monotonic())
        except AssertionError:
            raise AssertionError(f"TERMIJN_KILL_SEED={seed}: not at rest: {await restless()}") from None


async def _workflows(client: Client, engine: AsyncEngine) -> list[str]:
    """An open case has a workflow that runs, a closed one none."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_CASES)).all()
    wrong = []
    for creditor_id, invoice_id, number, stage in rows:
        status = (
            await client.get_workflow_handle(case_workflow_id(creditor_id, invoice_id)).describe()
        ).status
        closed = Stage(stage).is_closed
        if status is not (WorkflowExecutionStatus.COMPLETED if closed else WorkflowExecutionStatus.RUNNING):
            wrong.append(f"{number}: is {stage}, and its workflow {status and status.name}")
    return wrong
