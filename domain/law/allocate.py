"""What a payment pays: costs, then claim by claim its interest and its principal. Amounts are cents, days ordinals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from domain.law.interest import RunningDebt


class Booked(NamedTuple):
    """The part of one payment that went to one invoice; None: to costs alone."""

    invoice: str | None
    costs: int
    interest: int
    principal: int


class JointCosts:
    """The costs of one demand over all claims, owed from the day `since` on."""

    __slots__ = ("_since", "amount", "vat")

    def __init__(self, amount: int, vat: int, since: int) -> None:
        self.amount = amount
        self.vat = vat
        self._since = since

    def are_owed(self, day: int) -> bool:
        return day >= self._since

    def pay(self, amount: int, day: int) -> int:
        """What of `amount` went to the costs, and after them to their VAT."""
        if not self.are_owed(day):
            return 0
        costs = min(amount, self.amount)
        vat = min(amount - costs, self.vat)
        self.amount -= costs
        self.vat -= vat
        return costs + vat


def allocate(
    day: int, amount: int, designation: str | None, debts: Sequence[RunningDebt], costs: JointCosts
) -> tuple[list[Booked], int]:
    """Book a payment at the end of `day`; also what is left of it when nothing more is owed.

    Periods of interest end with it, whatever it pays: on that day the interest is a sum in whole cents.
    """
    for debt in debts:
        debt.run_to(day + 1)
        debt.close_line()
    to_costs = costs.pay(amount, day)
    left = amount - to_costs
    booked: list[Booked] = []
    for equals in _in_order(day, designation, debts):
        if not left:
            break
        for debt, share in _shares(equals, left):
            if share:
                booked.append(Booked(debt.invoice, 0 if booked else to_costs, *debt.pay(share)))
                left -= share
    if to_costs and not booked:
        booked.append(Booked(None, to_costs, 0, 0))
    return booked, left


def _in_order(day: int, designation: str | None, debts: Sequence[RunningDebt]) -> Iterator[list[RunningDebt]]:
    """What the debtor named, then what is due, the most burdensome and then the oldest first; equals together."""

    def rank(debt: RunningDebt) -> tuple[bool, Decimal, int]:
        # What is not due yet comes last by itself: it bears no interest and is the youngest.
        return debt.invoice != designation, -debt.percent_on(day), debt.due

    if len(debts) == 1:
        yield [debts[0]]
        return
    for _, equals in groupby(sorted((d for d in debts if d.owed), key=rank), key=rank):
        yield list(equals)


def _shares(debts: list[RunningDebt], amount: int) -> list[tuple[RunningDebt, int]]:
    """`amount`, or all that is owed if that is less, pro rata to what is owed; odd cents to the largest remainders."""
    owed = sum(debt.owed for debt in debts)
    if len(debts) == 1 or amount >= owed:
        return [(debt, min(amount, debt.owed)) for debt in debts]
    parts = [divmod(amount * debt.owed, owed) for debt in debts]
    odd = amount - sum(share for share, _ in parts)
    first = sorted(range(len(parts)), key=lambda i: -parts[i][1])[:odd]
    return [(debt, parts[i][0] + (i in first)) for i, debt in enumerate(debts)]
