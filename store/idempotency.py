"""Answers kept under the caller's own key, so that a request sent twice has its effect once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import idempotency_keys

KEPT_FOR: Final = timedelta(hours=48)
GIVEN_UP_AFTER: Final = timedelta(minutes=10)
"""A call still without an answer by then died with its process; its key is free again."""

_k = idempotency_keys.c


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    request_sha256: str
    status: int | None
    """None: the first call is still running."""
    headers: dict[str, str]
    body: bytes


async def claim_key(
    connection: AsyncConnection, prefix: str, key: str, request_sha256: str, now: datetime
) -> KeptAnswer | None:
    """None: the key is the caller's now. Otherwise what is kept under it."""
    row = {"prefix": prefix, "key": key, "request_sha256": request_sha256, "created_at": now}
    statement = insert(idempotency_keys).values(row)
    over = or_(
        _k.created_at < now - KEPT_FOR, and_(_k.status.is_(None), _k.created_at < now - GIVEN_UP_AFTER)
    )
    fresh = {
        "request_sha256": request_sha256,
        "created_at": now,
        "status": None,
        "headers": None,
        "body": None,
    }
    claimed = statement.on_conflict_do_update(index_elements=["prefix", "key"], set_=fresh, where=over)
    if (await connection.execute(claimed.returning(_k.key))).first() is not None:
        return None
    query = select(idempotency_keys).where(_k.prefix == prefix, _k.key == key)
    kept = (await connection.execute(query)).mappings().first()
    if kept is None:  # freed in between: the first call failed, and the caller may try again
        return KeptAnswer(request_sha256, None, {}, b"")
    return KeptAnswer(kept["request_sha256"], kept["status"], kept["headers"] or {}, kept["body"] or b"")


async def keep_answer(
    connection: AsyncConnection, prefix: str, key: str, *, status: int, headers: dict[str, str], body: bytes
) -> None:
    query = update(idempotency_keys).where(_k.prefix == prefix, _k.key == key)
    await connection.execute(query.values(status=status, headers=headers, body=body))


async def free_key(connection: AsyncConnection, prefix: str, key: str) -> None:
    await connection.execute(
        delete(idempotency_keys).where(_k.prefix == prefix, _k.key == key, _k.status.is_(None))
    )


async def purge_keys(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(idempotency_keys).where(_k.created_at < now - KEPT_FOR))
