"""Begin work on a case: nobody else may touch its debtor, and everything known is at hand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.tools import Tools
from domain.errors import DomainError
from domain.facts import Facts
from domain.policy import Policy
from store.lock_debtor import lock_debtor
from store.read_case import read_case


@dataclass(frozen=True, slots=True)
class OpenCase:
    facts: Facts
    policy: Policy
    event_known: bool


async def open_case(tools: Tools, tx: AsyncConnection, invoice_id: str, event_id: str = "") -> OpenCase:
    """Lock the debtor and read the case. Raises DomainError `unknown_invoice`."""
    await lock_debtor(tx, invoice_id)
    stored = await read_case(tx, invoice_id, event_id)
    if stored is None:
        raise DomainError("unknown_invoice", "no invoice has this id", invoice_id=invoice_id)
    policy = await tools.policy(tx, stored.policy_name, stored.policy_version)
    return OpenCase(stored.facts, policy, stored.event_known)
