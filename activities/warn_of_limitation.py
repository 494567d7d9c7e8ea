"""Tell a person in time that a claim is about to be time-barred."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.law.limitation import WARN_AHEAD
from domain.limitation import warn_of_limitation as with_warning
from intake.read_policy import read_policy
from store.find_time_barred import soon_time_barred
from store.lock_debtor import lock_debtor
from store.read_case import read_case
from store.read_policies import read_policy_source
from store.save_case import save_facts


async def warn_of_limitation(engine: AsyncEngine, now: datetime) -> int:
    """Open the tasks that are due today, each once however often this runs. How many claims it warned of."""
    async with engine.connect() as connection:
        # A day more than the longest warning, since the policy's zone may be ahead of UTC.
        found = await soon_time_barred(connection, now.date() + timedelta(days=max(WARN_AHEAD) + 1))
    warned = 0
    for invoice_id in found:
        async with engine.begin() as tx:
            await lock_debtor(tx, invoice_id)
            case = await read_case(tx, invoice_id)
            if case is None:
                continue
            source = await read_policy_source(tx, case.policy_name, case.policy_version)
            facts = with_warning(case.facts, read_policy(source, case.policy_name), now)
            await save_facts(tx, case.facts, facts)
            warned += facts is not case.facts
    return warned
