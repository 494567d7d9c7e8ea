"""The United Kingdom: the fixed sum of s. 5A Late Payment of Commercial Debts (Interest) Act 1998."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

FIXED_SUMS: Final = (  # debts from the first number on
    (Decimal(10000), Decimal(100)),
    (Decimal(1000), Decimal(70)),
    (Decimal(0), Decimal(40)),
)

FIXED_SUM_BASIS: Final = "s. 5A Late Payment of Commercial Debts (Interest) Act 1998"
# Unverified: a consumer owes only what the contract says.
NO_FIXED_SUM_BASIS: Final = (
    "s. 2 Late Payment of Commercial Debts (Interest) Act 1998: not against a consumer"
)


def fixed_sum(debt: Decimal) -> Decimal:
    """The compensation for one late debt, in pounds."""
    return next(amount for start, amount in FIXED_SUMS if debt >= start) if debt else debt
