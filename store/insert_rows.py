"""Many rows by one statement that carries them as JSON: sent one by one they take several times as long."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.write_together import Write

Row = Mapping[str, Any]


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """All rows name the same columns; the others take their defaults."""
    if rows:
        insert = inserting(table, rows)
        await connection.execute(text(insert.statement), insert.values)


async def insert_new_rows(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> set[str]:
    """As `insert_rows`, in the order given, without those whose key is taken: the ids of what was written."""
    if not rows:
        return set()
    insert = inserting(table, rows)
    statement = text(f"{insert.statement} ON CONFLICT DO NOTHING RETURNING id::text")
    return set((await connection.execute(statement, insert.values)).scalars())


def inserting(table: Table, rows: Sequence[Row]) -> Write:
    """At least one row."""
    return Write(_insert(table, tuple(rows[0])), _values(table, rows))


def upserting(table: Table, rows: Sequence[Row]) -> Write:
    """As `inserting`; where the key is taken the row takes the new values of the columns that are named."""
    return Write(_upsert(table, tuple(rows[0])), _values(table, rows))


def updating(table: Table, rows: Sequence[Row]) -> Write:
    """Rows that are there already, by their `id`, take these values."""
    return Write(_update(table, tuple(rows[0])), _values(table, rows))


@cache
def _insert(table: Table, names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {_source(table)}"  # noqa: S608 - names of ours


@cache
def _upsert(table: Table, names: tuple[str, ...]) -> str:
    keys = [column.name for column in table.primary_key]
    values = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    return f"{_insert(table, names)} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"


@cache
def _update(table: Table, names: tuple[str, ...]) -> str:
    values = ", ".join(f'"{name}" = new."{name}"' for name in names if name != "id")
    return f"UPDATE {table.name} SET {values} FROM {_source(table)} new WHERE {table.name}.id = new.id"  # noqa: S608 - names of ours


def _source(table: Table) -> str:
    return f"json_populate_recordset(NULL::{table.name}, CAST(:{table.name} AS json))"


def _values(table: Table, rows: Sequence[Row]) -> dict[str, str]:
    return {table.name: json.dumps([dict(row) for row in rows], default=str)}
