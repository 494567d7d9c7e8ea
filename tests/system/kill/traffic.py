"""What comes in while the house is being killed: imports, money, complaints, and one person's decisions."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SATimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from activities.deliver import send_message
from activities.reconcile import start_cases
from domain.events import Message
from domain.policy import Policy
from domain.stages import EventKind
from store.add_invoices import add_invoices
from store.find_undelivered import read_case_ref
from store.record_event import add_event
from tests.support.waiting import until
from tests.system.kill.house import TASK_QUEUE, wait_for
from tests.system.kill.portfolio import BATCH_EVERY, BATCHES, Happening, Story

_ASKED = text("""
    SELECT t.id::text, i.id::text, i.number FROM tasks t JOIN invoices i ON i.id = t.invoice_id
    WHERE t.kind = 'approve' AND t.completed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM events e WHERE e.invoice_id = i.id AND e.applied_at IS NULL)
""")
_NOT_REACHED = (RPCError, RuntimeError, TimeoutError)


class Traffic:
    """As the API does: what is stored is accepted. Telling Temporal may fail; the reconciler will."""

    def __init__(
        self, engine: AsyncEngine, client: Client, policies: Mapping[str, Policy], stories: list[Story]
    ) -> None:
        self._engine, self._client, self._policies, self._stories = engine, client, policies, stories
        self.ids: dict[str, str] = {}
        """Invoice id by number."""
        self._to_tell = {story.number: len(story.happenings) for story in stories}
        self.all_told = False
        self._decided: set[str] = set()

    async def run(self) -> None:
        """Import all in batches, then tell what happens to each, all at its time."""
        began = time.monotonic()
        agenda = [(batch * BATCH_EVERY, self._batch(batch)) for batch in range(BATCHES)]
        for index, story in enumerate(self._stories):
            imported = (index % BATCHES) * BATCH_EVERY + 1
            agenda += [(imported + h.after, self._happens(story, h)) for h in story.happenings]
        async with asyncio.TaskGroup() as group:
            for moment, act in sorted(agenda, key=lambda item: item[0]):
                await wait_for(began + moment)
                group.create_task(act)
        self.all_told = True

    async def decide_hand_overs(self) -> None:
        """The person who is asked: decides once all that happens to the case has been told and applied."""
        async with self._engine.connect() as connection:
            waiting = (await connection.execute(_ASKED)).all()
        for task, invoice_id, number in waiting:
            if not self._to_tell[number] and task not in self._decided:
                self._decided.add(task)
                agrees = next(s.agrees for s in self._stories if s.number == number)
                message = Message(f"decision/{task}", ref=task, outcome="approved" if agrees else "rejected")
                await self.tell(invoice_id, EventKind.TASK_COMPLETED, message)

    async def _batch(self, batch: int) -> None:
        await self._import(self._stories[batch::BATCHES])
        if batch % 2:  # of the others, whoever imported them died before it could start anything
            await self._start()

    async def _happens(self, story: Story, happening: Happening) -> None:
        await until(lambda: story.number in self.ids, within=30)
        await self.tell(self.ids[story.number], happening.kind, happening.message(datetime.now(UTC)))
        self._to_tell[story.number] -= 1

    async def _import(self, mine: list[Story]) -> None:
        async def store() -> None:
            async with self._engine.begin() as tx:
                invoices = [story.invoice for story in mine]
                added = await add_invoices(tx, invoices, self._policies, datetime.now(UTC))
            self.ids |= {a.invoice.number: a.id for a in added if a.id}

        await _in_the_end(store)

    async def _start(self) -> None:
        with contextlib.suppress(*_NOT_REACHED, DBAPIError, ExceptionGroup):
            async with asyncio.timeout(3):
                await start_cases(self._engine, self._client, TASK_QUEUE)

    async def tell(self, invoice_id: str, kind: EventKind, message: Message) -> None:
        async def store() -> None:
            async with self._engine.begin() as tx:
                await add_event(tx, invoice_id, kind, message)

        await _in_the_end(store)
        with contextlib.suppress(*_NOT_REACHED, DBAPIError):
            async with asyncio.timeout(3):
                async with self._engine.connect() as connection:
                    case = await read_case_ref(connection, invoice_id)
                assert case is not None
                await send_message(self._client, TASK_QUEUE, case, kind.value, message)


async def _in_the_end(store: Callable[[], Awaitable[None]]) -> None:
    """Again while PostgreSQL is away, as callers do with the same request."""

    async def stored() -> bool:
        with contextlib.suppress(DBAPIError, SATimeoutError):
            await store()
            return True
        return False

    await until(stored, within=30, what="a request is accepted")
