"""What a command works with: the configuration, the database and Temporal."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from cli.errors import CommandError
from cli.running import published
from domain.policy import Policy
from intake.read_policy import read_policy
from store.engine import make_engine
from store.read_policies import read_latest_policy_sources
from worker.settings import Settings
from worker.temporal_config import Configuration, load_configuration

if TYPE_CHECKING:
    from temporalio.client import Client

T = TypeVar("T")


def configuration(*required: str) -> Configuration:
    """The configuration; what it leaves open is taken from a `termijn up` that runs here.

    Raises SettingsError with all that is wrong or missing.
    """
    told = load_configuration()
    running = published(told.settings.var_dir) or {}
    missing = {
        "DATABASE_URL": told.settings.database_url is None,
        "SMTP_URL": told.settings.smtp_url is None,
        "TEMPORAL_ADDRESS": told.temporal is None,
    }
    for name, value in running.items():
        if missing.get(name):
            os.environ[name] = value
    return load_configuration(*required)


def database_url(settings: Settings) -> str:
    settings.require("database_url")
    return settings.database_url.get_secret_value() if settings.database_url else ""


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url(settings))
    try:
        yield engine
    finally:
        await engine.dispose()


async def reach_temporal(config: Configuration) -> Client:
    """Raises CommandError within seconds when Temporal is away."""
    from worker.connect import connect  # noqa: PLC0415 - the SDK is heavy, and not every command needs it

    if config.temporal is None:
        raise CommandError("no Temporal is configured: set TEMPORAL_ADDRESS, or start `termijn up`")
    try:
        return await asyncio.wait_for(connect(config.temporal), 10)
    except (RuntimeError, TimeoutError):
        where = config.temporal.get("target_host", "")
        raise CommandError(
            f"Temporal cannot be reached at {where}: is it running? Check TEMPORAL_ADDRESS"
        ) from None


async def known_policies(engine: AsyncEngine) -> dict[str, Policy]:
    """The newest version of each policy in the database."""
    async with engine.connect() as connection:
        sources = await read_latest_policy_sources(connection)
    if not sources:
        raise CommandError("the database knows no policies yet: run `termijn migrate`")
    return {name: read_policy(source, name) for name, source in sources.items()}


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end, and let a client's threads see the loop turn: the interpreter may abort otherwise."""

    async def settled() -> T:
        try:
            return await work
        finally:
            if "temporalio.bridge.runtime" in sys.modules:
                await asyncio.sleep(0.3)

    return asyncio.run(settled())
