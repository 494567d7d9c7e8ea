"""Two hundred invoices of one debtor due at once, and the worker killed amid: one notice, and every case moves on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus

from activities.reconcile import start_cases
from domain.contract import case_workflow_id
from domain.facts import Term
from domain.money import Money
from domain.new_invoice import NewDebtor, NewInvoice
from domain.policy import Policy
from intake.read_creditors import read_creditors
from intake.read_policy import read_policy
from store.add_creditors import add_creditors
from store.add_invoices import add_invoices
from store.add_policies import add_policies
from store.engine import make_engine
from store.migrate import migrate
from tests.support.waiting import until
from tests.system.kill.house import TASK_QUEUE, House, open_house
from tests.system.kill.portfolio import CREDITORS
from worker.connect import connect
from worker.embedded.maildir import read_mails

INVOICES: Final = 200
DEBTORS: Final = 2
"""Each with a seed, and kills, of its own."""
LONGEST: Final = 115.0
"""Seconds until nothing more happens; what a killed worker left is taken over when its lease ends, after thirty."""
STEPS: Final = ("friendly", "formal")

POLICY: Final = """\
name: bundle-{debtor}
version: 1
time_zone: Europe/Amsterdam
send_window: always
steps:
  - {{key: friendly, after: {after}s, anchor: enrolled, channel: email, tone: friendly}}
  - {{key: formal, after: 12s, anchor: previous, channel: email, tone: formal}}
"""

_SENDING: Final = text("""
    SELECT count(*) FROM steps_taken s JOIN invoices i ON i.id = s.invoice_id
    WHERE i.policy_name = :policy AND s.step = :step AND s.state = 'sending'
""")
_RESTLESS: Final = text("""
    SELECT policy_name || ' ' || stage || ' ' || coalesce(next_step, '') || ' ' || count(*)
    FROM invoices WHERE next_at IS NOT NULL GROUP BY policy_name, stage, next_step
""")
_TAKEN: Final = text("""
    SELECT s.step, s.state, n.message_id, count(*) AS cases, count(l.invoice_id) AS lines,
        count(t.id) FILTER (WHERE t.completed_at IS NULL) AS tasks
    FROM invoices i JOIN steps_taken s ON s.invoice_id = i.id LEFT JOIN notices n ON n.id = s.notice_id
    LEFT JOIN notice_lines l ON l.notice_id = n.id AND l.invoice_id = i.id
    LEFT JOIN tasks t ON t.invoice_id = i.id AND t.step = s.step
    WHERE i.policy_name = :policy GROUP BY s.step, s.state, n.message_id
""")
_CASES: Final = text("SELECT creditor_id::text, id::text FROM invoices")


async def test_two_hundred_invoices_are_one_notice_whenever_the_worker_dies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(os.environ.get("TERMIJN_KILL_SEED") or random.randrange(1_000_000))
    began = time.monotonic()
    with open_house(seed) as house:
        migrate(house.postgres.url)
        client = await connect({"target_host": house.temporal.address}, patience=10)
        engine = make_engine(house.postgres.url)
        try:
            await until(house.worker_is_ready, within=40)
            policies = await _prepare(engine)
            async with engine.begin() as tx:
                await add_invoices(tx, list(_invoices()), policies, datetime.now(UTC))
            kills = await _killed_until_quiet(house, engine, client, seed, began + LONGEST)
            mails = Counter(str(m.message["Message-ID"]) for m in read_mails(house.sink.maildir))
            told, wrong = await _judge(engine, mails, most=len(kills) + 2)
            async with engine.connect() as connection:
                cases = (await connection.execute(_CASES)).all()
            for creditor_id, invoice_id in cases:
                handle = client.get_workflow_handle(case_workflow_id(creditor_id, invoice_id))
                if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                    wrong.append(f"{invoice_id}: its workflow does not run")
        finally:
            await engine.dispose()
        with capsys.disabled():
            print(
                f"\nbundle kill test, seed {seed}: {len(cases)} invoices of {DEBTORS} debtors; worker killed "
                f"{', '.join(kills)}; {mails.total()} mails; {'; '.join(told)}; {time.monotonic() - began:.0f} s"
            )
        assert not wrong, f"TERMIJN_KILL_SEED={seed}\n" + "\n".join(wrong)
        assert kills, "no kill hit a sending: nothing was tried"
        assert not house.deaths, f"workers that ended by themselves:\n{house.deaths}"


async def _prepare(engine: AsyncEngine) -> dict[str, Policy]:
    sources = [POLICY.format(debtor=n, after=8 + 6 * n) for n in range(DEBTORS)]
    policies = {p.name: p for p in (read_policy(source, "bundle.yaml") for source in sources)}
    async with engine.begin() as tx:
        await add_policies(
            tx, {(p.name, p.version): s for p, s in zip(policies.values(), sources, strict=True)}
        )
        await add_creditors(tx, read_creditors(CREDITORS.replace("hasty", "bundle-0"), "creditors.yaml"))
    return policies


def _invoices() -> list[NewInvoice]:
    today, owed = datetime.now(UTC).date(), Money.parse("10.00", "EUR")
    return [
        NewInvoice(
            number=f"B{debtor}-{n:03}",
            debtor=NewDebtor(
                f"D{debtor}", f"Debtor {debtor}", "business", "NL", "nl", f"d{debtor}@debtor.example"
            ),
            issued=today - timedelta(days=40),
            terms=(Term(today - timedelta(days=10), owed),),
            amount=owed,
            policy=f"bundle-{debtor}",
        )
        for debtor in range(DEBTORS)
        for n in range(INVOICES)
    ]


async def _killed_until_quiet(
    house: House, engine: AsyncEngine, client: Client, seed: int, deadline: float
) -> list[str]:
    """Kill at the sendings of each debtor, at moments that follow from the seed; return how, once all is done."""
    dice, kills, began = random.Random(seed), list[str](), time.monotonic()
    plans = [
        (debtor, step, dice.choice(list(_MOMENTS)), dice.random())
        for debtor in range(DEBTORS)
        for step in STEPS
    ]
    plans.remove(dice.choice(plans[1::2]))  # one formal notice is left in peace

    async def restless() -> list[str]:
        async with engine.connect() as connection:
            return list((await connection.execute(_RESTLESS)).scalars())

    async def at_rest() -> bool:
        return not await restless()

    async def kill_at(debtor: int, step: str, moment: str, share: float) -> None:
        async def claimed() -> bool:
            async with engine.connect() as connection:
                row = await connection.execute(_SENDING, {"policy": f"bundle-{debtor}", "step": step})
                return bool(row.scalar_one())

        await until(claimed, within=deadline - time.monotonic(), what=f"{step} of debtor {debtor} under way")
        await _MOMENTS[moment](house, share)
        await asyncio.to_thread(house.kill_worker)
        kills.append(f"{moment} ({step} {debtor}, {time.monotonic() - began:.0f} s)")

    killing = [asyncio.create_task(kill_at(*plan)) for plan in plans]
    try:
        await start_cases(engine, client, TASK_QUEUE)
        await until(at_rest, within=deadline - time.monotonic())
    except AssertionError:
        raise AssertionError(f"TERMIJN_KILL_SEED={seed}: not at rest: {await restless()}") from None
    finally:
        for task in killing:  # a sending may have been too quick to be seen
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*killing, return_exceptions=True)
    return kills


async def _at_once(house: House, share: float) -> None:
    """As it is claimed."""


async def _as_it_arrives(house: House, share: float) -> None:
    arrived = _mails(house)
    before = arrived()
    with contextlib.suppress(AssertionError):  # it may have arrived already, or the mail server refuses
        await until(lambda: arrived() > before, within=0.5)


async def _while_it_is_recorded(house: House, share: float) -> None:
    moment = time.monotonic() + share * 0.6
    await until(lambda: time.monotonic() >= moment)


_MOMENTS: Final = {
    "as it is claimed": _at_once,
    "as it arrives": _as_it_arrives,
    "while it is recorded": _while_it_is_recorded,
}


def _mails(house: House) -> Callable[[], int]:
    return lambda: sum(1 for _ in (house.sink.maildir / "new").iterdir())


async def _judge(engine: AsyncEngine, mails: Counter[str], most: int) -> tuple[list[str], list[str]]:
    """What became of each notice, and what is wrong with it; `most` copies, since a kill amid a sending, and a fault of
    the mail server, may each repeat a courtesy once."""
    told, wrong, known = list[str](), list[str](), set[str]()
    for debtor in range(DEBTORS):
        async with engine.connect() as connection:
            rows = (await connection.execute(_TAKEN, {"policy": f"bundle-{debtor}"})).all()
        for step in STEPS:
            found = [row for row in rows if row.step == step]
            if len(found) != 1:
                wrong.append(f"debtor {debtor}: {step} is {found}")
                continue
            (row,) = found
            known.add(row.message_id)
            copies = mails[row.message_id]
            told.append(f"{step} {debtor}: {row.cases} {row.state}, {copies} sent")
            courtesy = step == "friendly"
            fine = {
                "done": copies >= 1 if courtesy else copies == 1,
                "blocked": not courtesy and copies <= 1 and row.tasks == INVOICES,
            }
            if row.cases != INVOICES or row.lines != INVOICES or not fine.get(row.state):
                wrong.append(f"debtor {debtor}: {row}, {copies} copies")
            if copies > most:
                wrong.append(f"debtor {debtor}: {step} was sent {copies} times")
    wrong += [f"nobody's mail: {id_}" for id_ in mails if id_ not in known]
    return told, wrong
