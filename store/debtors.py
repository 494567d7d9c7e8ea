"""Debtors: what is known of them, and corrections to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.stages import CLOSED
from store.tables import debtor_credits, debtors, invoices

Row = Mapping[Any, Any]
_open = invoices.c.stage.not_in([stage.value for stage in CLOSED])


async def read_debtor(connection: AsyncConnection, debtor_id: str) -> Row | None:
    return (await connection.execute(select(debtors).where(debtors.c.id == debtor_id))).mappings().first()


async def change_debtor(connection: AsyncConnection, debtor_id: str, changes: Mapping[str, object]) -> bool:
    """Changes by name of the column. False: no such debtor."""
    query = update(debtors).where(debtors.c.id == debtor_id).values(dict(changes)).returning(debtors.c.id)
    return (await connection.execute(query)).first() is not None


async def open_invoices_of(connection: AsyncConnection, debtor_id: str) -> Sequence[str]:
    """Ids of the invoices of a debtor that are not closed."""
    query = select(invoices.c.id).where(invoices.c.debtor_id == debtor_id, _open).order_by(invoices.c.id)
    return (await connection.execute(query)).scalars().all()


async def open_totals(connection: AsyncConnection, debtor_id: str) -> Sequence[Row]:
    """currency, invoices (how many are open), amount (what they owe together)."""
    i = invoices.c
    query = (
        select(i.currency, func.count().label("invoices"), func.sum(i.open_amount).label("amount"))
        .where(i.debtor_id == debtor_id, _open)
        .group_by(i.currency)
        .order_by(i.currency)
    )
    return (await connection.execute(query)).mappings().all()


async def credit_totals(connection: AsyncConnection, debtor_id: str) -> Sequence[Row]:
    """currency, amount: what the debtor has to their credit."""
    c = debtor_credits.c
    query = (
        select(c.currency, func.sum(c.amount).label("amount"))
        .where(c.debtor_id == debtor_id)
        .group_by(c.currency)
        .having(func.sum(c.amount) != 0)
        .order_by(c.currency)
    )
    return (await connection.execute(query)).mappings().all()
