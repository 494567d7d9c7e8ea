"""Keep every version of a policy that a case may refer to."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import DomainError
from store.tables import policies


async def add_policies(connection: AsyncConnection, sources: Mapping[tuple[str, int], str]) -> None:
    """Store the YAML of each (name, version).

    Raises DomainError `policy_changed` when a version that is known reads differently now: cases that run on it must
    not change under way, so an edited policy needs a new version number.
    """
    for (name, version), source in sources.items():
        digest = sha256(source.encode()).hexdigest()
        row = {"name": name, "version": version, "source": source, "sha256": digest}
        await connection.execute(insert(policies).values(row).on_conflict_do_nothing())
        query = select(policies.c.sha256).where(policies.c.name == name, policies.c.version == version)
        if (await connection.execute(query)).scalar_one() != digest:
            text = f"policy {name} was changed, but its version is still {version}: raise the version"
            raise DomainError("policy_changed", text, policy=name, version=version)
