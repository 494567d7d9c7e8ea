"""The Netherlands: what collection may cost.

Art. 6:96 BW and the Besluit vergoeding voor buitengerechtelijke incassokosten (Stb. 2012, 141, BWBR0031432),
for claims in default since 1 July 2012. The scale binds consumers and is the default between businesses.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain.money import CENT

SCALE: Final = (  # art. 2 para 1: the part of the principal above the first number, percent
    (Decimal(0), Decimal(15)),
    (Decimal(2500), Decimal(10)),
    (Decimal(5000), Decimal(5)),
    (Decimal(10000), Decimal(1)),
    (Decimal(200000), Decimal("0.5")),
)
LEAST: Final = Decimal(40)  # art. 2 para 2
MOST: Final = Decimal(6775)  # reached at a principal of 1,000,000
VAT_PERCENT: Final = Decimal(21)  # art. 9 para 1 Wet OB
FIXED_SUM: Final = Decimal(40)  # art. 6:96 para 4 BW, per invoice

SCALE_BASIS: Final = "art. 6:96 BW, art. 2 Besluit vergoeding voor buitengerechtelijke incassokosten"
VAT_BASIS: Final = "art. 2 lid 3 Besluit vergoeding voor buitengerechtelijke incassokosten"
FIXED_SUM_BASIS: Final = "art. 6:96 lid 4 BW"
NO_FIXED_SUM_BASIS: Final = "art. 6:96 lid 6 BW: a consumer owes nothing before a 14-day letter has run out"


def scale(principal: Decimal) -> Decimal:
    """The costs over one principal: tiers summed, rounded half up, then the minimum and the maximum.

    Interest is no part of the principal. Nothing is due over nothing.
    """
    if not principal:
        return principal
    ends = [start for start, _ in SCALE[1:]]
    tiers = zip(SCALE, [*ends, principal], strict=True)
    parts = (max(min(principal, end) - start, Decimal(0)) * percent / 100 for (start, percent), end in tiers)
    costs = sum(parts, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    return min(max(costs, LEAST), MOST)


def vat_on(costs: Decimal) -> Decimal:
    """The surcharge of a creditor who pays VAT on collection and cannot recover it; on top of the maximum."""
    return (costs * VAT_PERCENT / 100).quantize(CENT, ROUND_HALF_UP)
