"""The claims on one debtor together: costs that are one amount over several of them are claimed once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from domain.facts import Facts
from domain.law.charge import DebtorAccount, charged
from domain.law.claim import Claim
from domain.law.claim_of_case import claim_of_case, known_on
from domain.law.joint_costs import joint_costs
from domain.ledger import EntryKind
from domain.money import Money
from domain.policy import Policy

_SIX_MONTHS = timedelta(days=184)
"""Never less: what was charged in them limits what small terms may cost."""


@dataclass(frozen=True, slots=True)
class DebtorClaim:
    """What a debtor owes in one currency: the sums of the claims, which are in the order of the cases."""

    currency: str
    principal: Money
    interest: Money
    costs: Money
    vat_on_costs: Money
    total: Money
    provisional: bool
    claims: tuple[tuple[str, Claim], ...]
    """With the id of the invoice."""


def claim_of_debtor(
    cases: Sequence[tuple[Facts, Policy]], on: date, *, provisional: bool = False
) -> tuple[DebtorClaim, ...]:
    """What may be claimed of one debtor at the end of `on`, by currency. Raises what `claim_of_case` raises."""
    currencies = sorted({facts.currency for facts, _ in cases})
    return tuple(
        _claim_in(
            currency, [case for case in cases if case[0].currency == currency], on, provisional=provisional
        )
        for currency in currencies
    )


def _claim_in(
    currency: str, cases: Sequence[tuple[Facts, Policy]], on: date, *, provisional: bool
) -> DebtorClaim:
    known = [(known_on(facts, on), policy) for facts, policy in cases]
    parts = joint_costs(known, on)
    earlier = _charged_lately((facts for facts, _ in known), on)
    claims: list[tuple[str, Claim]] = []
    for facts, policy in known:
        part = parts.get(facts.invoice_id)
        account = DebtorAccount(costs_in_six_months=tuple(earlier))
        found = claim_of_case(facts, policy, on, account, provisional=provisional, part=part)
        if not charged(facts, EntryKind.COSTS):
            earlier.append(sum((line.costs for line in found.allocations), found.costs))
        claims.append((facts.invoice_id, found))
    return _sum(currency, tuple(claims))


def _charged_lately(cases: Iterable[Facts], on: date) -> list[Money]:
    return [
        entry.amount
        for facts in cases
        for entry in facts.entries
        if entry.kind is EntryKind.COSTS and entry.on > on - _SIX_MONTHS
    ]


def _sum(currency: str, claims: tuple[tuple[str, Claim], ...]) -> DebtorClaim:
    def total(part: str) -> Money:
        return sum(map(attrgetter(part), (claim for _, claim in claims)), Money.zero(currency))

    return DebtorClaim(
        currency=currency,
        principal=total("principal"),
        interest=total("interest"),
        costs=total("costs"),
        vat_on_costs=total("vat_on_costs"),
        total=total("total"),
        provisional=any(claim.provisional for _, claim in claims),
        claims=claims,
    )
