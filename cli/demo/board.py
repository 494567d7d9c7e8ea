"""What is known of every case, renewed a few times a second, for who waits for something to happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.overview import CaseSeen, read_overview


class Board:
    """The cases as last seen, and a log of what happened."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._changed = asyncio.Condition()
        self.cases: dict[str, CaseSeen] = {}
        self.log: list[str] = []
        self._read = 0

    async def renew(self) -> None:
        try:
            async with self._engine.connect() as connection:
                cases = {case.number: case for case in await read_overview(connection)}
        except OperationalError:  # it may just be restarted; what was seen last stays on the board
            return
        self._tell_news(cases)
        async with self._changed:
            self.cases = cases
            self._changed.notify_all()

    async def until(self, number: str, condition: Callable[[CaseSeen], bool]) -> CaseSeen:
        """Wait for a case to be as told."""
        async with self._changed:
            await self._changed.wait_for(lambda: number in self.cases and condition(self.cases[number]))
            return self.cases[number]

    def say(self, number: str, text: str) -> None:
        self.log.append(f"{datetime.now(UTC).astimezone():%H:%M:%S}  {number}  {text}")

    def news(self) -> list[str]:
        """What the log says that was not asked for before."""
        unread, self._read = self.log[self._read :], len(self.log)
        return unread

    def _tell_news(self, cases: dict[str, CaseSeen]) -> None:
        for number, case in cases.items():
            before = self.cases.get(number)
            known = {(s.step, s.state) for s in before.steps} if before else set()
            for step in case.steps:
                if (step.step, step.state) not in known and step.state != "sending":
                    asks = f", asks {step.asked}" if step.asked is not None and step.message_id else ""
                    self.say(number, f"{step.step}: {step.state.replace('_', ' ')}{asks}")
            if before and before.stage != case.stage:
                self.say(number, f"{before.stage} -> {case.stage}, {case.open} open")
