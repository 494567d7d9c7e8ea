"""A payment plan as its decision needs it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import parse_when
from domain.money import Money
from domain.plan_instalments import Instalment, NoticeState, PlanFacts, PlanState
from store.tables import debtors, instalments, ledger_entries, payment_plans, plan_invoices

_LOCK = text(
    "SELECT id FROM debtors WHERE id = (SELECT debtor_id FROM payment_plans WHERE id = :plan_id) FOR NO KEY UPDATE"
)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    facts: PlanFacts
    creditor_id: str
    policy_name: str
    policy_version: int
    invoice_ids: tuple[str, ...]


async def lock_plan(connection: AsyncConnection, plan_id: str) -> None:
    """Take the lock of the plan's debtor until the transaction ends."""
    await connection.execute(_LOCK, {"plan_id": plan_id})


async def covers(connection: AsyncConnection, plan_id: str, invoice_id: str) -> bool:
    """Whether there is such a plan, and it covers the invoice. `plan_id` may be any text."""
    p = plan_invoices.c
    query = select(p.plan_id).where(cast(p.plan_id, Text) == plan_id, p.invoice_id == invoice_id)
    return (await connection.execute(query)).first() is not None


async def read_plan(connection: AsyncConnection, plan_id: str) -> StoredPlan | None:
    """The plan with what its invoices owe now. None: no such plan."""
    p, d = payment_plans.c, debtors.c
    query = (
        select(payment_plans, d.country, (d.email != "").label("mailable"))
        .join(debtors, d.id == p.debtor_id)
        .where(p.id == plan_id)
    )
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    covered = select(plan_invoices.c.invoice_id).where(plan_invoices.c.plan_id == plan_id)
    ids = tuple((await connection.execute(covered.order_by(plan_invoices.c.invoice_id))).scalars())
    owed = select(func.coalesce(func.sum(ledger_entries.c.amount), 0)).where(
        ledger_entries.c.invoice_id.in_(covered)
    )
    currency = row["currency"]
    rows = select(instalments).where(instalments.c.plan_id == plan_id).order_by(instalments.c.number)
    facts = PlanFacts(
        plan_id=plan_id,
        debtor_id=row["debtor_id"],
        country=row["country"],
        mailable=row["mailable"],
        state=PlanState(row["state"]),
        agreed_at=row["agreed_at"],
        open_then=Money(row["open_then"], currency),
        open_now=Money((await connection.execute(owed)).scalar_one(), currency),
        instalments=tuple(
            Instalment(
                number=i["number"],
                due=parse_when("due", i["due"]),
                amount=Money(i["amount"], currency),
                announced=NoticeState(i["announced"]),
                at=i["at"],
                attempts=i["attempts"],
                retry_at=i["retry_at"],
            )
            for i in (await connection.execute(rows)).mappings()
        ),
    )
    return StoredPlan(facts, row["creditor_id"], row["policy_name"], row["policy_version"], ids)
