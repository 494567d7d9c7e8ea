"""How long claims take to compute: five years of history and three payments each, all countries, on one core."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from time import process_time
from typing import Final

from domain.facts import DebtorKind
from domain.law.claim import Claim, ClaimInvoice, ClaimPayment, claim
from domain.law.costs import collection_costs
from domain.law.settings import DayCount, LawSettings
from domain.money import Money

_DEBTORS: Final = (
    ("NL", DebtorKind.CONSUMER),
    ("NL", DebtorKind.BUSINESS),
    ("BE", DebtorKind.CONSUMER),
    ("BE", DebtorKind.BUSINESS),
    ("DE", DebtorKind.BUSINESS),
    ("FR", DebtorKind.BUSINESS),
    ("GB", DebtorKind.BUSINESS),
)
_FIVE_YEARS: Final = timedelta(days=1826)


def measure_claims(count: int = 10_000) -> float:
    """Seconds of one core for `count` claims, all different."""
    random = Random(0)
    asked = [_claim(random, number) for number in range(count)]
    start = process_time()
    for ask in asked:
        ask()
    return process_time() - start


def _claim(random: Random, number: int) -> Callable[[], Claim]:
    country, kind = _DEBTORS[number % len(_DEBTORS)]
    currency = "GBP" if country == "GB" else "EUR"
    due = date(2020, 1, 1) + timedelta(days=random.randrange(500))
    principal = Money(Decimal(random.randrange(100_00, 20_000_00)).scaleb(-2), currency)
    payments = [
        ClaimPayment(
            due + timedelta(days=random.randrange(1, _FIVE_YEARS.days)),
            Money(
                (principal.amount * random.randrange(5, 30)).scaleb(-2).quantize(Decimal("0.01")), currency
            ),
        )
        for _ in range(3)
    ]
    return partial(
        claim,
        country,
        kind,
        [ClaimInvoice("1", principal, due)],
        payments,
        due + _FIVE_YEARS,
        costs=collection_costs(country, kind, [principal]),
        settings=LawSettings(day_count=random.choice(list(DayCount))),
    )


def main() -> None:
    count = 10_000
    seconds = measure_claims(count)
    print(f"{count} claims in {seconds:.2f} s, {seconds / count * 1e6:.0f} µs each")


if __name__ == "__main__":
    main()
