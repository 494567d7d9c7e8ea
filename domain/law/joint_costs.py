"""Costs that are one amount over several claims on one debtor, divided among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise

from domain.facts import Facts
from domain.law import netherlands
from domain.law.charge import (
    DebtorAccount,
    charged,
    costs_due,
    counts_together,
    is_small_term,
    open_principal,
)
from domain.law.costs import Costs, collection_costs, currency_of
from domain.law.legal_step import must_warn_first
from domain.ledger import EntryKind, balance
from domain.money import CENT, Money
from domain.policy import Policy


def joint_costs(cases: Sequence[tuple[Facts, Policy]], on: date) -> Mapping[str, Costs]:
    """By invoice, its part of the costs that may be claimed on `on` for all claims together, by what is owed of each.

    The facts are those of one debtor in one currency, with the ledger as it is on that day. The parts add up to the
    whole to the cent, but for Belgian claims that alone cost less than their part. What was charged on some of the
    claims is taken from what is left for the others. Empty if there is nothing to divide.
    """
    joint = [(facts, policy) for facts, policy in cases if _takes_part(facts, policy, on)]
    if len(joint) < 2:
        return {}
    first = joint[0][0]
    principals = [open_principal(facts, on) for facts, _ in joint]
    whole = collection_costs(first.country, first.debtor_kind, principals)
    left = max(Money.zero(first.currency), whole.amount - _charged(joint))
    found: dict[str, Costs] = {}
    basis = (*whole.basis, f"this claim's part of one amount of {whole.amount} over {len(joint)} claims")
    for (facts, _), part in zip(joint, divide(whole.amount, principals), strict=True):
        if not charged(facts, EntryKind.COSTS):
            amount = min(part, left, *_most_in_belgium(facts, on))
            left -= amount
            found[facts.invoice_id] = Costs(amount, Money.zero(first.currency), basis)
    return _with_vat(found, [facts.invoice_id for facts, policy in joint if policy.law.vat_on_costs])


def divide(whole: Money, weights: Sequence[Money]) -> list[Money]:
    """Parts in proportion to the weights, each within a cent of it; their sum is `whole`."""
    total = sum((weight.amount for weight in weights), Decimal(0))
    reached = [
        (whole.amount * weight / total).quantize(CENT, ROUND_HALF_UP)
        for weight in accumulate((weight.amount for weight in weights), initial=Decimal(0))
    ]
    return [Money(after - before, whole.currency) for before, after in pairwise(reached)]


def _most_in_belgium(facts: Facts, on: date) -> tuple[Money, ...]:
    """The cap of the claim alone: it jumps at EUR 150, so that a part of the whole may be above it."""
    if facts.country != "BE":
        return ()
    return (collection_costs(facts.country, facts.debtor_kind, [open_principal(facts, on)]).amount,)


def _takes_part(facts: Facts, policy: Policy, on: date) -> bool:
    if (
        not counts_together(facts)
        or facts.currency != currency_of(facts.country)
        or not open_principal(facts, on)
    ):
        return False
    if facts.country == "NL" and must_warn_first(facts) and policy.law.recurring and is_small_term(facts):
        return False  # small terms have a maximum of their own
    return bool(charged(facts, EntryKind.COSTS) or costs_due(facts, policy, on, DebtorAccount()).since)


def _charged(joint: Sequence[tuple[Facts, Policy]]) -> Money:
    """Without VAT."""
    charges = [
        entry
        for facts, _ in joint
        for entry in facts.entries
        if entry.kind is EntryKind.COSTS and not entry.key.startswith("vat_on_costs/")
    ]
    return balance(charges, joint[0][0].currency)


def _with_vat(parts: Mapping[str, Costs], taxed: Sequence[str]) -> Mapping[str, Costs]:
    """The parts, those of Dutch creditors who declared it with their part of the VAT over what is claimed of them."""
    amounts = {invoice: parts[invoice].amount for invoice in taxed if invoice in parts}
    claimed = sum((amount.amount for amount in amounts.values()), Decimal(0))
    if not claimed:
        return parts
    vat = Money(netherlands.vat_on(claimed), "EUR")
    shares = dict(zip(amounts, divide(vat, list(amounts.values())), strict=True))
    return {
        invoice: Costs(costs.amount, shares[invoice], (*costs.basis, netherlands.VAT_BASIS))
        if invoice in shares
        else costs
        for invoice, costs in parts.items()
    }
