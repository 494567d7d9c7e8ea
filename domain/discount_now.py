"""Where the discount of an invoice stands, for people who look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.apply_money import discount_of
from domain.facts import Facts
from domain.ledger import EntryKind, balance
from domain.money import Money

_BOOKED = frozenset({EntryKind.DISCOUNT, EntryKind.DISCOUNT_WITHDRAWN})


class DiscountState(StrEnum):
    OFFERED = "offered"
    EARNED = "earned"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class DiscountNow:
    percent: Decimal
    until: date
    amount: Money
    """What was given once it is earned; until then what would be."""
    state: DiscountState


def discount_now(facts: Facts, today: date) -> DiscountNow | None:
    """None: the invoice offers none. A policy's tolerance is not told: it is for what was paid on the last day."""
    offer = facts.discount
    if offer is None:
        return None
    given = -balance((e for e in facts.entries if e.kind in _BOOKED), facts.currency)
    if given.is_positive:
        return DiscountNow(offer.percent, offer.until, given, DiscountState.EARNED)
    state = DiscountState.OFFERED if today <= offer.until and facts.open else DiscountState.LAPSED
    return DiscountNow(offer.percent, offer.until, discount_of(facts), state)
