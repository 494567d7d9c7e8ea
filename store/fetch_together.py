"""Several queries in one round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Dialect, TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

Rows = list[dict[str, Any]]


async def fetch_together(
    connection: AsyncConnection, queries: Sequence[TextClause], values: Mapping[str, Any]
) -> list[Rows]:
    """The rows of each, in the connection's transaction and one after the other: each sees what was committed while
    the one before it waited. An error is the driver's own."""
    driver = (await connection.get_raw_connection()).driver_connection
    # psycopg's pipeline, since SQLAlchemy waits for the rows of each statement before it sends the next.
    raw = cast("psycopg.AsyncConnection[Any]", driver)
    async with raw.pipeline():
        cursors = [raw.cursor(row_factory=dict_row) for _ in queries]
        for cursor, query in zip(cursors, queries, strict=True):
            await cursor.execute(_native(query, connection.dialect).encode(), values)
    return [await cursor.fetchall() for cursor in cursors]


@cache
def _native(query: TextClause, dialect: Dialect) -> str:
    return str(query.compile(dialect=dialect))
