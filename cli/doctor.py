"""`termijn doctor`: what must always be true, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from cli.output import screen, show_json, table
from cli.session import configuration, open_engine, reach_temporal, run
from cli.show_volume import plain_volume, print_volume
from cli.stored_cases import StoredCases
from domain.contract import INVOICE_WORKFLOW, PLAN_WORKFLOW, case_workflow_id, plan_workflow_id
from domain.foresee import foresee
from domain.volume import DayVolume, add_volume, volume
from store.find_undelivered import open_cases, unapplied, unstarted_plans
from store.invariants import VIOLATIONS, violations
from store.open_cases_of import debtors_acting
from worker.temporal_config import Configuration

if TYPE_CHECKING:
    from temporalio.client import Client

EXAMPLES: Final = 10
_DEBTORS_AT_ONCE: Final = 200
_ZONE: Final = ZoneInfo("Europe/Amsterdam")
"""In which today is today: the zone of the shipped policies."""


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant and how many violate it."""

    name: str
    says: str
    count: int
    examples: list[str]
    then: str
    """What to do when it is violated."""


_SAYS: Final[Mapping[str, tuple[str, str]]] = {
    "case_without_workflow": (
        "every open invoice has a running workflow",
        "run `termijn reconcile --all`",
    ),
    "plan_without_workflow": (
        "every active payment plan has a running workflow",
        "run `termijn reconcile --all`",
    ),
    "no_next_move_or_reason": (
        "every open invoice has a next move or a reason for none",
        "`termijn case show NUMBER`; a `facts_changed` message makes the case plan anew",
    ),
    "step_overdue": (
        "no step is more than an hour late",
        "is a worker running, and can it reach the database?",
    ),
    "ledger_differs": (
        "ledgers add up to what cases call open",
        "`termijn case show NUMBER`; trust the ledger, and report this",
    ),
    "sent_after_settled": (
        "no notice was sent after its claim was settled",
        "apologise to the debtor, and report this",
    ),
    "sent_twice": ("no line was sent twice", "apologise to the debtor, and report this"),
    "sending_too_long": (
        "no step is `sending` for more than 5 minutes",
        "is a worker running, and can it reach the mail server?",
    ),
    "message_undelivered": (
        "no message waits for more than 5 minutes",
        "is a worker running? Then run `termijn reconcile`",
    ),
}


def doctor(*, as_json: bool = False) -> None:
    checks, days, (waiting, undelivered) = run(_examine(configuration("database_url", "temporal_address")))
    if as_json:
        healthy = not any(check.count for check in checks)
        messages = {"waiting": waiting, "undelivered": undelivered}
        told = {"healthy": healthy, "checks": checks, "messages": messages}
        show_json(told | {"next_14_days": plain_volume(days)})
    else:
        rows = [("FAILED" if c.count else "ok", c.says, c.count or "", ", ".join(c.examples)) for c in checks]
        screen().print(table("what must always be true", ("", "invariant", "violated by", "such as"), rows))
        for check in checks:
            if check.count:
                print(f"{check.name}: {check.then}")
        if waiting:
            print(f"messages that cases have yet to apply: {waiting}; not handed to Temporal: {undelivered}")
        print_volume("the next 14 days, if nothing happens", days)
    if any(check.count for check in checks):
        raise typer.Exit(1)


async def _examine(config: Configuration) -> tuple[list[Check], tuple[DayVolume, ...], tuple[int, int]]:
    async with open_engine(config.settings) as engine:
        checks = await examine(engine, await reach_temporal(config))
        async with engine.connect() as connection:
            messages = await unapplied(connection)
        return checks, await next_fortnight(engine, datetime.now(UTC)), messages


async def next_fortnight(engine: AsyncEngine, now: datetime) -> tuple[DayVolume, ...]:
    """What leaves on each day, from today on, if nothing happens and every approval is given at once."""
    days = volume((), now.astimezone(_ZONE).date())
    async with engine.connect() as connection:
        stored = StoredCases(connection)
        debtors = await debtors_acting(connection, now + timedelta(days=len(days) + 1))
        for start in range(0, len(debtors), _DEBTORS_AT_ONCE):
            for cases in (await stored.of(debtors[start : start + _DEBTORS_AT_ONCE])).values():
                ids = {case.facts.invoice_id for case in cases}
                found = foresee(cases, now, last_day=days[-1].on, approve=ids)
                add_volume({day.on: day for day in days}, found.departures)
    return days


async def examine(engine: AsyncEngine, client: Client) -> list[Check]:
    """Every invariant, those that need Temporal first."""
    lost = {
        "case_without_workflow": await _cases_without_workflow(engine, client),
        "plan_without_workflow": await _plans_without_workflow(engine, client),
    }
    checks = [_check(name, len(found), found[:EXAMPLES]) for name, found in lost.items()]
    async with engine.connect() as connection:
        found = {name: await violations(connection, name, EXAMPLES) for name in VIOLATIONS}
    return checks + [_check(name, count, examples) for name, (count, examples) in found.items()]


async def _cases_without_workflow(engine: AsyncEngine, client: Client) -> list[str]:
    """Numbers of open cases that do not run. What visibility does not show yet is asked for directly."""
    running = await _running(client, INVOICE_WORKFLOW)
    lost: list[str] = []
    async for page in open_cases(engine):
        for case in page:
            id_ = case_workflow_id(case.creditor_id, case.invoice_id)
            if id_ not in running and not await _runs(client, id_):
                lost.append(case.number)
    return lost


async def _plans_without_workflow(engine: AsyncEngine, client: Client) -> list[str]:
    running = await _running(client, PLAN_WORKFLOW)
    async with engine.connect() as connection:
        plans = await unstarted_plans(connection, everything=True)
    ids = {plan_workflow_id(creditor_id, plan_id): plan_id for creditor_id, plan_id in plans}
    return [plan for id_, plan in ids.items() if id_ not in running and not await _runs(client, id_)]


async def _running(client: Client, kind: str) -> set[str]:
    query = f"WorkflowType = '{kind}' AND ExecutionStatus = 'Running'"
    return {workflow.id async for workflow in client.list_workflows(query, page_size=1000)}


async def _runs(client: Client, workflow_id: str) -> bool:
    from temporalio.client import WorkflowExecutionStatus  # noqa: PLC0415 - loaded with the client
    from temporalio.service import RPCError, RPCStatusCode  # noqa: PLC0415

    try:
        description = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return description.status is WorkflowExecutionStatus.RUNNING


def _check(name: str, count: int, examples: list[str]) -> Check:
    says, then = _SAYS[name]
    return Check(name, says, count, examples, then)
