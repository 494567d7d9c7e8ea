"""Open cases by the policy they are chased by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

_FIND: Final = text(
    """
    SELECT i.debtor_id::text AS debtor_id, i.id::text AS id FROM invoices i
    WHERE i.stage NOT IN ('settled', 'written_off', 'withdrawn')
        AND (i.policy_name, i.policy_version) <> (:name, :version)
        AND CASE WHEN CAST(:wanted AS text[]) IS NULL
            THEN i.policy_name = :from_name AND (CAST(:from_version AS int) IS NULL OR i.policy_version = :from_version)
            ELSE i.id::text = ANY(:wanted) OR i.number = ANY(:wanted) END
    ORDER BY i.debtor_id, i.issued, i.number
    """
).bindparams(bindparam("wanted", type_=ARRAY(TEXT)))


async def cases_on_another_policy(
    connection: AsyncConnection,
    target: tuple[str, int],
    *,
    invoices: Sequence[str] | None,
    from_: tuple[str, int | None],
) -> dict[str, set[str]]:
    """By debtor, the open invoices that `target` (name, version) does not chase yet: these (ids or numbers), or
    those that `from_` chases (version None: any)."""
    values = {"name": target[0], "version": target[1], "wanted": None if invoices is None else list(invoices)}
    values |= {"from_name": from_[0], "from_version": from_[1]}
    found: dict[str, set[str]] = {}
    for row in await connection.execute(_FIND, values):
        found.setdefault(row.debtor_id, set()).add(row.id)
    return found
