"""Belgium: what collection may cost.

Consumers: Book XIX of the Code of Economic Law (law of 4 May 2023), caps that hold only if the contract has a
mutual clause on them. Businesses: art. 6 of the law of 2 August 2002 against late payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain.money import CENT


@dataclass(frozen=True, slots=True)
class Tier:
    """Of the indemnity for balances up to and including `up_to`; `percent` of the part of it above `above`."""

    up_to: Decimal | None
    fixed: Decimal
    percent: Decimal
    above: Decimal


CAPS: Final = (  # art. XIX.4 CEL; amounts from legal trade sources, the number of the article unverified
    Tier(Decimal(150), Decimal(20), Decimal(0), Decimal(0)),
    Tier(Decimal(500), Decimal(30), Decimal(10), Decimal(150)),
    Tier(None, Decimal(65), Decimal(5), Decimal(500)),
)
MOST: Final = Decimal(2000)  # reached at a balance of 39,200
FIXED_SUM: Final = Decimal(40)

CAP_BASIS: Final = "art. XIX.4 CEL, only if the contract has a mutual clause"
FIXED_SUM_BASIS: Final = "art. 6 of the law of 2 August 2002"
NO_FIXED_SUM_BASIS: Final = (
    "art. XIX.2 CEL: a consumer owes nothing before the free first reminder has run out"
)


def indemnity_cap(balance: Decimal) -> Decimal:
    """The highest indemnity, for all collection together, on a balance still due."""
    if not balance:
        return balance
    tier = next(tier for tier in CAPS if tier.up_to is None or balance <= tier.up_to)
    share = (balance - tier.above) * tier.percent / 100
    return min((tier.fixed + share).quantize(CENT, ROUND_HALF_UP), MOST)


def indemnity(balances: Sequence[Decimal]) -> Decimal:
    """The highest indemnity on several invoices claimed together.

    Whether the cap holds for the sum or for each invoice was found nowhere: the lower of the two is safe.
    """
    return min(indemnity_cap(sum(balances, Decimal(0))), sum(map(indemnity_cap, balances), Decimal(0)))
