"""The worker process: takes cases from Temporal until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.registry import all_activities
from activities.tools import Tools
from channels.email.send import SmtpSender
from store.engine import make_engine
from worker.connect import PATIENCE, connect
from worker.heartbeat import BEAT
from worker.schedule import ensure_schedules
from worker.settings import Settings

STICKY_FOR: Final = timedelta(seconds=5)
"""A case waits this long for the worker that has it in memory before another one replays it."""
GRACE: Final = timedelta(seconds=30)
"""For activities to finish when the process is told to stop; longer than the longest sending."""
ACTIVITIES_AT_ONCE: Final = 30
DATABASE_CONNECTIONS: Final = 12
"""Few, so that each soon has its statements prepared; an activity that sends holds none."""
MAIL_CONNECTIONS: Final = 8

_log = structlog.get_logger()


def make_worker(client: Client, tools: Tools, *, max_cached_workflows: int = 1000) -> Worker:
    return Worker(
        client,
        task_queue=tools.task_queue,
        activities=all_activities(tools),
        max_cached_workflows=max_cached_workflows,
        max_concurrent_activities=ACTIVITIES_AT_ONCE,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        sticky_queue_schedule_to_start_timeout=STICKY_FOR,
        graceful_shutdown_timeout=GRACE,
        # Or a beat would be held back until 80 % of the timeout are over, and one stall takes a worker for lost.
        max_heartbeat_throttle_interval=BEAT,
    )


@asynccontextmanager
async def open_tools(settings: Settings, client: Client) -> AsyncIterator[Tools]:
    """The database and the mail server for as long as needed. `settings` has both addresses."""
    settings.require("database_url", "smtp_url")
    if settings.database_url is None or settings.smtp_url is None:
        raise AssertionError("required settings are present")
    engine = make_engine(
        settings.database_url.get_secret_value(), connections=DATABASE_CONNECTIONS, check=False
    )
    mail = SmtpSender(settings.smtp_url.get_secret_value(), connections=MAIL_CONNECTIONS)
    try:
        yield Tools(engine, mail, client, settings.mail_from_domain, settings.task_queue)
    finally:
        await mail.aclose()
        await engine.dispose()


async def _unless(stop: asyncio.Event, connecting: Coroutine[Any, Any, Client]) -> Client | None:
    """The client, or None when the process was told to stop while it waited for Temporal."""
    task, stopped = asyncio.create_task(connecting), asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        return task.result()
    task.cancel()
    return None


async def run_worker(settings: Settings, temporal: ClientConnectConfig) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way and return."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    client = await _unless(stop, connect(temporal, patience=PATIENCE, sandboxed=settings.workflow_sandbox))
    if client is None:
        return
    await ensure_schedules(client, settings.task_queue, settings.reconcile_every_seconds)
    async with open_tools(settings, client) as tools:
        worker = make_worker(client, tools, max_cached_workflows=settings.max_cached_workflows)
        async with worker:
            _log.info("worker_ready", task_queue=settings.task_queue)
            await stop.wait()
            _log.info("worker_stopping")
    # The SDK's threads must see the loop turn once more, or the interpreter may abort at exit.
    await asyncio.sleep(0.3)
