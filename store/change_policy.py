"""Another policy for a case."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import invoices, policies

_KNOWN = select(policies.c.name).where(
    policies.c.name == bindparam("wanted"), policies.c.version == bindparam("of_version")
)
_CHANGE = update(invoices).where(invoices.c.id == bindparam("case"))


async def is_known_policy(connection: AsyncConnection, name: str, version: int) -> bool:
    row = await connection.execute(_KNOWN, {"wanted": name, "of_version": version})
    return row.first() is not None


async def change_policy(connection: AsyncConnection, invoice_id: str, name: str, version: int) -> None:
    """The case is chased by this from now on, because a person said so."""
    changed = {"policy_name": name, "policy_version": version, "policy_reason": "applied"}
    await connection.execute(_CHANGE, {"case": invoice_id} | changed)
