"""First decisions on new invoices of debtors and creditors of whom something is known already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cover import heeding
from domain.next_move import next_move
from domain.policy import Policy
from store.read_case import read_cases
from store.save_case import save_decisions

_NEW: Final = "invoices i WHERE i.id = ANY(CAST(:ids AS uuid[]))"
_HELD: Final = (
    "h.lifted_at IS NULL AND h.creditor_id = i.creditor_id AND coalesce(h.debtor_id = i.debtor_id, true)"
)
_STALE: Final = """i.reasons @> '[{"code": "stale_bank_data"}]'"""
# Whoever lifts a hold or books a statement waits for us, and then tells these cases too: else they might never wake.
_LOCKS: Final = (
    f"SELECT h.id FROM standing_holds h WHERE EXISTS (SELECT 1 FROM {_NEW} AND {_HELD}) FOR SHARE",  # noqa: S608
    f"SELECT c.id FROM creditors c WHERE c.id IN (SELECT i.creditor_id FROM {_NEW} AND {_STALE}) FOR SHARE",  # noqa: S608
)
_CONCERNED: Final = text(
    f"""
    SELECT i.id::text FROM {_NEW} AND ({_STALE}
        OR EXISTS (SELECT 1 FROM standing_holds h WHERE {_HELD})
        OR EXISTS (SELECT 1 FROM contacts k WHERE k.debtor_id = i.debtor_id)
        OR EXISTS (SELECT 1 FROM unallocated_cash u WHERE u.debtor_id = i.debtor_id AND u.amount > 0)
        OR EXISTS (SELECT 1 FROM debtor_credits k WHERE k.debtor_id = i.debtor_id))
    """  # noqa: S608 - constants only
)


async def heed_debtors(
    tx: AsyncConnection, ids: Collection[str], policies: Mapping[str, Policy], now: datetime
) -> None:
    """Decide anew on those that are on hold, whose debtor was contacted or has paid what is not allocated, or that
    seem to lack a bank statement. They were just added, so `policies` has theirs."""
    named = {"ids": list(ids)}
    for lock in _LOCKS:
        await tx.execute(text(lock), named)
    concerned = (await tx.execute(_CONCERNED, named)).scalars().all()
    decided = []
    for stored in await read_cases(tx, concerned) if concerned else ():
        policy = policies[stored.policy_name]
        facts = heeding(stored.facts, policy)
        decided.append((facts, policy, next_move(facts, policy, now)))
    await save_decisions(tx, decided, now)
