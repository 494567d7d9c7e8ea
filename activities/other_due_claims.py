"""The other claims that a legal letter must name: it demands all that is due at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.tools import Tools
from domain.facts import DebtorKind, Facts
from domain.law.charge import is_small_term
from domain.next_move import stage_of
from domain.policy import Policy, Step
from domain.stages import Stage
from store.read_case import read_open_cases

_CHASED = frozenset({Stage.CHASING, Stage.AWAITING_APPROVAL})


async def other_due_claims(
    tools: Tools, tx: AsyncConnection, facts: Facts, policy: Policy, step: Step, now: datetime
) -> list[Facts]:
    """Claims on the same debtor in the same currency that are overdue and that nothing suspends, oldest first.

    None for a courtesy step or a hand-over, and none for a small instalment, which needs a letter of its own (art. 2a
    BIK decree). They keep their own place on the ladder.
    """
    if step.legal is None or (policy.law.recurring and _shares_a_maximum(facts)):
        return []
    others = []
    for stored in await read_open_cases(tx, facts.debtor_id):
        other = stored.facts
        if other.invoice_id == facts.invoice_id or other.currency != facts.currency:
            continue
        rules = await tools.policy(tx, stored.policy_name, stored.policy_version)
        if other.chaseable and stage_of(other, rules, now) in _CHASED:
            others.append(other)
    return others


def _shares_a_maximum(facts: Facts) -> bool:
    return facts.country == "NL" and facts.debtor_kind is not DebtorKind.BUSINESS and is_small_term(facts)
