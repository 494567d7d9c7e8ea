"""By which rate the interest of a debt counts, and whether it compounds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.country import as_consumer, supported_country
from domain.law.rates import RateTable, statutory_rates
from domain.law.settings import DayCount, LawSettings
from domain.money import CENT

NL_AGREED_RATE_COMPOUNDS: Final = True
"""UNVERIFIED: art. 6:119 para 2 BW speaks of statutory interest; an agreed rate that replaces it is taken to
compound as it does."""

_NO_STATUTORY: Final = frozenset({("FR", True), ("GB", True)})
"""Country and whether the debtor is a consumer: nothing but an agreement makes interest run."""


@dataclass(frozen=True, slots=True, eq=False)
class InterestTerms:
    """What makes the interest of a debt; compared by identity, so that it is a cheap key."""

    table: RateTable | None
    """The statutory rate, or the cap on what is agreed; None: only `agreed` counts."""
    agreed: Decimal | None
    """Percent a year."""
    fixed: bool
    """One rate for the life of the debt: that of the first day of default."""
    compounds: bool
    """At each anniversary of default the unpaid interest of the year bears interest itself."""
    by_year_of_default: bool
    """Divided by the days of the year of default, not by 365."""

    @property
    def bears_interest(self) -> bool:
        return self.table is not None or self.agreed is not None

    @property
    def is_capped(self) -> bool:
        return self.table is not None and self.agreed is not None


def interest_terms(country: str, kind: DebtorKind, settings: LawSettings) -> InterestTerms:
    agreed = settings.contractual_rate
    if agreed is not None:
        if not agreed.is_finite() or agreed < 0:
            raise DomainError(
                "bad_contractual_rate",
                f"contractual_rate must be a percent of 0 or more, not {agreed}",
                field="contractual_rate",
                value=str(agreed),
            )
        # One spelling for equal rates: the cache below must not answer 8 with 8.0.
        agreed = agreed.quantize(CENT) if agreed == agreed.quantize(CENT) else agreed.normalize()
    return _terms(supported_country(country), as_consumer(kind), agreed, settings.day_count)


@lru_cache(maxsize=256)
def _terms(country: str, consumer: bool, agreed: Decimal | None, day_count: DayCount) -> InterestTerms:  # noqa: FBT001
    capped = (country, consumer) == ("BE", True)  # Book XIX CEL
    has_table = (country, consumer) not in _NO_STATUTORY and (agreed is None or capped)
    kind = DebtorKind.CONSUMER if consumer else DebtorKind.BUSINESS
    return InterestTerms(
        table=statutory_rates(country, kind) if has_table else None,
        agreed=agreed,
        fixed=country == "GB",
        compounds=country == "NL" and (agreed is None or NL_AGREED_RATE_COMPOUNDS),
        by_year_of_default=day_count is DayCount.ACTUAL_ANNIVERSARY,
    )
