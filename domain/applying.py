"""What every handler of an event works with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.errors import DomainError
from domain.events import Event
from domain.facts import Facts
from domain.ledger import SURPLUSES, Entry
from domain.money import Money
from domain.policy import Policy


class DoesNotFit(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """The event is recorded and reported, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Applying:
    """One event on its way into the facts of its case."""

    facts: Facts
    event: Event
    policy: Policy
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.policy.zone).date()

    @property
    def money(self) -> Money:
        if self.event.amount is None:
            raise DoesNotFit("missing_field", f"{self.event.kind} needs an amount", field="amount")
        return self.event.amount

    @property
    def day(self) -> date:
        if self.event.on is None:
            raise DoesNotFit("missing_field", f"{self.event.kind} needs a date", field="on")
        return self.event.on


def refuse_if(wrong: bool, code: str, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if wrong:
        raise DoesNotFit(code, message)


def book(facts: Facts, entries: tuple[Entry, ...]) -> Facts:
    """The facts with these entries; surpluses are booked on the debtor's credit too."""
    moved = tuple(e for e in entries if e.kind in SURPLUSES)
    return replace(facts, entries=facts.entries + entries, credits=facts.credits + moved)
