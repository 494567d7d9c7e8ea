"""Cases lived through in days, on a real server whose clock is moved. Day 0 is a Monday; days end at 18:00,
when no mail leaves any more.

Day 0 is the first Monday of a coming September, so that a story has the same weekdays and no holidays (NL)
whenever it is told.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from activities.deliver import deliver_event, start_case, start_plan
from activities.tools import Tools
from domain.contract import (
    INVOICE_WORKFLOW,
    CaseStart,
    Envelope,
    NextMove,
    case_workflow_id,
    plan_workflow_id,
)
from domain.events import Message
from domain.money import Money
from domain.plan_instalments import Instalment, PlanFacts, PlanState
from domain.policy import Policy
from domain.stages import EventKind
from store.find_undelivered import CaseRef, mark_cases_started, read_case_ref
from store.record_event import add_event
from store.save_plan import add_plan
from store.tables import documents, events, invoices, ledger_entries, notices, steps_taken, tasks
from tests.support.database import POLICIES, add_policy, an_invoice
from tests.support.facts import AMSTERDAM
from tests.support.waiting import until
from tests.support.worker import MailServer

_EVENT = EventType.Value
_CLOCK_MOVED: Final = {
    _EVENT("EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED"),
    _EVENT("EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED"),
}
_BILLED: Final = {
    _EVENT(f"EVENT_TYPE_{name}")
    for name in (
        "WORKFLOW_EXECUTION_STARTED",
        "TIMER_STARTED",
        "ACTIVITY_TASK_SCHEDULED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    )
}


def _day_0() -> date:
    today = datetime.now(AMSTERDAM).date()
    years = (date(year, 9, 1) for year in (today.year, today.year + 1))
    mondays = (first + timedelta(days=-first.weekday() % 7) for first in years)
    return next(monday for monday in mondays if monday > today)


@dataclass(slots=True)
class Story:
    """The cases of one test, the mail server their debtors read from, and the day it is."""

    engine: AsyncEngine
    client: Client
    tools: Tools
    mail: MailServer
    day_0: date = field(default_factory=_day_0)
    now: datetime = field(init=False)
    cases: list[Case] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    policies: dict[str, Policy] = field(default_factory=lambda: dict(POLICIES))
    _skipper: TimeSkipper = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.moment(0, 8)
        self._skipper = TimeSkipper(self.client)
        self.mail.reset()
        self.tools._policies.clear()  # a test may give its own policy a name that another one used
        self.tools.utc_now = lambda: max(datetime.now(UTC), self.now)

    def moment(self, day: int, hour: int = 18) -> datetime:
        local = datetime.combine(self.day_0 + timedelta(days=day), time(hour), AMSTERDAM)
        return local.astimezone(UTC)

    def date(self, day: int) -> str:
        """ISO."""
        return (self.day_0 + timedelta(days=day)).isoformat()

    def day(self, moment: datetime) -> int:
        return (moment.astimezone(AMSTERDAM).date() - self.day_0).days

    def day_of(self, mail: EmailMessage) -> int:
        """By its Date header."""
        return self.day(parsedate_to_datetime(mail["Date"]))

    @property
    def today(self) -> str:
        return self.date(self.day(self.now))

    async def policy(self, source: str) -> str:
        """A policy of the test's own; its name."""
        policy = await add_policy(self.engine, source)
        self.policies[policy.name] = policy
        return policy.name

    async def enrol(self, *, started: bool = True, **changes: Any) -> Case:
        """An invoice due on day 0 (see `new_invoice` for what can be changed), with its workflow."""
        number = f"F-{len(self.cases) + 1}"
        given = {
            "number": number,
            "debtor": f"D-{number}",
            "email": f"{number.lower()}@debtor.example",
            "issued": self.day_0 - timedelta(days=30),
            "due": self.day_0,
        }
        invoice_id = await an_invoice(self.engine, now=self.now, policies=self.policies, **(given | changes))
        case = Case(self, await self.ref(invoice_id))
        self.cases.append(case)
        if started:
            await start_case(self.client, self.tools.task_queue, case.ref)
            async with self.engine.begin() as tx:
                await mark_cases_started(tx, [case.id], self.now)
        return case

    async def ref(self, invoice_id: str) -> CaseRef:
        async with self.engine.connect() as connection:
            ref = await read_case_ref(connection, invoice_id)
        assert ref
        return ref

    async def until(self, day: int, hour: int = 18) -> None:
        """Everything happens that is due by then.

        Plans come after their cases: what a plan tells a case arrives at the end of this stretch, so a story
        stops on the day on which a plan ends.
        """
        end = self.moment(day, hour)
        assert end >= self.now
        debtors: dict[str, list[Case]] = {}
        for case in self.cases:
            debtors.setdefault(case.ref.debtor_id, []).append(case)
        await asyncio.gather(*(self._live(cases, end) for cases in debtors.values()))
        for plan in self.plans:
            await self._forward(self.client.get_workflow_handle(plan), end)
        self.now = end
        await self.all_applied()

    async def _live(self, cases: list[Case], end: datetime) -> None:
        """Cases of one debtor share notices, and each has a clock of its own: day by day, one after the other, so that
        no clock is ahead of a sending that another case has under way."""
        if len(cases) > 1:
            for day in range(self.day(self.now), self.day(end)):
                for case in cases:
                    await self._forward(case.handle, self.moment(day))
        for case in cases:
            await self._forward(case.handle, end)

    async def _forward(self, handle: WorkflowHandle[Any, Any], end: datetime) -> None:
        try:
            await self._at_rest(handle)
            ahead = end - await self._skipper.get_current_time(handle)
            if ahead > timedelta(0):
                await self._skipper.fast_forward(handle, ahead)
        except RPCError as error:
            if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                raise

    async def _at_rest(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Moving the clock in the middle of a workflow task would cost an event that nobody else pays for."""

        async def idle() -> bool:
            case = (await handle.describe()).raw_description
            return not (case.HasField("pending_workflow_task") or case.pending_activities)

        await until(idle, what=f"{handle.id} at rest")

    async def all_applied(self) -> None:
        """Return once every message that was kept has been applied."""
        query = select(func.count()).select_from(events).where(events.c.applied_at.is_(None))

        async def none_waits() -> bool:
            async with self.engine.connect() as connection:
                return (await connection.execute(query)).scalar_one() == 0

        await until(none_waits, what="all messages applied")

    def take_over(self, earlier: Story) -> None:
        """Go on with the cases of a story whose Temporal is gone."""
        self.cases, self.plans, self.now = earlier.cases, earlier.plans, earlier.now
        for case in self.cases:
            case.story = self

    async def agree(self, instalments: dict[int, str], *cases: Case, started: bool = True) -> str:
        """A payment plan as the API stores and starts it: day of each instalment and its amount. Its id."""
        rows = tuple(
            Instalment(number, self.day_0 + timedelta(days=day), Money.parse(amount, "EUR"))
            for number, (day, amount) in enumerate(instalments.items(), 1)
        )
        total = sum((i.amount for i in rows), Money.zero("EUR"))
        ref = cases[0].ref
        plan = PlanFacts(
            str(uuid4()), ref.debtor_id, "NL", True, PlanState.ACTIVE, self.now, total, total, rows
        )
        async with self.engine.begin() as tx:
            await add_plan(
                tx,
                plan,
                creditor_id=ref.creditor_id,
                policy=("standard", 2),
                invoice_ids=tuple(case.id for case in cases),
                actor="desk",
                note="",
            )
        await deliver_event(self.engine, self.client, self.tools.task_queue, f"plan_agreed/{plan.plan_id}")
        await self.all_applied()
        if started:
            await start_plan(self.engine, self.client, self.tools.task_queue, ref.creditor_id, plan.plan_id)
        self.plans.append(plan_workflow_id(ref.creditor_id, plan.plan_id))
        return plan.plan_id

    async def rows(self, query: Any) -> list[RowMapping]:
        async with self.engine.connect() as connection:
            return list((await connection.execute(query)).mappings())


@dataclass(slots=True)
class Case:
    story: Story
    ref: CaseRef
    _told: int = 0

    @property
    def id(self) -> str:
        return self.ref.invoice_id

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """Of whichever run is the last."""
        return self.story.client.get_workflow_handle(case_workflow_id(self.ref.creditor_id, self.id))

    async def start(self, start: CaseStart) -> None:
        """Its workflow, with an input of the test's own."""
        await self.story.client.start_workflow(
            INVOICE_WORKFLOW, start, id=self.handle.id, task_queue=self.story.tools.task_queue
        )

    async def tell(self, kind: str, *, event_id: str = "", **fields: str) -> str | None:
        """As the API does it: keep the message and signal it. The refusal, if any, once it is applied."""
        message = self._message(event_id, fields)
        story = self.story
        async with story.engine.begin() as tx:
            await add_event(tx, self.id, EventKind(kind), message, actor="desk")
        await deliver_event(story.engine, story.client, story.tools.task_queue, message.event_id)
        await story.all_applied()
        return await self.refusal(message.event_id)

    async def record(self, kind: str, *, event_id: str = "", **fields: str) -> NextMove:
        """By the update, for who waits for the answer."""
        envelope = Envelope(kind, self._message(event_id, fields))
        answer: NextMove = await self.handle.execute_update("record", envelope, result_type=NextMove)
        return answer

    def _message(self, event_id: str, fields: dict[str, str]) -> Message:
        self._told += 1
        return Message(event_id or f"{self.id}/{self._told}", **fields)

    async def pay(self, amount: str, ref: str = "p1", *, event_id: str = "") -> str | None:
        today = self.story.today
        return await self.tell("payment_received", event_id=event_id, ref=ref, amount=amount, on=today)

    async def refusal(self, event_id: str) -> str | None:
        query = select(events.c.refusal).where(events.c.invoice_id == self.id, events.c.event_id == event_id)
        (row,) = await self.story.rows(query)
        return row["refusal"]

    async def sent(self) -> list[str]:
        """Every mail about this invoice that arrived, in order: `7 reminder-1 100.00`, by its Date header."""
        s, n = steps_taken.c, notices.c
        joined = select(n.message_id, s.step, s.asked).join(steps_taken, s.notice_id == n.id)
        known = {r["message_id"]: r for r in await self.story.rows(joined.where(s.invoice_id == self.id))}
        return [
            f"{self.story.day_of(mail)} {row['step']} {row['asked']}"
            for mail in self.story.mail.mails
            if (row := known.get(mail["Message-ID"]))
        ]

    async def facts(self) -> RowMapping:
        """The row of the invoice."""
        (row,) = await self.story.rows(select(invoices).where(invoices.c.id == self.id))
        return row

    async def stage(self) -> str:
        return str((await self.facts())["stage"])

    async def reasons(self) -> list[str]:
        return [reason["code"] for reason in (await self.facts())["reasons"]]

    async def owed(self) -> Decimal:
        """By the ledger."""
        query = select(func.sum(ledger_entries.c.amount).label("owed")).where(
            ledger_entries.c.invoice_id == self.id
        )
        (row,) = await self.story.rows(query)
        return Decimal(row["owed"])

    async def open_tasks(self) -> dict[str, str]:
        """By kind: id."""
        query = select(tasks).where(tasks.c.invoice_id == self.id, tasks.c.completed_at.is_(None))
        return {row["kind"]: row["id"] for row in await self.story.rows(query)}

    async def steps(self) -> dict[str, str]:
        """By step: its state."""
        query = select(steps_taken).where(steps_taken.c.invoice_id == self.id).order_by(steps_taken.c.at)
        return {row["step"]: row["state"] for row in await self.story.rows(query)}

    async def story_of(self) -> list[str]:
        """The kinds of messages it has had, in the order in which they came."""
        query = select(events.c.kind).where(events.c.invoice_id == self.id)
        return [
            row["kind"] for row in await self.story.rows(query.order_by(events.c.applied_at, events.c.kind))
        ]

    async def documents(self) -> dict[str, bytes]:
        """By step: the bytes that were kept of its notice."""
        s, n, d = steps_taken.c, notices.c, documents.c
        query = select(s.step, d.content).join(notices, n.id == s.notice_id)
        query = query.join(documents, d.sha256 == n.document_sha256).where(s.invoice_id == self.id)
        return {row["step"]: bytes(row["content"]) for row in await self.story.rows(query.order_by(s.at))}

    async def is_running(self) -> bool:
        return (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def runs(self) -> int:
        """How many runs its workflow has had."""
        return len(
            [run async for run in self.story.client.list_workflows(f"WorkflowId = '{self.handle.id}'")]
        )

    async def ended(self) -> NextMove:
        """The result of the last run, once it has ended."""
        return NextMove(**await self.handle.result())

    async def cost(self) -> tuple[int, int]:
        """Events in the history and billable actions of the last run, without those that moved the clock."""
        return cost(await self.handle.fetch_history())


def cost(history: WorkflowHistory) -> tuple[int, int]:
    kinds = Counter(event.event_type for event in history.events if event.event_type not in _CLOCK_MOVED)
    return kinds.total(), sum(kinds[kind] for kind in _BILLED)
