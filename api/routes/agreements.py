"""What suspends chasing: disputes, promises and holds."""

from __future__ import annotations

from fastapi import APIRouter

from api.calls import Call, Writing
from api.problems import Problem
from api.schemas.case import Answer
from api.schemas.messages import Dispute, Hold, Promise, Resolution
from api.tell_case import Telling, tell_case
from domain.errors import DomainError
from domain.events import Message
from domain.stages import EventKind
from store.find_agreement import Thing, find_invoice_of

router = APIRouter(tags=["agreements"])


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
    invoice_id = await _invoice_of(call, "dispute", dispute_id)
    message = Message(event_id=f"dispute_resolved/{dispute_id}", ref=dispute_id, outcome=body.outcome)
    told = {"dispute_id": dispute_id}
    telling = Telling(invoice_id, EventKind.DISPUTE_RESOLVED, message, told, body.note)
    return await _ended_once(
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


@router.post("/invoices/{invoice_id}/holds", status_code=202, response_model_exclude_unset=True)
async def place_hold(invoice_id: str, body: Hold, call: Writing) -> Answer:
    """Do not chase until a date, or until lifted. Holds may overlap; the last to end counts."""
    id_ = call.new_id()
    message = Message(event_id=f"hold/{id_}", ref=id_, until=body.until or "")
    telling = Telling(invoice_id, EventKind.HOLD_PLACED, message, {"hold_id": id_}, body.reason)
    return await tell_case(call, telling)


@router.delete("/holds/{hold_id}", status_code=202, response_model_exclude_unset=True)
async def lift_hold(hold_id: str, call: Writing) -> Answer:
    """End a hold before its date."""
    invoice_id = await _invoice_of(call, "hold", hold_id)
    message = Message(event_id=f"hold_lifted/{hold_id}", ref=hold_id)
    telling = Telling(invoice_id, EventKind.HOLD_LIFTED, message, {"hold_id": hold_id})
    return await _ended_once(call, telling, "unknown_hold", "hold_ended", "the hold has ended already")


async def _invoice_of(call: Call, thing: Thing, id_: str) -> str:
    async with call.tools.engine.connect() as connection:
        invoice_id = await find_invoice_of(connection, thing, id_) if id_.isprintable() else None
    if invoice_id is None:
        raise DomainError(f"unknown_{thing}", f"no {thing} has this id")
    return invoice_id


async def _ended_once(call: Call, telling: Telling, unknown: str, code: str, text: str) -> Answer:
    """What is known and cannot be ended has ended before."""
    try:
        return await tell_case(call, telling)
    except DomainError as error:
        if error.code == unknown:
            raise Problem(409, code, text) from None
        raise
