"""Germany: the lump sum of art. 288 para 5 BGB, against non-consumers only."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

FIXED_SUM: Final = Decimal(40)
"""Per invoice. Costs of legal action are set off against it."""

FIXED_SUM_BASIS: Final = "art. 288 para 5 BGB"
# A consumer owes the real cost of a reminder; a few euros are accepted, which no statute says. Nothing is safe.
NO_FIXED_SUM_BASIS: Final = "art. 288 para 5 BGB: no lump sum against a consumer"
