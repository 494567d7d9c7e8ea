"""Amounts as whole cents, for arithmetic by the hundred."""

from __future__ import annotations

from typing import Final

from domain.money import CENT, LARGEST, Money

_LARGEST: Final = int(LARGEST * 100)
_set_amount = Money.__dict__["amount"].__set__
_set_currency = Money.__dict__["currency"].__set__


def to_cents(money: Money) -> int:
    return int(money.amount * 100)


def from_cents(cents: int, currency: str) -> Money:
    """`currency` comes from another amount. So all that `Money` checks is known to hold, and a claim needs
    dozens of them: its checks would take half the time of a claim."""
    if not -_LARGEST <= cents <= _LARGEST:
        return Money(cents * CENT, currency)  # refuses it
    money = object.__new__(Money)
    _set_amount(money, cents * CENT)
    _set_currency(money, currency)
    return money
