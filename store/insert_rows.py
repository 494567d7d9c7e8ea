"""Many rows by one statement that carries them as JSON: sent one by one they take several times as long."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """All rows name the same columns; the others take their defaults."""
    if rows:
        await connection.execute(_statement(table, tuple(rows[0]), ""), _parameters(rows))


async def insert_new_rows(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> set[str]:
    """As `insert_rows`, in the order given, without those whose key is taken: the ids of what was written."""
    if not rows:
        return set()
    statement = _statement(table, tuple(rows[0]), "ON CONFLICT DO NOTHING RETURNING id::text")
    return set((await connection.execute(statement, _parameters(rows))).scalars())


async def upsert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """As `insert_rows`; where the key is taken the row takes the new values of the columns that are named."""
    if rows:
        keys = [column.name for column in table.primary_key]
        changed = [name for name in rows[0] if name not in keys]
        values = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
        ending = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"
        await connection.execute(_statement(table, tuple(rows[0]), ending), _parameters(rows))


async def update_rows(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Rows that are there already, by their `id`, take these values."""
    if rows:
        await connection.execute(_update(table, tuple(rows[0])), _parameters(rows))


@cache
def _update(table: Table, names: tuple[str, ...]) -> TextClause:
    values = ", ".join(f'"{name}" = new."{name}"' for name in names if name != "id")
    source = f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
    return text(f"UPDATE {table.name} SET {values} FROM {source} new WHERE {table.name}.id = new.id")  # noqa: S608 - names of ours


@cache
def _statement(table: Table, names: tuple[str, ...], ending: str) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    source = f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
    return text(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {source} {ending}")  # noqa: S608 - names of ours


def _parameters(rows: Sequence[Row]) -> dict[str, str]:
    return {"rows": json.dumps([dict(row) for row in rows], default=str)}
