"""A client of Temporal that may be absent: the API starts and answers without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError

PATIENCE: Final = 5.0
"""Seconds that one hand-over to Temporal may take before the caller is told that it is away."""


class TemporalUnavailable(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """Temporal did not take what it was given; nothing is lost, since PostgreSQL has it."""


class LazyClient:
    """Connects at the first use, and again at the next one when that failed."""

    def __init__(self, connect: Callable[[], Awaitable[Client]]) -> None:
        self._connect = connect
        self._client: Client | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def reach(self, patience: float = PATIENCE) -> AsyncIterator[Client]:
        """The client, for work within `patience` seconds. Raises TemporalUnavailable, also for that work."""
        try:
            async with asyncio.timeout(patience):
                yield await self._get()
        except (RPCError, TimeoutError, ConnectionError) as error:
            raise TemporalUnavailable(type(error).__name__) from error
        except BaseExceptionGroup as errors:
            if errors.split((RPCError, TimeoutError, ConnectionError))[1] is None:
                raise TemporalUnavailable(type(errors.exceptions[0]).__name__) from errors
            raise

    async def check(self) -> None:
        """Raises TemporalUnavailable when it does not answer within two seconds."""
        async with self.reach(2) as client:
            await client.service_client.check_health(timeout=timedelta(seconds=2))

    async def _get(self) -> Client:
        if self._client is None:
            async with self._lock:
                if self._client is None:
                    try:
                        self._client = await self._connect()
                    except RuntimeError as error:  # how the SDK says that nobody listens
                        raise TemporalUnavailable(type(error).__name__) from error
        return self._client


def connected(client: Client) -> LazyClient:
    """For processes that have a client already."""

    async def connect() -> Client:
        return client

    return LazyClient(connect)
