"""Hand a message that is kept for several cases to Temporal, however many there are."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from activities.deliver import deliver_event
from api.calls import Call
from api.temporal_client import TemporalUnavailable
from api.tools import ApiTools

_LONGEST: Final = 3600.0
"""Seconds."""
_log = structlog.get_logger()


def deliver_kept(call: Call, event_id: str) -> None:
    """Begin to tell every case that does not have it. The caller is not kept waiting: the message is stored, and the
    reconciler tells whom this process cannot."""
    task = asyncio.create_task(_deliver(call.tools, event_id))
    call.tools.deliveries.add(task)  # the event loop forgets tasks that nobody holds
    task.add_done_callback(call.tools.deliveries.discard)


async def _deliver(tools: ApiTools, event_id: str) -> None:
    try:
        async with tools.temporal.reach(_LONGEST) as client:
            await deliver_event(tools.engine, client, tools.task_queue, event_id)
    except (TemporalUnavailable, SQLAlchemyError) as error:
        _log.warning("left_to_the_reconciler", error=type(error).__name__)
