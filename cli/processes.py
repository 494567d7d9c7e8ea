"""`termijn worker` and `termijn api`: the two long-running processes of a production installation."""

from __future__ import annotations

import asyncio

from cli.session import configuration
from worker.logs import set_up_logging


def worker() -> None:
    config = configuration("database_url", "smtp_url", "temporal_address")
    set_up_logging(config.settings.log_level)
    from worker.run_worker import run_worker  # noqa: PLC0415 - a wrong configuration is told at once

    if config.temporal is None:
        raise AssertionError("a required value is present")
    asyncio.run(run_worker(config.settings, config.temporal))


def api() -> None:
    config = configuration("database_url", "temporal_address")
    set_up_logging(config.settings.log_level)
    from api.serve import serve  # noqa: PLC0415

    if config.temporal is None:
        raise AssertionError("a required value is present")
    asyncio.run(serve(config.settings, config.temporal))
