"""How long claims take to compute: five years of history and three payments each, all countries, on one core."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from time import process_time
from typing import Final

from domain.facts import DebtorKind, Facts, Term
from domain.law.announce import announced
from domain.law.charge import DebtorAccount
from domain.law.claim import Claim, ClaimInvoice, ClaimPayment, claim
from domain.law.claim_of_case import claim_of_case
from domain.law.costs import collection_costs
from domain.law.settings import DayCount, LawSettings, LegalStep
from domain.ledger import Entry, EntryKind
from domain.money import Money
from domain.policy import Anchor, Channel, Duration, Policy, Step

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


def measure_notice_claim(count: int = 500) -> float:
    """Milliseconds that the claim adds to the notice of a Dutch consumer sixty days late, days all different."""
    owed = Money(Decimal("412.30"), "EUR")
    due = date(2026, 3, 2)
    facts = Facts(
        invoice_id="i",
        creditor_id="c",
        debtor_id="d",
        debtor_kind=DebtorKind.CONSUMER,
        country="NL",
        mailable=True,
        currency="EUR",
        issued=due - timedelta(days=14),
        enrolled_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
        terms=(Term(due, owed),),
        entries=(Entry("principal", EntryKind.PRINCIPAL, owed, due - timedelta(days=14)),),
    )
    letter = Step("letter", Duration(21, "d"), Anchor.DUE, Channel.EMAIL, legal=LegalStep.NL_14_DAY_LETTER)
    policy = Policy("bench", 1, "Europe/Amsterdam", (letter,))
    days = [due + timedelta(days=20 + n % 200) for n in range(count)]
    start = process_time()
    for day in days:
        claim_of_case(facts, policy, day)
        announced(letter, [facts], policy, day, DebtorAccount())
    return (process_time() - start) / count * 1000


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
    print(f"a claim inside a notice: {measure_notice_claim():.2f} ms")


if __name__ == "__main__":
    main()
