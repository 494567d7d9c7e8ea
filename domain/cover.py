"""Which claims a debtor's unallocated cash would pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.facts import Facts
from domain.money import Money
from domain.policy import Policy


def heeding(facts: Facts, policy: Policy) -> Facts:
    """The facts as the policy wants them seen: without unallocated cash where it is to be ignored."""
    if facts.cash is None or policy.stale_money.hold_when_covered:
        return facts
    return replace(facts, cash=None)


def cover(cases: Sequence[Facts], cash: Money) -> Mapping[str, Money]:
    """By invoice, the part of `cash` that would go to it: the oldest due date first, else as given.

    Cases in another currency get nothing; what no claim needs is left out.
    """
    left, covered = cash, {}
    for facts in sorted(cases, key=lambda f: (f.due, f.issued)):
        if facts.currency != cash.currency or not left:
            continue
        part = min(left, facts.open)
        if part.is_positive:
            covered[facts.invoice_id] = part
            left -= part
    return covered
