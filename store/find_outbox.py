"""Debtors of whom something may leave by a day, and cases that wait for a person's consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[Any, Any]
_OPEN: Final = "i.stage NOT IN ('settled', 'written_off', 'withdrawn')"

_DEBTORS = text(
    f"""
    SELECT d.id::text, d.created_at, d.name, d.reference, c.reference AS creditor
    FROM debtors d JOIN creditors c ON c.id = d.creditor_id
    WHERE (CAST(:creditor AS text) IS NULL OR c.reference = :creditor OR c.id::text = :creditor)
        AND (CAST(:after_at AS timestamptz) IS NULL OR (d.created_at, d.id) > (:after_at, CAST(:after_id AS uuid)))
        AND EXISTS (SELECT 1 FROM invoices i WHERE i.debtor_id = d.id AND {_OPEN}
                    AND (i.next_at < CAST(:on AS date) + 2 OR i.due <= :on))
    ORDER BY d.created_at, d.id LIMIT :limit
    """  # noqa: S608 - constants only
)
_WAITING = text(
    f"""
    SELECT i.id::text AS invoice_id, i.number, s.step FROM invoices i
    JOIN steps_taken s ON s.invoice_id = i.id AND s.cycle = i.cycle AND s.state = 'awaiting_approval'
    WHERE {_OPEN} AND (CAST(:wanted AS text[]) IS NULL OR i.id::text = ANY(:wanted) OR i.number = ANY(:wanted))
    ORDER BY i.issued, i.number
    """  # noqa: S608 - constants only
).bindparams(bindparam("wanted", type_=ARRAY(TEXT)))


async def debtors_of_outbox(
    connection: AsyncConnection,
    on: date,
    *,
    creditor: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row]:
    """id, created_at, name, reference and `creditor` (its reference) of each, in the order in which they came in.

    `creditor` is an id or a reference. Two days are added because a day ends later in some zones.
    """
    values = {"on": on, "creditor": creditor, "limit": limit}
    values |= {"after_at": after[0] if after else None, "after_id": after[1] if after else None}
    return (await connection.execute(_DEBTORS, values)).mappings().all()


async def waiting_for_approval(
    connection: AsyncConnection, invoices: Sequence[str] | None = None
) -> Sequence[Row]:
    """invoice_id, number and step of every open case that waits for consent; or of these only (ids or numbers)."""
    wanted = None if invoices is None else list(invoices)
    return (await connection.execute(_WAITING, {"wanted": wanted})).mappings().all()
