"""What debtors have paid that is not booked on an invoice yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.money import Money
from store.tables import unallocated_cash

_u = unallocated_cash.c


async def read_cash(connection: AsyncConnection, debtor_id: str) -> Sequence[Mapping[Any, Any]]:
    """currency, amount and as_of of each figure that is known, zero included, by currency."""
    query = select(_u.currency, _u.amount, _u.as_of).where(_u.debtor_id == debtor_id).order_by(_u.currency)
    return (await connection.execute(query)).mappings().all()


async def replace_cash(connection: AsyncConnection, debtor_id: str, cash: Money, as_of: date) -> None:
    """The figure of that day takes the place of the one before it, in its currency."""
    row = {"debtor_id": debtor_id, "currency": cash.currency, "amount": cash.amount, "as_of": as_of}
    await connection.execute(_REPLACE, row)


def _replace() -> Any:
    statement = insert(unallocated_cash)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["debtor_id", "currency"], set_={"amount": new.amount, "as_of": new.as_of}
    )


_REPLACE = _replace()
