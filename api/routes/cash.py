"""What the bank knows and the ledger does not: money not booked yet, and up to which day statements are."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls import Call, Reading, Writing, as_uuid
from api.deliver_kept import deliver_kept
from api.problems import Fault, Problem
from api.schemas.cash import BankStatement, CashView, DebtorCash, StatementAnswer, UnallocatedCash
from domain.errors import DomainError
from domain.events import Message
from domain.money import Money
from domain.stages import EventKind
from store.debtors import open_invoices_of, read_debtor
from store.record_event import add_events
from store.statements import set_statement, tell_waiting_cases
from store.unallocated_cash import read_cash, replace_cash

router = APIRouter(tags=["bank"])
_ZONE = ZoneInfo("Europe/Amsterdam")
"""Where banks book: Belgium has the same hour."""
Reference = Annotated[str, Path(max_length=100, pattern=r"^[^\x00-\x1f]+$")]


@router.get("/debtors/{debtor_id}/unallocated-cash")
async def look_at_cash(debtor_id: str, call: Reading) -> DebtorCash:
    """What this debtor has paid that is not booked on an invoice, by currency."""
    async with call.tools.engine.connect() as connection:
        return await _cash(connection, await _known_debtor(connection, debtor_id))


@router.put("/debtors/{debtor_id}/unallocated-cash")
async def state_cash(debtor_id: str, body: UnallocatedCash, call: Writing) -> DebtorCash:
    """State what is received and not booked. It covers the oldest due invoices first: those are not chased for it."""
    as_of = _past("as_of", body.as_of, call)
    cash = Money.parse(body.amount, body.currency)
    event_id = f"{EventKind.FACTS_CHANGED.value}/{call.new_id()}"
    async with call.tools.engine.begin() as tx:
        id_ = await _known_debtor(tx, debtor_id)
        before = next((row for row in await read_cash(tx, id_) if row["currency"] == body.currency), None)
        if before and before["as_of"] > as_of:
            text = f"the figure that is known is of {before['as_of']}, later than this one"
            raise Problem(409, "figure_outdated", text, errors=(Fault("as_of", "figure_outdated", text),))
        await replace_cash(tx, id_, cash, as_of)
        if cash.amount != (before["amount"] if before else 0):
            told = [(invoice_id, Message(event_id)) for invoice_id in await open_invoices_of(tx, id_)]
            await add_events(tx, EventKind.FACTS_CHANGED, told, actor=call.caller.name)
    deliver_kept(call, event_id)
    async with call.tools.engine.connect() as connection:
        return await _cash(connection, id_)


@router.put("/creditors/{reference}/bank-statement")
async def state_statement(reference: Reference, body: BankStatement, call: Writing) -> StatementAnswer:
    """State up to which day bank statements are booked: cases that waited for it go on."""
    on = _past("on", body.on, call)
    event_id = f"{EventKind.FACTS_CHANGED.value}/{call.new_id()}"
    async with call.tools.engine.begin() as tx:
        creditor_id = await set_statement(tx, reference, on)
        if creditor_id is None:
            raise Problem(404, "unknown_creditor", "no creditor has this reference")
        told = await tell_waiting_cases(tx, creditor_id, event_id, call.caller.name)
    deliver_kept(call, event_id)
    return StatementAnswer(creditor=reference, on=on, cases=told)


def _past(field: str, day: str, call: Call) -> date:
    on = date.fromisoformat(day)
    if on > call.now.astimezone(_ZONE).date():
        raise DomainError("in_the_future", f"{on} lies in the future", field=field)
    return on


async def _known_debtor(connection: AsyncConnection, debtor_id: str) -> str:
    id_ = as_uuid(debtor_id)
    if id_ is None or await read_debtor(connection, id_) is None:
        raise Problem(404, "unknown_debtor", "no debtor has this id")
    return id_


async def _cash(connection: AsyncConnection, debtor_id: str) -> DebtorCash:
    figures = [
        CashView(currency=row["currency"], amount=str(row["amount"]), as_of=row["as_of"])
        for row in await read_cash(connection, debtor_id)
    ]
    return DebtorCash(debtor_id=debtor_id, cash=figures)
