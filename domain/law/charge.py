"""What a step may add to the claim on the day it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from domain.facts import DebtorKind, Facts
from domain.law.costs import Costs, collection_costs, minimum_costs
from domain.law.instalment_costs import FREE_REMINDERS, SMALL_TERM, instalment_costs
from domain.law.legal_step import must_warn_first, sent_letter
from domain.ledger import CHARGES, Entry, EntryKind, balance
from domain.money import CENT, Money
from domain.policy import Policy, Step


@dataclass(frozen=True, slots=True)
class DebtorAccount:
    """What the debtor's other claims and earlier charges add to a charge on this one."""

    together: tuple[Money, ...] = ()
    """Principal still owed on the other claims that the same letter demanded."""
    costs_together: Money | None = None
    """Collection costs charged on those so far."""
    costs_in_six_months: tuple[Money, ...] = ()
    """Collection costs charged to this debtor in the six months before."""
    reminders_this_year: int = 0
    """Unpaid due dates of this calendar year for which the debtor was reminded."""


@dataclass(frozen=True, slots=True)
class CostsDue:
    """Collection costs that may be claimed, and from which day; `since` None: not yet, as `costs.basis` says."""

    costs: Costs
    since: date | None


@dataclass(frozen=True, slots=True)
class Demanded:
    """One line of a letter: the principal it demands, and the collection costs charged on it so far."""

    principal: Money
    costs: Money


def demanded(facts: Facts, on: date) -> Demanded:
    """What a letter of that day demands of one claim, and has charged for all."""
    costs = (e for e in facts.entries if e.kind is EntryKind.COSTS and not e.key.startswith("vat_on_costs/"))
    return Demanded(open_principal(facts, on), balance(costs, facts.currency))


def beside(account: DebtorAccount, step: Step, facts: Facts, lines: Mapping[str, Demanded]) -> DebtorAccount:
    """The account for a charge in the very letter that demands all its lines: their costs are one amount.

    `lines`: what each demands, by invoice.
    """
    if step.legal is None:
        return account
    currency = facts.currency
    others = [d for id_, d in lines.items() if id_ != facts.invoice_id and d.principal.currency == currency]
    # Looks at every line for every line: plain comparisons, since a notice may have hundreds.
    costs = [d.costs.amount for d in others if d.costs.amount]
    together = [d.principal for d in others if d.principal.amount]
    return replace(account, together=tuple(together), costs_together=Money(sum(costs, Decimal(0)), currency))


def open_principal(facts: Facts, on: date) -> Money:
    """What is overdue on a day without charges, as if every payment had gone to the principal: the base of costs."""
    charged = balance((e for e in facts.entries if e.kind in CHARGES), facts.currency)
    return max(Money.zero(facts.currency), facts.due_by(on) - facts.disputed - charged)


def charged(facts: Facts, kind: EntryKind) -> Money:
    return balance((e for e in facts.entries if e.kind is kind), facts.currency)


def costs_due(facts: Facts, policy: Policy, on: date, account: DebtorAccount) -> CostsDue:
    """The costs that the law lets the creditor claim on this invoice on a day, whether charged or not.

    Of costs that are one amount over several claims this is the invoice's share.
    """
    principal, none = open_principal(facts, on), Money.zero(facts.currency)
    if on <= facts.due or not principal:
        return CostsDue(Costs(none, none, ("no costs: nothing is overdue",)), None)
    letter_kind = must_warn_first(facts)
    since = facts.due + timedelta(days=1)
    if letter_kind:
        letter = sent_letter(facts, policy, letter_kind)
        if letter is None:
            return CostsDue(Costs(none, none, (f"no costs before the {letter_kind.value} has left",)), None)
        since = letter.window.costs_from
        if on < since:
            return CostsDue(Costs(none, none, (f"no costs before {since}: the letter's term runs",)), None)
    if facts.country == "BE" and facts.debtor_kind is not DebtorKind.BUSINESS and not policy.law.costs_clause:
        return CostsDue(Costs(none, none, ("no indemnity: no clause was agreed (law.costs_clause)",)), None)
    if not counts_together(facts):
        return CostsDue(minimum_costs(facts.country, facts.debtor_kind, [principal]), since)
    vat = policy.law.vat_on_costs and facts.country == "NL"
    whole = collection_costs(facts.country, facts.debtor_kind, [principal, *account.together], vat=vat)
    share = _share(whole, principal, account)
    if facts.country == "BE":  # the cap of the claim alone may be lower than its part
        alone = collection_costs(facts.country, facts.debtor_kind, [principal])
        share = alone if alone.amount < share.amount else share
    if facts.country == "NL" and letter_kind and policy.law.recurring and is_small_term(facts):
        capped = instalment_costs(facts.terms[0].amount, account.costs_in_six_months)
        share = capped if capped.amount < share.amount else share
    return CostsDue(share, since)


def charges_of(
    step: Step, facts: Facts, policy: Policy, on: date, account: DebtorAccount, accrued: Money
) -> tuple[Entry, ...]:
    """The ledger entries of a step that leaves on `on`; `accrued` is all interest to that day, paid or not.

    What was charged before is never charged again.
    """
    zero, at = Money.zero(facts.currency), f"{facts.cycle}/{step.key}"
    wanted: list[Entry] = []
    if step.charges.costs and not charged(facts, EntryKind.COSTS):
        due = costs_due(facts, policy, on, account)
        if due.since:
            wanted.append(Entry(f"costs/{at}", EntryKind.COSTS, due.costs.amount, on))
            wanted.append(Entry(f"vat_on_costs/{at}", EntryKind.COSTS, due.costs.vat, on))
    if step.charges.interest:
        wanted.append(
            Entry(f"interest/{at}", EntryKind.INTEREST, accrued - charged(facts, EntryKind.INTEREST), on)
        )
    if step.charges.fee is not None and _fee_is_free_to_ask(facts, policy, account):
        wanted.append(Entry(f"fee/{at}", EntryKind.FEE, Money(step.charges.fee, facts.currency), on))
    booked = {entry.key for entry in facts.entries}
    return tuple(e for e in wanted if e.amount > zero and e.key not in booked)


def _fee_is_free_to_ask(facts: Facts, policy: Policy, account: DebtorAccount) -> bool:
    """Belgian consumers with a recurring contract: three reminders a calendar year are free (art. XIX.3 CEL)."""
    if facts.country == "BE" and facts.debtor_kind is not DebtorKind.BUSINESS and policy.law.recurring:
        return account.reminders_this_year >= FREE_REMINDERS
    return True


def _share(whole: Costs, principal: Money, account: DebtorAccount) -> Costs:
    """This claim's part of one amount over several, by principal; never more than the others have left of it."""
    if not account.together:
        return whole
    part = principal.amount / sum((m.amount for m in account.together), principal.amount)
    # Down, so that the parts never come to more than the whole.
    amount = min(_part(whole.amount, part), _left(whole.amount, account))
    vat = _part(whole.vat, part)
    basis = (*whole.basis, f"this claim's part of one amount of {whole.amount} over all claims in the letter")
    return Costs(amount, vat, basis)


def _left(whole: Money, account: DebtorAccount) -> Money:
    zero = Money.zero(whole.currency)
    return max(zero, whole - account.costs_together) if account.costs_together else whole


def _part(whole: Money, part: Decimal) -> Money:
    return Money((whole.amount * part).quantize(CENT, ROUND_DOWN), whole.currency)


def is_small_term(facts: Facts) -> bool:
    """Whether the maximum for instalments of a recurring contract holds (art. 2a BIK decree)."""
    return facts.currency == "EUR" and all(term.amount.amount < SMALL_TERM for term in facts.terms)


def counts_together(facts: Facts) -> bool:
    """Whether costs are one amount over all claims that were demanded. Else each claim has its fixed sum, or none."""
    return must_warn_first(facts) is not None or (facts.country == "NL" and _was_demanded(facts))


def _was_demanded(facts: Facts) -> bool:
    """Whether any notice about the claim has left: what a business is charged beyond the minimum follows a demand."""
    return any(taken.notice_id and taken.asked for taken in facts.steps)
