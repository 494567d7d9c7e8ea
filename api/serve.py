"""The API process: answers until it is told to stop, then finishes what is under way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig

from api.app import create_app
from api.temporal_client import LazyClient
from api.tools import ApiTools
from store.engine import make_engine
from worker.connect import connect
from worker.settings import Settings

GRACE: Final = 35
"""Seconds for requests under way when the process is told to stop; longer than the longest `Prefer: wait`."""
CONNECTIONS: Final = 20


class _Server(uvicorn.Server):
    """Told to stop, it returns: uvicorn's own way is to send the signal to itself anew, which ends the
    process before connections are closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


async def serve(settings: Settings, temporal: ClientConnectConfig) -> None:
    """Serve until SIGTERM or SIGINT. Starts without PostgreSQL and Temporal; answers 503 until then."""
    settings.require("database_url")
    if settings.database_url is None:
        raise AssertionError("a required setting is present")

    async def reach_temporal() -> Client:
        return await connect(temporal)

    engine = make_engine(settings.database_url.get_secret_value(), connections=CONNECTIONS)
    tools = ApiTools(
        engine,
        LazyClient(reach_temporal),
        settings.task_queue,
        mail_from_domain=settings.mail_from_domain,
        max_body_bytes=settings.api_max_body_bytes,
        import_max_bytes=settings.import_max_bytes,
    )
    config = uvicorn.Config(
        create_app(tools),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,  # addresses carry numbers and references
        server_header=False,
        date_header=True,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
    )
    try:
        await _Server(config).serve()
    finally:
        await engine.dispose()
