"""The interest of one debt as it runs: counted in whole cents, day after day, between payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.law.interest_stretches import Run, Stretch
from domain.money import Money


@dataclass(frozen=True, slots=True)
class InterestLine:
    """Interest between changes of the rate, payments and anniversaries, rounded half up to the cent."""

    invoice: str
    first: date
    last: date
    """Inclusive."""
    days: int
    percent: Decimal
    """A year."""
    base: Money
    """What is left of the principal, and of the interest added to it."""
    interest: Money
    source: str


class Counted(NamedTuple):
    """An interest line in ordinals and cents; `end` is exclusive."""

    first: int
    end: int
    stretch: Stretch
    base: int
    interest: int


class RunningDebt:
    """What is left of one invoice at the end of a day that only moves forward; all amounts in cents."""

    __slots__ = (
        "_at", "_counted", "_first", "_stretches", "_to",
        "capitalised", "due", "guessed_from", "interest", "invoice", "lines", "principal",
    )  # fmt: skip

    def __init__(self, invoice: str, principal: int, due: int, run: Run) -> None:
        self.invoice = invoice
        self.due = due
        self.principal = principal
        self.interest = 0
        """Unpaid and not capitalised."""
        self.capitalised = 0
        """Unpaid interest that bears interest itself."""
        self.lines: list[Counted] = []
        self.guessed_from = run.guessed_from
        self._stretches = run.stretches
        self._at = 0
        self._first = self._to = run.stretches[0].first if run.stretches else 0
        self._counted = 0
        """What the open line, `_first` up to `_to`, has come to: all of it is in `interest` or was paid."""

    @property
    def owed(self) -> int:
        return self.principal + self.capitalised + self.interest

    def percent_on(self, day: int) -> Decimal:
        """The rate that runs on the day it has run to; 0 while none does."""
        running = self._stretches and self._stretches[self._at].first <= day
        return self._stretches[self._at].percent if running else Decimal(0)

    def run_to(self, end: int) -> None:
        """Count the interest of all days before `end`."""
        while self._stretches and self.principal + self.capitalised:
            stretch = self._stretches[self._at]
            self._count(stretch, min(end, stretch.end))
            if end <= stretch.end or self._at + 1 == len(self._stretches):
                return
            self.close_line()
            self._at += 1
            if self._stretches[self._at].compounds:
                self.capitalised += self.interest
                self.interest = 0

    def pay(self, amount: int) -> tuple[int, int]:
        """Book at most what is owed, at the end of the day it has run to: what went to interest, to principal.

        Of the interest, first what is not capitalised: it bears none itself.
        """
        plain = min(amount, self.interest)
        capitalised = min(amount - plain, self.capitalised)
        principal = min(amount - plain - capitalised, self.principal)
        self.interest -= plain
        self.capitalised -= capitalised
        self.principal -= principal
        return plain + capitalised, principal

    def close_line(self) -> None:
        """Begin a new line on the next day: the rate changed, or a year of default or a payment came between."""
        if self._to > self._first:
            base = self.principal + self.capitalised
            self.lines.append(Counted(self._first, self._to, self._stretches[self._at], base, self._counted))
        self._first = self._to
        self._counted = 0

    def _count(self, stretch: Stretch, end: int) -> None:
        if end > self._to:
            twice = 2 * (self.principal + self.capitalised) * (end - self._first) * stretch.numerator
            interest = (twice + stretch.denominator) // (2 * stretch.denominator)  # half up to the cent
            self.interest += interest - self._counted
            self._counted = interest
            self._to = end
