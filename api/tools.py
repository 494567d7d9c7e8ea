"""What requests work with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio.client import Client

from api.temporal_client import LazyClient, connected
from domain.policy import Policy
from intake.read_policy import read_policy
from store.read_policies import read_latest_policy_sources, read_policy_source

MIB: Final = 1024 * 1024


@dataclass(slots=True)
class ApiTools:
    """One per process. `client` may be a connected client, or one that connects when it is first needed."""

    engine: AsyncEngine
    client: Client | LazyClient
    task_queue: str
    mail_from_domain: str = "termijn.localhost"
    """Right-hand side of the Message-IDs that previews show."""
    max_body_bytes: int = MIB
    import_max_bytes: int = 20 * MIB
    utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    deliveries: set[asyncio.Task[None]] = field(default_factory=set)
    """Messages to many cases that are being handed to Temporal."""
    _policies: dict[tuple[str, int], Policy] = field(default_factory=dict)

    @property
    def temporal(self) -> LazyClient:
        return self.client if isinstance(self.client, LazyClient) else connected(self.client)

    async def policy(self, connection: AsyncConnection, name: str, version: int) -> Policy:
        """A version that was stored never changes, so it is kept in memory."""
        if (name, version) not in self._policies:
            source = await read_policy_source(connection, name, version)
            self._policies[name, version] = _parsed(source, name)
        return self._policies[name, version]

    async def latest_policies(self, connection: AsyncConnection) -> dict[str, Policy]:
        """The newest version of each, by name."""
        sources = await read_latest_policy_sources(connection)
        return {name: _parsed(source, name) for name, source in sources.items()}


@lru_cache(maxsize=256)
def _parsed(source: str, name: str) -> Policy:
    return read_policy(source, name)
