"""Write payment plans: when they are agreed, and what became of them and their instalments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import Message
from domain.plan_instalments import Instalment, PlanFacts, PlanState
from domain.stages import EventKind
from store.record_event import add_event
from store.tables import instalments, payment_plans, plan_invoices

_MESSAGE_OF = {
    PlanState.ACTIVE: EventKind.PLAN_AGREED,
    PlanState.COMPLETED: EventKind.PLAN_COMPLETED,
    PlanState.BROKEN: EventKind.PLAN_BROKEN,
    PlanState.CANCELLED: EventKind.PLAN_BROKEN,
}


async def add_plan(
    connection: AsyncConnection,
    plan: PlanFacts,
    *,
    creditor_id: str,
    policy: tuple[str, int],
    invoice_ids: tuple[str, ...],
    actor: str,
    note: str,
) -> None:
    """Store a new plan with its instalments, and the message `plan_agreed` for each invoice it covers."""
    row = {
        "id": plan.plan_id,
        "creditor_id": creditor_id,
        "debtor_id": plan.debtor_id,
        "currency": plan.open_then.currency,
        "policy_name": policy[0],
        "policy_version": policy[1],
        "state": plan.state.value,
        "open_then": plan.open_then.amount,
        "agreed_at": plan.agreed_at,
        "actor": actor,
        "note": note,
    }
    await connection.execute(insert(payment_plans).values(row))
    rows = [
        {
            "plan_id": plan.plan_id,
            "number": i.number,
            "due": i.due.isoformat(),
            "amount": i.amount.amount,
            "announced": i.announced.value,
        }
        for i in plan.instalments
    ]
    await connection.execute(insert(instalments), rows)
    links = [{"plan_id": plan.plan_id, "invoice_id": invoice_id} for invoice_id in invoice_ids]
    await connection.execute(insert(plan_invoices), links)
    await _tell(connection, plan.plan_id, PlanState.ACTIVE, invoice_ids, actor, note)


async def end_plan(
    connection: AsyncConnection,
    plan_id: str,
    state: PlanState,
    invoice_ids: tuple[str, ...],
    at: datetime,
    *,
    actor: str = "",
    note: str = "",
) -> bool:
    """End an active plan and keep the message for each of its invoices. False: it had ended before."""
    p = payment_plans.c
    ended = update(payment_plans).where(p.id == plan_id, p.state == PlanState.ACTIVE.value)
    result = await connection.execute(ended.values(state=state.value, ended_at=at).returning(p.id))
    if result.first() is None:
        return False
    await _tell(connection, plan_id, state, invoice_ids, actor, note)
    return True


async def save_instalment(connection: AsyncConnection, plan_id: str, instalment: Instalment) -> None:
    """How far its announcement has come."""
    i = instalments.c
    values = {
        "announced": instalment.announced.value,
        "at": instalment.at,
        "attempts": instalment.attempts,
        "retry_at": instalment.retry_at,
    }
    query = update(instalments).where(i.plan_id == plan_id, i.number == instalment.number)
    await connection.execute(query.values(values))


async def _tell(
    connection: AsyncConnection,
    plan_id: str,
    state: PlanState,
    invoice_ids: tuple[str, ...],
    actor: str,
    note: str,
) -> None:
    kind = _MESSAGE_OF[state]
    message = Message(event_id=f"{kind.value}/{plan_id}", ref=plan_id)
    for invoice_id in invoice_ids:
        await add_event(connection, invoice_id, kind, message, actor=actor, note=note)
