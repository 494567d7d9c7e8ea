"""France: the fixed recovery sum between businesses, art. L441-10 and D441-5 of the Code de commerce."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

FIXED_SUM: Final = Decimal(40)
"""Per invoice, if the invoice says so. Not once insolvency proceedings are open."""

FIXED_SUM_BASIS: Final = "art. L441-10, D441-5 Code de commerce"
# Unverified: the costs of amicable collection stay with the creditor.
NO_FIXED_SUM_BASIS: Final = "art. L441-10 Code de commerce: no recovery sum against a consumer"
