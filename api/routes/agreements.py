"""What suspends chasing: disputes and promises here, holds beside it."""

from __future__ import annotations

from fastapi import APIRouter

from api.calls import Writing
from api.routes import holds
from api.schemas.case import Answer
from api.schemas.messages import Dispute, Promise, Resolution
from api.tell_case import Telling, tell_case
from api.tell_known import ended_once, invoice_of
from domain.events import Message
from domain.stages import EventKind

router = APIRouter(tags=["agreements"])
router.include_router(holds.router)


@router.post("/invoices/{invoice_id}/disputes", status_code=202, response_model_exclude_unset=True)
async def open_dispute(invoice_id: str, body: Dispute, call: Writing) -> Answer:
    """The debtor disputes all or part: that part is not asked for until the dispute is resolved."""
    id_ = call.new_id()
    currency = (body.currency or "") if body.amount else ""
    message = Message(event_id=f"dispute/{id_}", ref=id_, amount=body.amount or "", currency=currency)
    telling = Telling(invoice_id, EventKind.DISPUTE_OPENED, message, {"dispute_id": id_}, body.reason)
    return await tell_case(call, telling)


@router.post("/disputes/{dispute_id}/resolution", status_code=202, response_model_exclude_unset=True)
async def resolve_dispute(dispute_id: str, body: Resolution, call: Writing) -> Answer:
    """End a dispute: the creditor gives in, or chasing goes on."""
    invoice_id = await invoice_of(call, "dispute", dispute_id)
    message = Message(event_id=f"dispute_resolved/{dispute_id}", ref=dispute_id, outcome=body.outcome)
    told = {"dispute_id": dispute_id}
    telling = Telling(invoice_id, EventKind.DISPUTE_RESOLVED, message, told, body.note)
    return await ended_once(
        call, telling, "unknown_dispute", "dispute_closed", "the dispute is resolved already"
    )


@router.post("/invoices/{invoice_id}/promises", status_code=202, response_model_exclude_unset=True)
async def make_promise(invoice_id: str, body: Promise, call: Writing) -> Answer:
    """The debtor promises to pay: nothing is sent until the day has passed. Replaces an earlier promise."""
    id_ = call.new_id()
    message = Message(
        event_id=f"promise/{id_}", ref=id_, amount=body.amount, currency=body.currency or "", until=body.until
    )
    telling = Telling(invoice_id, EventKind.PROMISE_MADE, message, {"promise_id": id_}, body.note)
    return await tell_case(call, telling)
