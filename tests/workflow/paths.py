"""The ways a case can go, to be kept as histories: one short story each, which leaves its workflows behind.

`python -m tests.workflow.paths` tells those that have no history yet and writes them to
tests/workflow/histories. What is there is never replaced: cases that began like that may still be asleep.
After a change under `workflow.patched()` add a story of the new way under a new name.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from temporalio.client import WorkflowHistory

from domain.contract import RECONCILE_WORKFLOW, CaseStart, Reconcile
from store.engine import make_engine
from store.migrate import migrate
from tests.support.database import PROJECT, begin_afresh
from tests.support.embedded import scratch_dir, scratch_postgres
from tests.support.stories import Story
from tests.support.worker import TAKEN, TIME_SKIPPING, mail_server, tools_for
from worker.connect import connect
from worker.embedded.temporal import EmbeddedTemporal
from worker.run_worker import make_worker

HISTORIES: Final = Path(__file__).with_name("histories")


async def settled_early(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    await case.pay("100.00")
    await case.ended()


async def paid_in_part(story: Story) -> None:
    case = await story.enrol()
    await story.until(12)
    await case.pay("50.00")
    await story.until(22)
    await case.pay("50.00", "p2")
    await case.ended()


async def ladder_to_its_end(story: Story) -> None:
    source = (PROJECT / "policies/standard.yaml").read_text()
    name = await story.policy(
        source.replace("name: standard", "name: ours\nagency: {email: a@agency.example}")
    )
    case = await story.enrol(policy=name)
    await story.until(60)
    await case.tell("step_approved", step="hand-over")
    await story.until(63)


async def disputed_held_and_promised(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    await case.record("dispute_opened", ref="d1")
    await story.until(5)
    await case.record("dispute_resolved", ref="d1", outcome="rejected")
    await case.tell("hold_placed", ref="h1", until=story.date(10))
    await story.until(11)
    await case.record("promise_made", ref="r1", amount="100.00", until=story.date(15))
    await story.until(16)
    await case.tell("written_off", on=story.today)
    await case.ended()


async def plan_kept(story: Story) -> None:
    one, two = await story.enrol(debtor="D-1"), await story.enrol(debtor="D-1", amount="50.00")
    await story.until(8)
    await story.agree({21: "70.00", 51: "80.00"}, one, two)
    await story.until(19)
    await one.pay("100.00")
    await story.until(40)
    await two.pay("50.00", "p2")
    await two.ended()


async def plan_broken(story: Story) -> None:
    case = await story.enrol()
    await story.until(8)
    await story.agree({21: "50.00", 51: "50.00"}, case)
    await story.until(24)


async def mail_deferred(story: Story) -> None:
    case = await story.enrol()
    story.mail.answer = lambda mail: "451 later" if story.mail.refused < 2 else TAKEN
    await story.until(8)
    await case.pay("100.00")
    await case.ended()


async def opened_again(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    await case.pay("100.00")
    await case.ended()
    await case.tell("payment_reversed", ref="p1", on=story.today)
    await story.until(8)


async def cut_in_the_middle(story: Story) -> None:
    case = await story.enrol(started=False)
    await case.start(CaseStart(case.id, longest_history=8))
    await story.until(22)
    await case.pay("100.00")
    await case.ended()


async def reconciled(story: Story) -> None:
    await story.enrol(started=False)
    await story.client.execute_workflow(
        RECONCILE_WORKFLOW, Reconcile(everything=True), id="reconcile", task_queue=story.tools.task_queue
    )
    await story.until(8)


PATHS: Final[tuple[Callable[[Story], Awaitable[None]], ...]] = (
    settled_early,
    paid_in_part,
    ladder_to_its_end,
    disputed_held_and_promised,
    plan_kept,
    plan_broken,
    mail_deferred,
    opened_again,
    cut_in_the_middle,
    reconciled,
)


def stored() -> dict[str, WorkflowHistory]:
    """By the name of its file: the path, the type of workflow and a number."""
    return {
        path.stem: WorkflowHistory.from_json(path.stem, path.read_text())
        for path in sorted(HISTORIES.glob("*.json"))
    }


async def _histories(story: Story) -> AsyncIterator[tuple[str, str]]:
    """Type of workflow and history of every run, oldest first."""
    runs = [run async for run in story.client.list_workflows(f"TaskQueue = '{story.tools.task_queue}'")]
    for run in sorted(runs, key=lambda run: (run.start_time, run.run_id)):
        handle = story.client.get_workflow_handle(run.id, run_id=run.run_id)
        yield run.workflow_type, (await handle.fetch_history()).to_json()


def _of_no_machine(history: str) -> str:
    here = re.escape(f"{os.getpid()}@{socket.gethostname()}")
    return json.dumps(json.loads(re.sub(here, "worker", history)), separators=(",", ":")) + "\n"


@asynccontextmanager
async def _a_story() -> AsyncIterator[Story]:
    with (
        scratch_dir() as scratch,
        scratch_postgres() as postgres,
        EmbeddedTemporal(log_file=scratch / "log", dynamic_config=TIME_SKIPPING) as server,
    ):
        migrate(postgres.url)
        engine = make_engine(postgres.url)
        await begin_afresh(engine)
        client = await connect({"target_host": server.address}, patience=10)
        async with (
            mail_server() as mail,
            tools_for(engine, client, mail) as tools,
            make_worker(client, tools),
        ):
            yield Story(engine, client, tools, mail)
        await engine.dispose()


async def _write() -> None:
    known = {name.partition(".")[0] for name in stored()}
    for path in PATHS:
        if path.__name__ in known:
            continue
        async with _a_story() as story:
            await path(story)
            histories = [found async for found in _histories(story)]
        for number, (kind, history) in enumerate(histories, 1):
            file = HISTORIES / f"{path.__name__}.{number}.{kind}.json"
            file.write_text(_of_no_machine(history))
            print(file.name)


if __name__ == "__main__":
    asyncio.run(_write())
