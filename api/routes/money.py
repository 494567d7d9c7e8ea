"""Money that comes in, goes back, or is not owed after all."""

from __future__ import annotations

from fastapi import APIRouter

from api.calls import Writing
from api.schemas.case import Answer
from api.schemas.fields import Id
from api.schemas.messages import CreditNote, Payment, Reversal
from api.tell_case import Telling, tell_case
from domain.events import Message
from domain.stages import EventKind

router = APIRouter(tags=["money"])


@router.post("/invoices/{invoice_id}/payments", status_code=202, response_model_exclude_unset=True)
async def receive_payment(invoice_id: str, body: Payment, call: Writing) -> Answer:
    """Book a payment. On a closed case it becomes the debtor's credit. The same id twice counts once."""
    message = Message(
        event_id=f"payment/{body.payment_id}",
        ref=body.payment_id,
        amount=body.amount,
        currency=body.currency or "",
        on=body.on,
    )
    told = {"payment_id": body.payment_id}
    return await tell_case(call, Telling(invoice_id, EventKind.PAYMENT_RECEIVED, message, told, body.note))


@router.post(
    "/invoices/{invoice_id}/payments/{payment_id:path}/reversal",
    status_code=202,
    response_model_exclude_unset=True,
)
async def reverse_payment(invoice_id: str, payment_id: Id, body: Reversal, call: Writing) -> Answer:
    """Take a payment back (a chargeback, a mistake): it is owed again, and a closed case re-opens."""
    message = Message(event_id=f"reversal/{payment_id}", ref=payment_id, on=body.on)
    told = {"payment_id": payment_id}
    return await tell_case(call, Telling(invoice_id, EventKind.PAYMENT_REVERSED, message, told, body.note))


@router.post("/invoices/{invoice_id}/credit-notes", status_code=202, response_model_exclude_unset=True)
async def issue_credit_note(invoice_id: str, body: CreditNote, call: Writing) -> Answer:
    """Lower the claim by a credit note."""
    message = Message(
        event_id=f"credit_note/{body.credit_note_id}",
        ref=body.credit_note_id,
        amount=body.amount,
        currency=body.currency or "",
        on=body.on,
    )
    told = {"credit_note_id": body.credit_note_id}
    return await tell_case(call, Telling(invoice_id, EventKind.CREDIT_NOTE_ISSUED, message, told, body.note))
