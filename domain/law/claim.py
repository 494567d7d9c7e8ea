"""The claim: what one debtor owes on a day for one or more invoices, with how every cent of it came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from domain.facts import DebtorKind
from domain.law.allocate import Booked, JointCosts, allocate
from domain.law.cents import from_cents, to_cents
from domain.law.check_claim import check_claim
from domain.law.claim_basis import (
    allocation_basis,
    interest_basis,
    interest_remarks,
    payment_remarks,
)
from domain.law.claim_values import Allocation, Claim, ClaimInvoice, ClaimPayment
from domain.law.costs import Costs
from domain.law.country import supported_country
from domain.law.interest import InterestLine, RunningDebt
from domain.law.interest_stretches import run_of
from domain.law.interest_terms import InterestTerms, interest_terms
from domain.law.settings import LawSettings

__all__ = ["Allocation", "Claim", "ClaimInvoice", "ClaimPayment", "InterestLine", "claim"]

_DAY: Final = timedelta(days=1)


def claim(
    country: str,
    kind: DebtorKind,
    invoices: Sequence[ClaimInvoice],
    payments: Sequence[ClaimPayment],
    as_of: date,
    *,
    costs: Costs,
    settings: LawSettings,
    provisional: bool = False,
    interest_from: date | None = None,
    costs_from: date | None = None,
) -> Claim:
    """What may be claimed at the end of `as_of`.

    Interest counts from the day after an invoice was due, or from `interest_from` (inclusive) if that is
    later; `costs` are owed from the start, or from `costs_from` (inclusive). They are taken as they are: the caller
    computes them over what was unpaid when they fell due. Payments of one day are booked in the order given.
    """
    check_claim(invoices, payments, as_of, costs)
    country = supported_country(country)
    terms = interest_terms(country, kind, settings)
    debts = [_running(invoice, terms, interest_from, as_of, provisional=provisional) for invoice in invoices]
    joint = JointCosts(
        to_cents(costs.amount), to_cents(costs.vat), costs_from.toordinal() if costs_from else 0
    )
    counted = sorted((payment for payment in payments if payment.on <= as_of), key=lambda payment: payment.on)
    booked, surplus = _book(counted, debts, joint)
    last = as_of.toordinal()
    for debt in debts:
        debt.run_to(last + 1)
        debt.close_line()
    guess = _first_guess(debts)
    if guess and terms.table and not provisional:
        terms.table.at(guess)  # refuses: the rate of this day is not known yet
    currency = costs.amount.currency
    owed_costs, owed_vat = (joint.amount, joint.vat) if joint.are_owed(last) else (0, 0)
    principal = sum(debt.principal for debt in debts)
    interest = sum(debt.interest + debt.capitalised for debt in debts)
    return Claim(
        principal=from_cents(principal, currency),
        interest=from_cents(interest, currency),
        costs=from_cents(owed_costs, currency),
        vat_on_costs=from_cents(owed_vat, currency),
        total=from_cents(principal + interest + owed_costs + owed_vat, currency),
        provisional=guess is not None,
        interest_lines=tuple(_lines(debts, currency)),
        allocations=tuple(_allocation(on, part, currency) for on, part in booked),
        basis=(
            *costs.basis,
            *((f"the costs are owed from {costs_from}",) if costs_from else ()),
            *interest_basis(country, kind, terms, settings),
            *((f"interest counts from {interest_from}",) if interest_from else ()),
            *interest_remarks(country, terms, debts),
            *(
                (f"rates after {guess - _DAY} are not known yet: the last one is carried on",)
                if guess
                else ()
            ),
            *(allocation_basis(country, several=len(debts) > 1) if counted else ()),
            *payment_remarks(payments, as_of, from_cents(surplus, currency)),
        ),
        surplus=from_cents(surplus, currency),
        accrued=from_cents(sum(line.interest for debt in debts for line in debt.lines), currency),
    )


def _running(
    invoice: ClaimInvoice, terms: InterestTerms, interest_from: date | None, as_of: date, *, provisional: bool
) -> RunningDebt:
    default = invoice.due + _DAY
    first = max(default, interest_from) if interest_from else default
    run = run_of(terms, default, first, as_of, provisional=provisional)
    return RunningDebt(invoice.id, to_cents(invoice.principal), invoice.due.toordinal(), run)


def _book(
    payments: Sequence[ClaimPayment], debts: Sequence[RunningDebt], costs: JointCosts
) -> tuple[list[tuple[date, Booked]], int]:
    """Book the payments in turn; also what they brought beyond all that was owed."""
    booked: list[tuple[date, Booked]] = []
    surplus = 0
    for payment in payments:
        amount = to_cents(payment.amount)
        parts, left = allocate(payment.on.toordinal(), amount, payment.invoice, debts, costs)
        booked += [(payment.on, part) for part in parts]
        surplus += left
    return booked, surplus


def _first_guess(debts: Sequence[RunningDebt]) -> date | None:
    """The first day that bore interest at a rate which is only carried on."""
    days = [
        max(line.first, debt.guessed_from)
        for debt in debts
        for line in debt.lines
        if line.end > debt.guessed_from
    ]
    return date.fromordinal(min(days)) if days else None


def _lines(debts: Sequence[RunningDebt], currency: str) -> Iterator[InterestLine]:
    base, cents = from_cents(0, currency), 0
    for debt in debts:
        for line in debt.lines:
            if line.base != cents:
                base, cents = from_cents(line.base, currency), line.base
            yield InterestLine(
                debt.invoice,
                date.fromordinal(line.first),
                date.fromordinal(line.end - 1),
                line.end - line.first,
                line.stretch.percent,
                base,
                from_cents(line.interest, currency),
                line.stretch.source,
            )


def _allocation(on: date, part: Booked, currency: str) -> Allocation:
    return Allocation(
        on,
        part.invoice,
        from_cents(part.costs, currency),
        from_cents(part.interest, currency),
        from_cents(part.principal, currency),
    )
