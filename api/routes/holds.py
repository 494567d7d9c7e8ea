"""Holds: reasons not to chase, on an invoice, one of its terms, a debtor, or everything of a creditor."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls import Call, Reading, Writing, as_uuid
from api.deliver_kept import deliver_kept
from api.pages import USUAL, After, Limit, next_page
from api.problems import Fault, Problem
from api.schemas.case import Answer
from api.schemas.holds import HoldAnswer, HoldExtension, HoldLine, HoldPage, InvoiceHold, NewHold
from api.show_case import case_now, show_hold
from api.tell_case import Telling, tell_case
from api.tell_known import ended_once, invoice_of
from domain.errors import DomainError
from domain.events import Message
from domain.stages import EventKind
from store.find_agreement import find_invoice_of
from store.list_holds import HoldFilter, list_holds
from store.standing_holds import (
    Told,
    extend_standing_hold,
    find_creditor_to_hold,
    find_debtor_to_hold,
    is_standing_hold,
    lift_standing_hold,
    place_standing_hold,
)

router = APIRouter(tags=["holds"])
Filter = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


@router.post("/invoices/{invoice_id}/holds", status_code=202, response_model_exclude_unset=True)
async def hold_invoice(invoice_id: str, body: InvoiceHold, call: Writing) -> Answer:
    """Do not chase until a date, or until lifted. Holds may overlap; the last to end counts."""
    return await _on_invoice(call, invoice_id, body, body.hold_id or call.new_id())


@router.post("/holds", status_code=202, response_model_exclude_unset=True)
async def place_hold(body: NewHold, call: Writing) -> HoldAnswer:
    """Place a hold of any scope. 201: a hold on a debtor or creditor is in force; 200: it was already."""
    if (body.scope == "term") != (body.term is not None):
        text = "is required for the scope term, and for no other"
        raise Problem(422, "invalid_request", "which term?", errors=(Fault("term", "bad_term", text),))
    hold_id = body.hold_id or call.new_id()
    if body.scope in ("invoice", "term"):
        answer = await _on_invoice(call, body.id, body, hold_id)
        return HoldAnswer(**answer.model_dump(exclude_unset=True))
    find = find_debtor_to_hold if body.scope == "debtor" else find_creditor_to_hold
    async with _conflicts(), call.tools.engine.begin() as tx:
        held = await find(tx, body.id)
        if held is None:
            raise Problem(404, f"unknown_{body.scope}", f"no {body.scope} has this id")
        if await find_invoice_of(tx, "hold", hold_id):
            raise _other_hold()
        told = await place_standing_hold(
            tx,
            hold_id,
            held,
            until=body.until or "",
            reason=body.reason,
            actor=call.caller.name,
            now=call.now,
        )
    return _stands(call, told, 201)


@router.patch("/holds/{hold_id}", status_code=202, response_model_exclude_unset=True)
async def extend_hold(hold_id: str, body: HoldExtension, call: Writing) -> HoldAnswer:
    """Another end for a hold that is in force: later, or earlier as long as it lies ahead."""
    async with _conflicts(), call.tools.engine.begin() as tx:
        stands = hold_id.isprintable() and await is_standing_hold(tx, hold_id)
        if stands:
            told = await extend_standing_hold(
                tx, hold_id, until=body.until, actor=call.caller.name, note=body.note, now=call.now
            )
    if stands:
        return _stands(call, told, 200)
    invoice_id = await invoice_of(call, "hold", hold_id)
    event_id = f"hold_extended/{hold_id}/{call.new_id()}"
    message = Message(event_id=event_id, ref=hold_id, until=body.until)
    telling = Telling(invoice_id, EventKind.HOLD_EXTENDED, message, {"hold_id": hold_id}, body.note)
    with _past_end(body.until):
        answer = await ended_once(call, telling, "unknown_hold", "hold_ended", "the hold has ended already")
    return HoldAnswer(**answer.model_dump(exclude_unset=True))


@router.delete("/holds/{hold_id}", status_code=202, response_model_exclude_unset=True)
async def lift_hold(hold_id: str, call: Writing) -> HoldAnswer:
    """End a hold before its date. Others stay."""
    async with _conflicts(), call.tools.engine.begin() as tx:
        stands = hold_id.isprintable() and await is_standing_hold(tx, hold_id)
        if stands:
            told = await lift_standing_hold(tx, hold_id, actor=call.caller.name, note="", now=call.now)
    if stands:
        return _stands(call, told, 200)
    invoice_id = await invoice_of(call, "hold", hold_id)
    message = Message(event_id=f"hold_lifted/{hold_id}", ref=hold_id)
    telling = Telling(invoice_id, EventKind.HOLD_LIFTED, message, {"hold_id": hold_id})
    answer = await ended_once(call, telling, "unknown_hold", "hold_ended", "the hold has ended already")
    return HoldAnswer(**answer.model_dump(exclude_unset=True))


@router.get("/holds")
async def list_all(
    call: Reading,
    *,
    creditor: Filter = None,
    debtor: Filter = None,
    invoice: Filter = None,
    active: bool | None = None,
    after: After = None,
    limit: Limit = USUAL,
) -> HoldPage:
    """Holds with their history, in the order of placing. An invoice finds those on its debtor and creditor too, a
    debtor those on its invoices; each is an id, or a number or reference."""
    wanted, place = HoldFilter(creditor, debtor, invoice), _read_place(after)
    async with call.tools.engine.connect() as connection:
        rows = await list_holds(connection, wanted, call.now, active=active, after=place, limit=limit + 1)
    page = rows[:limit]
    more = next_page(call, page[-1]["placed_at"], page[-1]["hold_id"]) if len(rows) > limit else None
    return HoldPage(items=[HoldLine(**row) for row in page], next=more)


async def _on_invoice(call: Call, invoice_id: str, body: InvoiceHold, hold_id: str) -> Answer:
    async with call.tools.engine.connect() as connection:
        await _refuse_unfit(call, connection, invoice_id, body, hold_id)
    term = str(body.term) if body.term else ""
    message = Message(event_id=f"hold/{hold_id}", ref=hold_id, until=body.until or "", term=term)
    telling = Telling(invoice_id, EventKind.HOLD_PLACED, message, {"hold_id": hold_id}, body.reason)
    with _past_end(body.until or ""):
        answer = await tell_case(call, telling)
    async with call.tools.engine.connect() as connection:
        rows = await list_holds(connection, HoldFilter(invoice=as_uuid(invoice_id)), call.now, active=True)
    if standing := [show_hold(row) for row in rows if row["invoice_id"] is None]:
        answer.also_on_hold = [*(answer.also_on_hold or ()), *standing]
    return answer


async def _refuse_unfit(
    call: Call, connection: AsyncConnection, invoice_id: str, body: InvoiceHold, hold_id: str
) -> None:
    """Raises Problem for an id that another hold has, and for a term that the invoice does not have."""
    if body.hold_id:
        found = await find_invoice_of(connection, "hold", hold_id)
        if found not in (None, as_uuid(invoice_id)) or await is_standing_hold(connection, hold_id):
            raise _other_hold()
    if body.term:
        terms = len((await case_now(call.tools, connection, as_uuid(invoice_id))).facts.terms)
        if body.term > terms:
            fault = Fault("term", "unknown_term", f"is {body.term}, and the invoice has {terms}")
            raise Problem(422, "unknown_term", "the invoice has no such term", errors=(fault,))


def _stands(call: Call, told: Told, status: int) -> HoldAnswer:
    """The hold is as it was asked for, and in force; the open cases are told meanwhile."""
    deliver_kept(call, told.event_id)
    call.response.status_code = status if told.is_new else 200
    return HoldAnswer(event_id=told.event_id, status="applied", hold_id=told.hold_id, cases=told.cases)


@asynccontextmanager
async def _conflicts() -> AsyncIterator[None]:
    try:
        yield
    except DomainError as error:
        if error.code in ("hold_differs", "hold_ended"):
            raise Problem(409, error.code, error.message) from None
        raise


@contextlib.contextmanager
def _past_end(until: str) -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        if error.code == "in_the_past":
            text = f"{until} has come: a hold ends after today"
            raise DomainError(error.code, text, field="until", value=until) from None
        raise


def _other_hold() -> Problem:
    return Problem(409, "hold_differs", "another hold has this id")


def _read_place(after: str | None) -> tuple[datetime, str] | None:
    """Raises Problem for what this API never gave out. The ids of holds are not UUIDs only."""
    if after is None:
        return None
    try:
        moment, _, id_ = base64.urlsafe_b64decode(after.encode() + b"==").decode().partition(" ")
        return datetime.fromisoformat(moment), id_
    except (ValueError, binascii.Error):
        fault = Fault("after", "bad_place", "was not given out by this API")
        raise Problem(422, "invalid_request", "the page cannot be found", errors=(fault,)) from None
