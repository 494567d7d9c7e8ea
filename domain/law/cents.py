"""Amounts as whole cents, for arithmetic by the hundred."""

from __future__ import annotations

from decimal import Decimal

from domain.money import Money


def to_cents(money: Money) -> int:
    return int(money.amount.scaleb(2))


def from_cents(cents: int, currency: str) -> Money:
    return Money(Decimal(cents).scaleb(-2), currency)
