"""Debtors: what is known of them, and corrections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls import Reading, Writing, as_uuid
from api.deliver_kept import deliver_kept
from api.problems import Fault, Problem
from api.schemas.debtors import CurrencyTotal, DebtorChange, DebtorView
from domain.events import Message
from domain.policy import Policy
from domain.stages import EventKind
from store.debtors import change_debtor, credit_totals, open_invoices_of, open_totals, read_debtor
from store.record_event import add_events

router = APIRouter(tags=["debtors"])


@router.get("/debtors/{debtor_id}")
async def look_at_debtor(debtor_id: str, call: Reading) -> DebtorView:
    """What is known of a debtor, what they owe and what they have to their credit."""
    async with call.tools.engine.connect() as connection:
        return await _view(connection, as_uuid(debtor_id))


@router.patch("/debtors/{debtor_id}")
async def change_details(debtor_id: str, body: DebtorChange, call: Writing) -> DebtorView:
    """Correct details; what is left out stays. Open cases plan anew: what waited for an address leaves."""
    changes = body.model_dump(exclude_none=True)
    if body.tags is not None:
        changes["tags"] = list(body.tags)
    event_id = f"{EventKind.FACTS_CHANGED.value}/{call.new_id()}"
    async with call.tools.engine.begin() as tx:
        before = await _view(tx, as_uuid(debtor_id))
        if body.policy:
            _check_policy(body.policy, await call.tools.latest_policies(tx))
        if changed := {name: value for name, value in changes.items() if getattr(before, name) != value}:
            await change_debtor(tx, before.id, {_COLUMN_OF.get(n, n): value for n, value in changed.items()})
            told = [(invoice_id, Message(event_id)) for invoice_id in await open_invoices_of(tx, before.id)]
            await add_events(tx, EventKind.FACTS_CHANGED, told, actor=call.caller.name)
    deliver_kept(call, event_id)
    async with call.tools.engine.connect() as connection:
        return await _view(connection, before.id)


_COLUMN_OF: Final = {"direct_debit": "mandate"}


def _check_policy(name: str, policies: Mapping[str, Policy]) -> None:
    if name not in policies:
        text = f"no policy {name!r}: known are {', '.join(sorted(policies))}"
        raise Problem(422, "unknown_policy", text, errors=(Fault("policy", "unknown_policy", text),))


async def _view(connection: AsyncConnection, debtor_id: str | None) -> DebtorView:
    row = await read_debtor(connection, debtor_id) if debtor_id else None
    if row is None or debtor_id is None:
        raise Problem(404, "unknown_debtor", "no debtor has this id")
    owed, credit = await open_totals(connection, debtor_id), await credit_totals(connection, debtor_id)
    plain = set(DebtorView.model_fields) - {"open", "credit"}
    return DebtorView(
        **{name: row[_COLUMN_OF.get(name, name)] for name in plain},
        open=[
            CurrencyTotal(currency=t["currency"], amount=str(t["amount"]), invoices=t["invoices"])
            for t in owed
        ],
        credit=[CurrencyTotal(currency=t["currency"], amount=str(t["amount"])) for t in credit],
    )
