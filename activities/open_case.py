"""Begin work on a case: nobody else may touch its debtor, and everything known is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.tools import Tools
from domain.bundle import Case
from domain.cover import heeding
from domain.errors import DomainError
from domain.facts import Facts
from domain.policy import Policy
from store.read_case import StoredCase, lock_and_read_case, read_cases, read_open_cases


class KnowsPolicies(Protocol):
    async def policy(self, connection: AsyncConnection, name: str, version: int) -> Policy: ...


@dataclass(frozen=True, slots=True)
class OpenCase:
    facts: Facts
    policy: Policy
    event_known: bool
    has_others: bool
    """The debtor has other open invoices."""


async def open_case(tools: Tools, tx: AsyncConnection, invoice_id: str, event_id: str = "") -> OpenCase:
    """Lock the debtor and read the case. Raises DomainError `unknown_invoice`."""
    stored = await lock_and_read_case(tx, invoice_id, event_id)
    if stored is None:
        raise DomainError("unknown_invoice", "no invoice has this id", invoice_id=invoice_id)
    policy = await tools.policy(tx, stored.policy_name, stored.policy_version)
    return OpenCase(heeding(stored.facts, policy), policy, stored.event_known, stored.has_others)


async def others_of(tools: Tools, tx: AsyncConnection, opened: OpenCase) -> list[Case]:
    """The other open cases of the debtor, which is locked; oldest invoice first."""
    if not opened.has_others:
        return []
    found = await read_open_cases(tx, opened.facts.debtor_id)
    return [await _case(tools, tx, s) for s in found if s.facts.invoice_id != opened.facts.invoice_id]


async def open_cases(tools: Tools, tx: AsyncConnection, ids: Sequence[str]) -> dict[str, Case]:
    """These cases by id; their debtor is locked."""
    return {s.facts.invoice_id: await _case(tools, tx, s) for s in await read_cases(tx, ids)}


async def cases_of_debtor(tools: KnowsPolicies, connection: AsyncConnection, debtor_id: str) -> list[Case]:
    """Every open case of the debtor, oldest invoice first; for those who only look."""
    return [await _case(tools, connection, s) for s in await read_open_cases(connection, debtor_id)]


async def _case(tools: KnowsPolicies, tx: AsyncConnection, stored: StoredCase) -> Case:
    policy = await tools.policy(tx, stored.policy_name, stored.policy_version)
    return Case(heeding(stored.facts, policy), policy)
