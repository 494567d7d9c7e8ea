"""A timer that stays while what it waits for stays: an event that changes no date costs no new timer."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import workflow


class Alarm:
    """Rings at a moment that can be moved. At most one timer is set."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._timer: asyncio.Task[None] | None = None

    def set(self, at: datetime | None, summary: str) -> None:
        """Ring at `at` (later than now), or never. The timer that runs is kept if the moment is the same."""
        if at == self._at:
            return
        self.clear()
        if at is not None:
            self._at = at
            self._timer = asyncio.create_task(workflow.sleep(at - workflow.now(), summary=summary))

    def clear(self) -> None:
        """Forget the moment, and cancel its timer if it has not rung."""
        if self._timer and not self._timer.done():
            self._timer.cancel()
        self._at, self._timer = None, None

    def rang_for(self, at: datetime | None) -> bool:
        """Whether the moment that was set is `at`, and has come."""
        return self._timer is not None and self._timer.done() and at == self._at
