"""The claim on one case, from its facts: what the creditor may ask on a day, with how it came about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from domain.facts import DebtorKind, Facts, Term
from domain.law.charge import CostsDue, DebtorAccount, costs_due
from domain.law.claim import Claim, ClaimInvoice, ClaimPayment, claim
from domain.law.costs import Costs, currency_of
from domain.law.country import SUPPORTED
from domain.law.legal_step import must_warn_first, sent_letter
from domain.law.settings import CreditorSize, LegalStep
from domain.ledger import Entry, EntryKind, balance
from domain.money import Money
from domain.policy import Policy

_CREDITED: Final = frozenset(
    {EntryKind.CREDIT_NOTE, EntryKind.WAIVER, EntryKind.DISCOUNT, EntryKind.DISCOUNT_WITHDRAWN}
)
_NOBODY: Final = DebtorAccount()


def claim_of_case(
    facts: Facts,
    policy: Policy,
    on: date,
    account: DebtorAccount = _NOBODY,
    *,
    provisional: bool = False,
    part: Costs | None = None,
) -> Claim:
    """What may be claimed at the end of `on`, by what is known now: entries dated later do not count.

    Disputed parts are included; they are claimed, and not asked for. `part`: the case's part of costs that are one
    amount over several claims, where the caller has divided it. Raises DomainError `rate_not_known_yet` for a day
    beyond the rate tables unless `provisional`.
    """
    known = known_on(facts, on)
    zero = Money.zero(facts.currency)
    if facts.ending:
        return _nothing(zero, f"the case was closed: {facts.ending.value}")
    terms = _after_credits(known)
    due = [term for term in terms if term.due <= on]
    if not due or facts.country not in SUPPORTED:
        paid = sum((p.amount for p in _payments(known)), zero)
        owed = max(zero, sum((t.amount for t in terms), zero) - paid)
        return replace(_nothing(zero, _why_principal_alone(facts, terms, due)), principal=owed, total=owed)
    costs = _costs(known, policy, on, account, part)
    later = sum((t.amount for t in terms if t.due > on), zero)
    found = claim(
        facts.country,
        facts.debtor_kind,
        [ClaimInvoice(str(number), term.amount, term.due) for number, term in enumerate(due, 1)],
        _payments(known),
        on,
        costs=costs.costs,
        settings=policy.law,
        provisional=provisional,
        interest_from=_interest_from(known, policy, on),
        costs_from=costs.since,
    )
    return replace(found, principal=found.principal + later, total=found.total + later) if later else found


def known_on(facts: Facts, on: date) -> Facts:
    """The facts with the ledger as it is at the end of a day."""
    known = tuple(e for e in facts.entries if e.on <= on)
    return facts if known == facts.entries else replace(facts, entries=known)


def _why_principal_alone(facts: Facts, terms: list[Term], due: list[Term]) -> str:
    if not terms:
        return "all of it was credited or waived"
    if not due:
        return f"not due before {terms[0].due}"
    return f"the law of {facts.country} is not known to Termijn"


def _nothing(zero: Money, basis: str) -> Claim:
    return Claim(
        principal=zero,
        interest=zero,
        costs=zero,
        vat_on_costs=zero,
        total=zero,
        provisional=False,
        interest_lines=(),
        allocations=(),
        basis=(basis,),
        surplus=zero,
        accrued=zero,
    )


def _after_credits(facts: Facts) -> list[Term]:
    """The terms less what was credited or waived, the last one first; what is left of none is left out."""
    credit = -balance((e for e in facts.entries if e.kind in _CREDITED), facts.currency)
    credit -= balance((e for e in facts.entries if e.key.startswith("surplus/credit_note/")), facts.currency)
    zero, left = Money.zero(facts.currency), []
    for term in sorted(facts.terms, key=lambda t: t.due, reverse=True):
        taken = min(credit, term.amount) if credit.is_positive else zero
        credit -= taken
        if term.amount > taken:
            left.append(Term(term.due, term.amount - taken))
    return left[::-1]


def _payments(facts: Facts) -> list[ClaimPayment]:
    """What was received and kept: without what was reversed, or moved to the debtor's credit."""
    by_key = {entry.key: entry for entry in facts.entries}
    payments = []
    for entry in facts.entries:
        if entry.kind is EntryKind.PAYMENT:
            surplus = by_key.get(f"surplus/{entry.key}")
            kept = -entry.amount - surplus.amount if surplus else -entry.amount
            if f"reversal/{entry.key.removeprefix('payment/')}" not in by_key and kept.is_positive:
                payments.append(ClaimPayment(entry.on, kept))
        elif entry.kind is EntryKind.SURPLUS_RETURNED:
            payments.append(ClaimPayment(entry.on, -entry.amount))
    return payments


def _costs(facts: Facts, policy: Policy, on: date, account: DebtorAccount, part: Costs | None) -> CostsDue:
    """Charged costs and fees as they were charged; else what the law lets the creditor claim now."""
    charges = [e for e in facts.entries if e.kind in (EntryKind.COSTS, EntryKind.FEE)]
    if not any(e.kind is EntryKind.COSTS for e in charges):
        due = _costs_by_law(facts, policy, on, account)
        if part and due.since:
            due = replace(due, costs=part)
        if not charges:
            return due
        with_fees = replace(due.costs, amount=due.costs.amount + _sum(charges, facts))
        return CostsDue(with_fees, due.since or charges[0].on)
    vat = _sum([e for e in charges if e.key.startswith("vat_on_costs/")], facts)
    basis = f"charged on {charges[0].on}"
    return CostsDue(Costs(_sum(charges, facts) - vat, vat, (basis,)), charges[0].on)


def _costs_by_law(facts: Facts, policy: Policy, on: date, account: DebtorAccount) -> CostsDue:
    currency = currency_of(facts.country)
    if facts.currency == currency:
        return costs_due(facts, policy, on, account)
    zero = Money.zero(facts.currency)
    why = f"no costs: the law of {facts.country} names amounts in {currency}, not in {facts.currency}"
    return CostsDue(Costs(zero, zero, (why,)), None)


def _sum(entries: list[Entry], facts: Facts) -> Money:
    return balance(entries, facts.currency)


def _interest_from(facts: Facts, policy: Policy, on: date) -> date | None:
    """First day of interest where that is not the day after the due date: Belgian consumers (art. XIX.4 CEL)."""
    if must_warn_first(facts) is not LegalStep.BE_FIRST_REMINDER:
        return None
    never = on + timedelta(days=1)
    letter = sent_letter(facts, policy, LegalStep.BE_FIRST_REMINDER)
    if letter is None or not policy.law.costs_clause or facts.debtor_kind is DebtorKind.BUSINESS:
        return never
    if on < letter.window.costs_from:
        return never  # nothing is due if the debt is paid within the term
    return (
        letter.sent + timedelta(days=1)
        if policy.law.creditor_size is CreditorSize.SME
        else letter.window.costs_from
    )
