"""Amounts of money: a decimal and a currency, exact to the cent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domain.errors import DomainError

CURRENCIES: Final = frozenset({"EUR", "GBP", "USD", "CHF", "DKK", "SEK", "NOK", "PLN", "CZK"})
"""Currencies an invoice may be in; all have two decimals."""

CENT: Final = Decimal("0.01")
LARGEST: Final = Decimal("999999999999.99")
_PLAIN: Final = re.compile(r"-?\d{1,13}(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount, at most two decimals; may be negative. Arithmetic only within one currency."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise DomainError(
                "unknown_currency", f"unknown currency {self.currency!r}", currency=self.currency
            )
        if not self.amount.is_finite() or abs(self.amount) > LARGEST:
            raise DomainError(
                "amount_out_of_range", f"amount {self.amount} is out of range", amount=str(self.amount)
            )
        exact = self.amount.quantize(CENT)
        if exact != self.amount:
            raise DomainError(
                "too_many_decimals",
                f"amount {self.amount} has more than two decimals",
                amount=str(self.amount),
            )
        object.__setattr__(self, "amount", exact + 0)  # + 0 turns -0.00 into 0.00

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """`'1234.5'` or `'1234.50'`; no thousands separators, no sign but a leading minus."""
        if not _PLAIN.fullmatch(text):
            decimals = text.rpartition(".")[2]
            if re.fullmatch(r"-?\d+\.\d{3,}", text, re.ASCII):
                raise DomainError(
                    "too_many_decimals",
                    f"amount {text} has {len(decimals)} decimals; at most two",
                    amount=text,
                )
            raise DomainError("bad_amount", f"{text!r} is not an amount such as 1234.50", amount=text)
        return cls(Decimal(text), currency)

    @classmethod
    @lru_cache(maxsize=64)
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self.amount_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self.amount_of(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self.amount_of(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self.amount_of(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self.amount_of(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self.amount_of(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def is_positive(self) -> bool:
        return self.amount > 0

    def amount_of(self, other: Money) -> Decimal:
        """The amount of `other`, which must be in the same currency."""
        if other.currency != self.currency:
            raise DomainError(
                "currency_mismatch",
                f"{other.currency} cannot be booked on a claim in {self.currency}",
                expected=self.currency,
                currency=other.currency,
            )
        return other.amount
