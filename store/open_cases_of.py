"""All open cases of many debtors, so that what they will receive can be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.read_case import StoredCase, read_cases

_AT_ONCE: Final = 500
_OPEN: Final = "stage NOT IN ('settled', 'written_off', 'withdrawn')"
_OF_INVOICES = text(
    """
    SELECT i.debtor_id::text FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS asked (id, place)
    JOIN invoices i ON i.id = asked.id GROUP BY 1 ORDER BY min(asked.place)
    """
)
_ACTING = text(
    f"SELECT DISTINCT debtor_id::text FROM invoices WHERE {_OPEN} AND next_at < :before ORDER BY 1"  # noqa: S608
)
_OPEN_OF = text(
    f"SELECT id::text FROM invoices WHERE debtor_id = ANY(CAST(:ids AS uuid[])) AND {_OPEN} ORDER BY debtor_id"  # noqa: S608
)


async def debtors_of(connection: AsyncConnection, invoice_ids: Sequence[str]) -> list[str]:
    """In the order in which these invoices first name them."""
    return list((await connection.execute(_OF_INVOICES, {"ids": list(invoice_ids)})).scalars())


async def debtors_acting(connection: AsyncConnection, before: datetime) -> list[str]:
    """Debtors of whom a case looks at its step again before that moment."""
    return list((await connection.execute(_ACTING, {"before": before})).scalars())


async def open_cases_of(connection: AsyncConnection, debtor_ids: Sequence[str]) -> list[StoredCase]:
    ids = list((await connection.execute(_OPEN_OF, {"ids": list(debtor_ids)})).scalars())
    found: list[StoredCase] = []
    for start in range(0, len(ids), _AT_ONCE):
        found += await read_cases(connection, ids[start : start + _AT_ONCE])
    return found
