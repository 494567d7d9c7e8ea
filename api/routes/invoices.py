"""Invoices: handed in one by one, listed, looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from activities.deliver import start_case
from api.calls import Call, Reading, Writing, as_uuid
from api.pages import USUAL, After, Limit, next_page, read_place
from api.problems import Fault, Problem
from api.schemas.case import CaseView, ReasonView
from api.schemas.invoices import InvoiceLine, InvoicePage, NewInvoice, Remark, StoredInvoice, Timeline
from api.show_case import show_case
from api.show_timeline import show_timeline
from api.temporal_client import TemporalUnavailable
from domain.new_invoice import parse_new_invoice
from domain.stages import Stage
from store.add_invoices import AddedInvoice, Verdict, add_invoices
from store.find_undelivered import mark_cases_started, read_case_ref
from store.list_invoices import InvoiceFilter, Row, list_invoices
from store.read_invoice import read_invoice

router = APIRouter(tags=["invoices"])
Filter = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


@router.post("/invoices", status_code=201)
async def hand_in_invoice(body: NewInvoice, call: Writing) -> StoredInvoice:
    """Hand in one invoice. 201: it is new; 200: it is known with the same values; 409: with others."""
    invoice = parse_new_invoice(body.model_dump(), today=call.now.date())
    async with call.tools.engine.begin() as tx:
        policies = await call.tools.latest_policies(tx)
        (added,) = await add_invoices(tx, [invoice], policies, call.now)
        if added.verdict is Verdict.REFUSED or added.id is None:
            faults = tuple(Fault(field, "refused", reason) for field, reason in added.problems)
            raise Problem(422, "invalid_invoice", "the invoice is refused", errors=faults)
        if added.verdict is Verdict.DIFFERS:
            raise _differs(added)
    if added.verdict is Verdict.UNCHANGED:
        call.response.status_code = 200
    call.response.headers["Location"] = f"/v1/invoices/{added.id}"
    return StoredInvoice(
        id=added.id,
        number=invoice.number,
        status=added.verdict.value,
        started=await _start(call, added.id),
        remarks=[Remark(field=field, message=reason) for field, reason in added.problems],
    )


@router.get("/invoices")
async def list_all(
    call: Reading,
    *,
    stage: Stage | None = None,
    debtor: Filter = None,
    creditor: Filter = None,
    number: Filter = None,
    policy: Filter = None,
    after: After = None,
    limit: Limit = USUAL,
) -> InvoicePage:
    """Invoices in the order in which they came in. `debtor` and `creditor` are an id or a reference."""
    wanted = InvoiceFilter(stage.value if stage else None, debtor, creditor, number, policy)
    async with call.tools.engine.connect() as connection:
        rows = await list_invoices(connection, wanted, read_place(after), limit + 1)
    page = rows[:limit]
    more = next_page(call, page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
    return InvoicePage(items=[_line(row) for row in page], next=more)


@router.get("/invoices/{invoice_id}")
async def look_at_invoice(invoice_id: str, call: Reading) -> CaseView:
    """The case as of this moment: what is owed, its stage, what comes next and why."""
    async with call.tools.engine.connect() as connection:
        return await show_case(call.tools, connection, as_uuid(invoice_id))


@router.get("/invoices/{invoice_id}/timeline", response_model_exclude_none=True)
async def look_at_timeline(invoice_id: str, call: Reading) -> Timeline:
    """What happened, and what is planned if nothing happens; each with its reasons."""
    async with call.tools.engine.connect() as connection:
        return await show_timeline(call.tools, connection, as_uuid(invoice_id))


async def _start(call: Call, invoice_id: str) -> bool:
    """Whether Temporal has the case. What it cannot take now is started by the reconciler."""
    async with call.tools.engine.connect() as connection:
        case, invoice = (
            await read_case_ref(connection, invoice_id),
            await read_invoice(connection, invoice_id),
        )
    if case is None or (invoice and invoice.started):
        return True
    try:
        async with call.tools.temporal.reach() as client:
            await start_case(client, call.tools.task_queue, case)
    except TemporalUnavailable:
        return False
    async with call.tools.engine.begin() as tx:
        await mark_cases_started(tx, [invoice_id], datetime.now(UTC))
    return True


def _differs(added: AddedInvoice) -> Problem:
    faults = tuple(Fault(field, "differs", reason) for field, reason in added.problems)
    text = "an invoice with this number is known with other values; nothing was changed"
    return Problem(409, "invoice_differs", text, errors=faults, id=added.id)


def _line(row: Row) -> InvoiceLine:
    same = ("id", "number", "creditor", "debtor_id", "debtor", "debtor_name", "currency", "due_date", "stage")
    return InvoiceLine(
        **{name: row[name] for name in same},
        policy=f"{row['policy_name']}/{row['policy_version']}",
        open=str(row["open_amount"]),
        next_step=row["next_step"],
        next_at=row["next_at"],
        reasons=[ReasonView(**reason) for reason in row["reasons"]],
    )
