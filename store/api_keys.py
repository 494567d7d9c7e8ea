"""Keys that callers of the API show. Only hashes are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import api_keys


async def add_api_key(
    connection: AsyncConnection,
    *,
    prefix: str,
    sha256: str,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
) -> None:
    row = {"prefix": prefix, "sha256": sha256, "name": name, "scopes": list(scopes), "expires_at": expires_at}
    await connection.execute(insert(api_keys).values(row))


async def find_api_key(connection: AsyncConnection, prefix: str) -> Mapping[Any, Any] | None:
    """The row of a key by its public part."""
    query = select(api_keys).where(api_keys.c.prefix == prefix)
    return (await connection.execute(query)).mappings().first()


async def mark_api_key_used(connection: AsyncConnection, prefix: str, at: datetime) -> None:
    await connection.execute(update(api_keys).where(api_keys.c.prefix == prefix).values(last_used_at=at))


async def revoke_api_key(connection: AsyncConnection, prefix: str, at: datetime) -> bool:
    """False: no such key, or revoked before."""
    query = update(api_keys).where(api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
    revoked = await connection.execute(query.values(revoked_at=at).returning(api_keys.c.prefix))
    return revoked.first() is not None
