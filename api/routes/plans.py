"""Payment plans: agreed, looked at, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.service import RPCError, RPCStatusCode

from activities.deliver import deliver_event, start_plan
from api.calls import Call, Reading, Writing, as_uuid
from api.problems import Fault, Problem
from api.schemas.plans import InstalmentView, NewPlan, PlanAnswer, PlanView
from api.show_case import CaseNow, case_now
from api.tell_case import as_it_will_be, follow, kept_for_later
from api.temporal_client import TemporalUnavailable
from domain.apply_event import apply_event
from domain.contract import plan_workflow_id
from domain.errors import DomainError
from domain.events import Message, parse_event, parse_when
from domain.facts import Facts
from domain.money import Money
from domain.plan_instalments import Instalment, PlanFacts, PlanState, check_instalments
from domain.stages import EventKind
from store.lock_debtor import lock_debtor
from store.read_plan import StoredPlan, lock_plan, read_plan
from store.save_plan import add_plan, end_plan

router = APIRouter(tags=["payment plans"])


@router.post("/payment-plans", status_code=202)
async def agree_plan(body: NewPlan, call: Writing) -> PlanAnswer:
    """Agree a plan over open invoices of one debtor: they are not chased while it is kept."""
    plan_id = call.new_id()
    async with call.tools.engine.begin() as tx:
        if await read_plan(tx, plan_id) is None:
            await _add(call, tx, plan_id, body)
    async with call.tools.engine.connect() as connection:
        plan = await _known(connection, plan_id)
    event_id = f"{EventKind.PLAN_AGREED.value}/{plan_id}"
    try:
        async with call.tools.temporal.reach() as client:
            await deliver_event(call.tools.engine, client, call.tools.task_queue, event_id)
            await start_plan(call.tools.engine, client, call.tools.task_queue, plan.creditor_id, plan_id)
    except TemporalUnavailable:
        raise kept_for_later(event_id) from None
    return await _answer(call, plan_id, event_id)


@router.get("/payment-plans/{plan_id}")
async def look_at_plan(plan_id: str, call: Reading) -> PlanView:
    """The plan, and how far what came in reaches."""
    async with call.tools.engine.connect() as connection:
        return _view(await _known(connection, as_uuid(plan_id)))


@router.delete("/payment-plans/{plan_id}", status_code=202)
async def cancel_plan(plan_id: str, call: Writing) -> PlanAnswer:
    """End a plan: its invoices are chased again from where they were."""
    async with call.tools.engine.begin() as tx:
        id_ = as_uuid(plan_id)
        if id_:
            await lock_plan(tx, id_)
        plan = await _known(tx, id_)
        id_ = plan.facts.plan_id
        if plan.facts.state in (PlanState.BROKEN, PlanState.COMPLETED):
            raise Problem(409, "plan_ended", f"the plan is {plan.facts.state.value} already")
        await end_plan(tx, id_, PlanState.CANCELLED, plan.invoice_ids, call.now, actor=call.caller.name)
    event_id = f"{EventKind.PLAN_BROKEN.value}/{id_}"
    try:
        async with call.tools.temporal.reach() as client:
            await deliver_event(call.tools.engine, client, call.tools.task_queue, event_id)
            handle = client.get_workflow_handle(plan_workflow_id(plan.creditor_id, id_))
            try:
                await handle.signal("facts_changed")
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # it has looked already, or never started
                    raise
    except TemporalUnavailable:
        raise kept_for_later(event_id) from None
    return await _answer(call, id_, event_id)


async def _add(call: Call, tx: AsyncConnection, plan_id: str, body: NewPlan) -> None:
    """Raises DomainError or Problem when the invoices or the instalments do not allow it."""
    cases, facts = await _free_invoices(call, tx, plan_id, body.invoices)
    first = cases[0]
    owed = Money.zero(first.facts.currency)
    for each in facts:
        owed += each.open
    instalments = tuple(
        Instalment(number, parse_when("due", i.due), Money.parse(i.amount, owed.currency))
        for number, i in enumerate(body.instalments, 1)
    )
    check_instalments(instalments, owed, first.now, first.policy)
    plan = PlanFacts(
        plan_id=plan_id,
        debtor_id=first.facts.debtor_id,
        country=first.facts.country,
        mailable=first.facts.mailable,
        state=PlanState.ACTIVE,
        agreed_at=first.now,
        open_then=owed,
        open_now=owed,
        instalments=instalments,
    )
    await add_plan(
        tx,
        plan,
        creditor_id=first.facts.creditor_id,
        policy=(first.policy.name, first.policy.version),
        invoice_ids=tuple(each.invoice_id for each in facts),
        actor=call.caller.name,
        note=body.note,
    )


async def _free_invoices(
    call: Call, tx: AsyncConnection, plan_id: str, ids: Sequence[str]
) -> tuple[list[CaseNow], list[Facts]]:
    """The invoices as they are and as they will be, under their debtor's lock; all may join a plan."""
    cases: list[CaseNow] = []
    facts: list[Facts] = []
    message = Message(event_id=f"{EventKind.PLAN_AGREED.value}/{plan_id}", ref=plan_id)
    for position, given in enumerate(ids):
        field, id_ = f"invoices.{position}", as_uuid(given)
        if not cases and id_:
            await lock_debtor(tx, id_)
        if any(id_ == case.facts.invoice_id for case in cases):
            raise _unfit(field, "duplicate", "is named twice")
        try:
            case = await case_now(call.tools, tx, id_)
            will_be = await as_it_will_be(tx, case)
            event = parse_event(EventKind.PLAN_AGREED, message, will_be.currency)
            apply_event(will_be, event, case.policy, case.now)
        except DomainError as error:
            raise _unfit(field, error.code, error.message) from None
        if cases and case.facts.debtor_id != cases[0].facts.debtor_id:
            raise _unfit(field, "different_debtor", "is of another debtor than the first")
        if cases and case.facts.currency != cases[0].facts.currency:
            raise _unfit(field, "different_currency", "is in another currency than the first")
        if will_be.disputed:
            raise _unfit(field, "disputed", "is in dispute: resolve that first")
        cases.append(case)
        facts.append(will_be)
    return cases, facts


def _unfit(field: str, code: str, message: str) -> Problem:
    text = "an invoice cannot be part of this plan"
    status = 409 if code in ("does_not_fit_stage", "disputed", "plan_active") else 422
    return Problem(status, code, text, errors=(Fault(field, code, message),))


async def _known(connection: AsyncConnection, plan_id: str | None) -> StoredPlan:
    plan = await read_plan(connection, plan_id) if plan_id else None
    if plan is None:
        raise DomainError("unknown_plan", "no payment plan has this id")
    return plan


async def _answer(call: Call, plan_id: str, event_id: str) -> PlanAnswer:
    async with call.tools.engine.connect() as connection:
        plan = await _known(connection, plan_id)
    told = await asyncio.gather(*(follow(call, invoice_id, event_id) for invoice_id in plan.invoice_ids))
    applied = all(kept and kept.applied_at and not kept.refusal for kept in told)
    call.response.status_code = 200 if applied else 202
    return PlanAnswer(event_id=event_id, status="applied" if applied else "accepted", plan=_view(plan))


def _view(plan: StoredPlan) -> PlanView:
    facts = plan.facts
    reached = Money.zero(facts.open_then.currency)
    rows = []
    for i in facts.instalments:
        reached += i.amount
        rows.append(
            InstalmentView(
                number=i.number,
                due=i.due.isoformat(),
                amount=str(i.amount.amount),
                announced=i.announced,
                covered=facts.paid >= reached,
            )
        )
    return PlanView(
        id=facts.plan_id,
        debtor_id=facts.debtor_id,
        state=facts.state,
        currency=facts.open_then.currency,
        agreed_at=facts.agreed_at,
        open_then=str(facts.open_then.amount),
        paid=str(facts.paid.amount),
        invoices=list(plan.invoice_ids),
        instalments=rows,
    )
