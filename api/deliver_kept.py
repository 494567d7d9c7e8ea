"""Hand a message that is kept for several cases to Temporal."""

from __future__ import annotations

from activities.deliver import deliver_event
from api.calls import Call
from api.tell_case import kept_for_later
from api.temporal_client import TemporalUnavailable


async def deliver_kept(call: Call, event_id: str) -> None:
    """To every case that has not applied it. Raises Problem 503 when that must wait."""
    try:
        async with call.tools.temporal.reach() as client:
            await deliver_event(call.tools.engine, client, call.tools.task_queue, event_id)
    except TemporalUnavailable:
        raise kept_for_later(event_id) from None
