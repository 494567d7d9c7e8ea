"""The debtors of invoices that come in: what is known of them stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.new_debtor import NewDebtor
from store.insert_rows import insert_new_rows
from store.tables import debtors

Key = tuple[str, str]
"""Id of the creditor, and what the creditor calls the debtor."""

_FIELDS = tuple(NewDebtor.__slots__)
_SILENT_WHEN_EMPTY = frozenset({"segment", "tags", "behaviour", "policy"})
"""Many administrations do not hold these: that they say nothing is no difference."""
_COLUMN_OF = {
    **{name: f"debtor_{name}" for name in ("reference", "name", "kind", "policy")},
    "mandate": "direct_debit",
}


@dataclass(frozen=True, slots=True)
class KnownDebtor:
    id: str
    details: NewDebtor


async def known_debtors(connection: AsyncConnection, wanted: Collection[Key]) -> dict[Key, KnownDebtor]:
    if not wanted:
        return {}
    d = debtors.c
    columns = [d[name] for name in _FIELDS]
    query = select(d.creditor_id, d.id, *columns).where(tuple_(d.creditor_id, d.reference).in_(list(wanted)))
    return {
        (creditor_id, details[0]): KnownDebtor(id_, _details(dict(zip(_FIELDS, details, strict=True))))
        for creditor_id, id_, *details in await connection.execute(query)
    }


async def add_debtors(connection: AsyncConnection, new: Mapping[Key, NewDebtor]) -> dict[Key, KnownDebtor]:
    """Add them; what comes back of one that somebody else has added in the meantime is theirs."""
    if not new:
        return {}
    # In one order always, so that two imports of the same debtors cannot wait for each other.
    rows = [
        {"id": str(uuid4()), "creditor_id": key[0]} | {name: getattr(new[key], name) for name in _FIELDS}
        for key in sorted(new)
    ]
    written = await insert_new_rows(connection, debtors, rows)
    added = {
        (row["creditor_id"], row["reference"]): KnownDebtor(
            row["id"], new[row["creditor_id"], row["reference"]]
        )
        for row in rows
        if row["id"] in written
    }
    return added | await known_debtors(connection, new.keys() - added.keys())


def debtor_differs(given: NewDebtor, known: NewDebtor) -> tuple[tuple[str, str], ...]:
    """(column, reason). Names only the fields: the values are personal."""
    reason = "differs from what is known of this debtor; kept as it was"
    if given == known:
        return ()
    return tuple(
        (_COLUMN_OF.get(name, name), reason)
        for name in _FIELDS
        if _comparable(given, name) != _comparable(known, name)
        and (name not in _SILENT_WHEN_EMPTY or getattr(given, name))
    )


def _comparable(debtor: NewDebtor, name: str) -> object:
    value = getattr(debtor, name)
    return frozenset(value) if name == "tags" else value


def _details(row: dict[str, Any]) -> NewDebtor:
    return NewDebtor(**row | {"tags": tuple(row["tags"])})
