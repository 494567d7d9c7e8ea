"""Holds of every scope, each with its history, as people look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """None: any. Each names by id, reference or number, and finds what holds it: an invoice finds the holds on its
    debtor and creditor too, a debtor those on its invoices and its creditor, a creditor all of its holds."""

    creditor: str | None = None
    debtor: str | None = None
    invoice: str | None = None


async def list_holds(
    connection: AsyncConnection,
    wanted: HoldFilter,
    now: datetime,
    *,
    active: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 200,
) -> Sequence[dict[str, Any]]:
    """In the order in which they were placed, after a (placed_at, hold_id). `reason` and `actor` are of its placing.

    Where a hold is listed, so is its history: `what` (placed, extended, lifted), `at`, `until` (first moment after it;
    None where it ends nowhere), `actor` and `note`.
    """
    given = {
        "creditor": wanted.creditor,
        "debtor": wanted.debtor,
        "invoice": wanted.invoice,
        "active": active,
    }
    values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if after:
        values |= {"after_at": after[0], "after_id": after[1]}
    ids = frozenset(name for name, value in values.items() if _is_id(value))
    statement = _statement(frozenset(values), ids)
    rows = await connection.execute(statement, values | {"now": now, "limit": limit})
    return [_told(row) for row in rows.mappings()]


@lru_cache(maxsize=64)
def _statement(given: frozenset[str], ids: frozenset[str]) -> TextClause:
    """Only with the conditions that are asked for, so that each is found by its index."""

    def called(what: str, id_: str, name: str) -> str:
        return f"{id_} = CAST(:{what} AS uuid)" if what in ids else f"{name} = :{what}"

    own, standing, page = ["true"], ["true"], ["true"]
    if "creditor" in given:
        own.append(called("creditor", "c.id", "c.reference"))
        standing.append(own[-1])
    if "debtor" in given:
        own.append(called("debtor", "d.id", "d.reference"))
        standing.append(f"{_STANDING_OVER} WHERE {own[-1]})")
    if "invoice" in given:
        own.append(called("invoice", "i.id", "i.number"))
        standing.append(f"{_STANDING_OVER} JOIN invoices i ON i.debtor_id = d.id WHERE {own[-1]})")
    if "active" in given:
        page.append(f"({_ACTIVE}) = :active")
    if "after_at" in given:
        page.append("(f.placed_at, f.hold_id) > (:after_at, :after_id)")
    found = f"{_OWN} WHERE {' AND '.join(own)} UNION ALL {_STANDING} WHERE {' AND '.join(standing)}"
    return text(f"""
        WITH found AS ({found}), page AS (
            SELECT f.*, {_ACTIVE} AS active FROM found f WHERE {" AND ".join(page)}
            ORDER BY f.placed_at, f.hold_id LIMIT :limit)
        SELECT p.*, {_CHANGES} AS history FROM page p ORDER BY p.placed_at, p.hold_id
    """)  # noqa: S608 - constants only


_OWN: Final = """
    SELECT h.id AS hold_id, CASE WHEN h.term IS NULL THEN 'invoice' ELSE 'term' END AS scope, h.term,
        c.id::text AS creditor_id, c.reference AS creditor, d.id::text AS debtor_id, d.reference AS debtor,
        i.id::text AS invoice_id, i.number AS invoice, h.placed_at, h.until, h.lifted_at
    FROM holds h JOIN invoices i ON i.id = h.invoice_id JOIN debtors d ON d.id = i.debtor_id
    JOIN creditors c ON c.id = i.creditor_id
"""
_STANDING: Final = """
    SELECT s.id, CASE WHEN s.debtor_id IS NULL THEN 'creditor' ELSE 'debtor' END, NULL,
        c.id::text, c.reference, d.id::text, d.reference, NULL, NULL, s.placed_at, s.until, s.lifted_at
    FROM standing_holds s JOIN creditors c ON c.id = s.creditor_id LEFT JOIN debtors d ON d.id = s.debtor_id
"""
_STANDING_OVER: Final = """
    s.id IN (SELECT h.id FROM standing_holds h
        JOIN debtors d ON h.debtor_id = d.id OR (h.debtor_id IS NULL AND h.creditor_id = d.creditor_id)
"""
_ACTIVE: Final = "(f.lifted_at IS NULL AND (f.until IS NULL OR f.until > :now))"
_CHANGES: Final = """
    (SELECT coalesce(json_agg(json_build_object('what', x.what, 'at', x.at, 'until', x.until,
        'actor', x.actor, 'note', x.note) ORDER BY x.id), '[]')
     FROM hold_changes x
     WHERE x.hold_id = p.hold_id AND x.invoice_id IS NOT DISTINCT FROM CAST(p.invoice_id AS uuid))
"""


def _told(row: Row) -> dict[str, Any]:
    placed = next((change for change in row["history"] if change["what"] == "placed"), None)
    why = {"reason": placed["note"] if placed else "", "actor": placed["actor"] if placed else ""}
    return dict(row) | why


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False
