"""What people must do, oldest first, with what they need to know for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import TaskKind
from store.tables import debtors, invoices, notices, steps_taken, tasks, terms

Row = Mapping[Any, Any]
_t = tasks.c


async def list_tasks(
    connection: AsyncConnection,
    *,
    kind: TaskKind | None,
    completed: bool,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row]:
    """Open (or completed) tasks after an (opened_at, id), each with its invoice and debtor."""
    i, d = invoices.c, debtors.c
    due = select(func.min(terms.c.due)).where(terms.c.invoice_id == i.id).scalar_subquery()
    query = (
        select(tasks, i.number, i.currency, i.open_amount, i.stage, i.policy_name, i.policy_version)
        .add_columns(due.label("due_date"), d.id.label("debtor_id"), d.reference.label("debtor"))
        .add_columns(d.name.label("debtor_name"), d.contact_name, d.phone, d.email, d.language)
        .join(invoices, i.id == _t.invoice_id)
        .join(debtors, d.id == i.debtor_id)
        .where(_t.completed_at.is_not(None) if completed else _t.completed_at.is_(None))
        .order_by(_t.opened_at, _t.id)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(_t.kind == kind.value)
    if after is not None:
        query = query.where(
            tuple_(_t.opened_at, _t.id) > tuple_(*after, types=(_t.opened_at.type, _t.id.type))
        )
    return (await connection.execute(query)).mappings().all()


async def sent_about(connection: AsyncConnection, invoice_ids: Sequence[str]) -> dict[str, list[Row]]:
    """What left about each invoice, oldest first: step, kind, sent_at, subject, notice_id."""
    n = notices.c
    query = (
        select(
            steps_taken.c.invoice_id,
            steps_taken.c.step,
            n.kind,
            n.sent_at,
            n.subject,
            n.id.label("notice_id"),
        )
        .join(notices, n.id == steps_taken.c.notice_id)
        .where(steps_taken.c.invoice_id.in_(invoice_ids), n.sent_at.is_not(None))
        .order_by(n.sent_at)
    )
    found: dict[str, list[Row]] = {id_: [] for id_ in invoice_ids}
    for row in (await connection.execute(query)).mappings():
        found[row["invoice_id"]].append(row)
    return found


async def find_task(connection: AsyncConnection, task_id: str) -> Row | None:
    """The row of a task."""
    return (await connection.execute(select(tasks).where(_t.id == task_id))).mappings().first()
