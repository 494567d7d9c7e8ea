"""Several changes as one statement: each round trip costs more than what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Write:
    """An INSERT, UPDATE or DELETE and the values it names; no two that go together name the same."""

    statement: str
    values: Mapping[str, Any]


async def write_together(connection: AsyncConnection, writes: Sequence[Write]) -> None:
    """All or none. None sees what another changes, so no two may change the same row; constraints are checked after
    the last of them."""
    if writes:
        values = {name: value for write in writes for name, value in write.values.items()}
        await connection.execute(_together(tuple(write.statement for write in writes)), values)


@cache
def _together(statements: tuple[str, ...]) -> TextClause:
    *others, last = statements
    before = ", ".join(f"w{n} AS ({statement})" for n, statement in enumerate(others))
    return text(f"WITH {before} {last}" if others else last)
