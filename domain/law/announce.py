"""What a legal notice must say will follow: costs to the cent, and the interest that runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.errors import DomainError
from domain.facts import DebtorKind, Facts
from domain.law.charge import DebtorAccount, charged, is_small_term, open_principal
from domain.law.costs import collection_costs
from domain.law.instalment_costs import instalment_costs
from domain.law.legal_step import is_belgian_consumer
from domain.law.rates import statutory_rates
from domain.law.settings import LegalStep
from domain.ledger import EntryKind
from domain.money import Money
from domain.policy import Policy, Step


@dataclass(frozen=True, slots=True)
class Announced:
    """`costs` are for all claims together, without VAT; None: none will be claimed."""

    costs: Money | None
    vat: Money | None
    interest_percent: Decimal | None
    interest_from: date | None


def announced(
    step: Step, cases: Sequence[Facts], policy: Policy, today: date, account: DebtorAccount
) -> Announced:
    """What the letter of `step` announces about these claims of one debtor, in one currency; the first is its own."""
    lead = cases[0]
    if is_belgian_consumer(lead) and not policy.law.costs_clause:
        return Announced(None, None, None, None)
    costs, vat = _costs(step, cases, policy, today, account)
    try:
        percent = policy.law.contractual_rate
        if percent is None:
            percent = statutory_rates(lead.country, lead.debtor_kind).at(today, provisional=True).percent
    except DomainError:  # no rate runs for such a debtor
        return Announced(costs, vat, None, None)
    starts = None if is_belgian_consumer(lead) else min(c.due for c in cases) + timedelta(days=1)
    return Announced(costs, vat, percent, starts)


def _costs(
    step: Step, cases: Sequence[Facts], policy: Policy, today: date, account: DebtorAccount
) -> tuple[Money | None, Money | None]:
    lead = cases[0]
    consumer = lead.debtor_kind is not DebtorKind.BUSINESS
    if consumer and step.legal is LegalStep.FORMAL_NOTICE:
        return None, None  # to a consumer only the country's own letter makes costs due
    principals = [open_principal(c, today) for c in cases if not charged(c, EntryKind.COSTS)]
    if not principals:
        return None, None  # charged already
    try:
        vat = policy.law.vat_on_costs and lead.country == "NL"
        costs = collection_costs(lead.country, lead.debtor_kind, principals, vat=vat)
    except DomainError:  # another country or currency: what the law there allows is not known
        return None, None
    if lead.country == "NL" and consumer and policy.law.recurring and is_small_term(lead):
        capped = instalment_costs(lead.terms[0].amount, account.costs_in_six_months)
        costs = capped if capped.amount < costs.amount else costs
    return costs.amount or None, costs.vat or None
