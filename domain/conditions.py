"""Whether a step's `when` is true of a case."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from domain.facts import DebtorKind, Facts
from domain.policy import Condition


def holds_for(condition: Condition, facts: Facts) -> bool:
    """Everything that is named must be true. A debtor of unknown kind counts as a consumer too."""
    kinds = {facts.debtor_kind}
    if facts.debtor_kind is DebtorKind.UNKNOWN:
        kinds.add(DebtorKind.CONSUMER)
    c = condition
    return (
        _reaches(c.amount_at_least, facts)
        and not (c.amount_below is not None and _reaches(c.amount_below, facts))
        and (c.kinds is None or not kinds.isdisjoint(c.kinds))
        and (c.countries is None or facts.country in c.countries)
        and (c.segments is None or facts.segment in c.segments)
        and (c.tags is None or not facts.tags.isdisjoint(c.tags))
        and (c.behaviours is None or facts.behaviour in c.behaviours)
        and (c.mandate is None or facts.mandate is c.mandate)
    )


def _reaches(amounts: Mapping[str, Decimal] | None, facts: Facts) -> bool:
    """Whether the open amount is at least the one of its currency; a currency that is not named is not reached."""
    if amounts is None:
        return True
    least = amounts.get(facts.currency)
    return least is not None and facts.open.amount >= least
