"""Giving a claim up."""

from __future__ import annotations

from fastapi import APIRouter

from api.calls import Call, Writing, as_uuid
from api.schemas.case import Answer
from api.schemas.messages import Ending
from api.show_case import case_now
from api.tell_case import Telling, tell_case
from domain.events import Message
from domain.stages import EventKind

router = APIRouter(tags=["endings"])


@router.post("/invoices/{invoice_id}/write-off", status_code=202, response_model_exclude_unset=True)
async def write_off(invoice_id: str, body: Ending, call: Writing) -> Answer:
    """The creditor gives the claim up: what is open is booked as written off."""
    return await _end(invoice_id, body, call, EventKind.WRITTEN_OFF)


@router.post("/invoices/{invoice_id}/withdrawal", status_code=202, response_model_exclude_unset=True)
async def withdraw(invoice_id: str, body: Ending, call: Writing) -> Answer:
    """The invoice should not have been sent."""
    return await _end(invoice_id, body, call, EventKind.WITHDRAWN)


async def _end(invoice_id: str, body: Ending, call: Call, kind: EventKind) -> Answer:
    async with call.tools.engine.connect() as connection:
        case = await case_now(call.tools, connection, as_uuid(invoice_id))
    today = case.now.astimezone(case.policy.zone).date()
    message = Message(event_id=f"{kind.value}/{call.new_id()}", on=body.on or today.isoformat())
    return await tell_case(call, Telling(invoice_id, kind, message, {}, body.reason))
