"""What activities work with: the database, the mail server, Temporal, and the policies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio.client import Client

from channels.email.send import SmtpSender
from domain.policy import Policy
from intake.read_policy import read_policy
from store.read_policies import read_policy_source


@dataclass(slots=True)
class Tools:
    """One per worker process. Policies are kept in memory, since a stored version never changes."""

    engine: AsyncEngine
    mail: SmtpSender
    client: Client
    mail_from_domain: str
    task_queue: str
    utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _policies: dict[tuple[str, int], Policy] = field(default_factory=dict)

    async def policy(self, connection: AsyncConnection, name: str, version: int) -> Policy:
        key = (name, version)
        if key not in self._policies:
            source = await read_policy_source(connection, name, version)
            self._policies[key] = read_policy(source, f"{name}/{version}")
        return self._policies[key]

    def clock(self, at: datetime) -> Callable[[], datetime]:
        """A clock that is never behind `at`, the moment at which the workflow asked: machines' clocks differ a little,
        and a workflow under test may be months ahead."""
        started = time.monotonic()
        return lambda: max(self.utc_now(), at + timedelta(seconds=time.monotonic() - started))
