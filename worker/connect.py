"""Clients of Temporal, all made alike."""

from __future__ import annotations

import asyncio
from typing import Final

from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime, TelemetryConfig

from worker.plugin import plugin

PATIENCE: Final = 60.0
"""Seconds for which a process that starts waits for Temporal: both may be starting together."""


async def connect(config: ClientConnectConfig, *, patience: float = 0, sandboxed: bool = True) -> Client:
    """A client with Termijn's plugin. Raises RuntimeError when Temporal is not reached within `patience` seconds."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + patience, 0.2
    while True:
        try:
            return await Client.connect(**config, plugins=[plugin(sandboxed=sandboxed)], runtime=_runtime())
        except RuntimeError:
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 5)


_shared: list[Runtime] = []


def _runtime() -> Runtime:
    """One per process: each brings its own threads."""
    if not _shared:
        _shared.append(Runtime(telemetry=TelemetryConfig()))
    return _shared[0]
