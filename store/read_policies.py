"""Policies as they were stored."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import policies


async def read_policy_source(connection: AsyncConnection, name: str, version: int) -> str:
    """The YAML of one version; the foreign key of every case guarantees that it is there."""
    query = select(policies.c.source).where(policies.c.name == name, policies.c.version == version)
    source: str = (await connection.execute(query)).scalar_one()
    return source


async def read_latest_policy_sources(connection: AsyncConnection) -> dict[str, str]:
    """The YAML of the newest version of each policy, by name."""
    query = (
        select(policies.c.name, policies.c.source)
        .ext(distinct_on(policies.c.name))
        .order_by(policies.c.name, policies.c.version.desc())
    )
    return {row.name: row.source for row in await connection.execute(query)}
