"""Stored cases with the policies they follow, by debtor."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.bundle import Case
from domain.policy import Policy
from intake.read_policy import read_policy
from store.open_cases_of import open_cases_of
from store.read_policies import read_policy_source


class StoredCases:
    """Keeps the policies it has read: a stored version never changes."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._policies: dict[tuple[str, int], Policy] = {}

    async def of(self, debtor_ids: Sequence[str]) -> dict[str, list[Case]]:
        """All open cases of each."""
        found: dict[str, list[Case]] = {id_: [] for id_ in debtor_ids}
        for stored in await open_cases_of(self._connection, debtor_ids):
            policy = await self._policy(stored.policy_name, stored.policy_version)
            found[stored.facts.debtor_id].append(Case(stored.facts, policy))
        return found

    async def _policy(self, name: str, version: int) -> Policy:
        if (name, version) not in self._policies:
            source = await read_policy_source(self._connection, name, version)
            self._policies[name, version] = read_policy(source, name)
        return self._policies[name, version]
