"""The sentences that say on what a claim rests: the statute of each part, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domain.facts import DebtorKind
from domain.law.claim_values import ClaimPayment
from domain.law.country import as_consumer
from domain.law.interest import RunningDebt
from domain.law.interest_terms import InterestTerms
from domain.law.rates import RATE_TABLES
from domain.law.settings import LawSettings
from domain.money import Money

_STATUTORY: Final = {
    ("NL", True): "art. 6:119 BW: statutory interest",
    ("NL", False): "art. 6:119a BW: statutory commercial interest",
    ("BE", True): "Book XIX CEL: interest at most at the rate of art. 5 of the law of 2 August 2002",
    ("BE", False): "art. 5 of the law of 2 August 2002: interest on late commercial payments",
    ("DE", True): "§ 288 para 1 BGB: base rate plus 5 points",
    ("DE", False): "§ 288 para 2 BGB: base rate plus 9 points (8 before 29 July 2014)",
    ("FR", True): "no interest: French law knows no late payment rate for consumers, and none was agreed",
    ("FR", False): "art. L441-10 C. com.: ECB rate plus 10 points",
    ("GB", True): "no interest: the Late Payment Act does not cover consumers, and none was agreed",
    ("GB", False): "Late Payment of Commercial Debts (Interest) Act 1998: the rate of the day the debt "
    "became late, for its whole life",
}
_AGREED: Final = {
    "NL": "art. 6:119 para 3 BW: the agreed rate runs on",
    "BE": "the agreed rate",
    "DE": "§ 288 para 3 BGB: the agreed rate",
    "FR": "the agreed rate",
    "GB": "the agreed rate",
}
_COMPOUNDS: Final = "the interest of each full year of default is added to the base"
_SIMPLE: Final = {"DE": "§ 289 BGB: simple interest"}
# Where the articles were not read in a source, only the rule is named.
_ALLOCATION: Final = {
    "NL": "art. 6:44 BW: payments go to costs, then interest, then principal",
    "BE": "Civil Code, Book 5: payments go to costs, then interest, then principal",
    "DE": "§ 367 BGB: payments go to costs, then interest, then principal",
    "FR": "art. 1343-1 C. civ.: payments go to interest before principal; costs first",
    "GB": "payments go to costs, then interest, then principal",
}
_ORDER: Final = {
    "NL": "art. 6:43 BW: ",
    "DE": "§ 366 BGB: ",
    "FR": "art. 1342-10 C. civ.: ",
}
_SEVERAL: Final = (
    "of several claims the debtor's choice first, then those due, most burdensome, oldest, pro rata"
)


@lru_cache(maxsize=256)
def interest_basis(
    country: str, kind: DebtorKind, terms: InterestTerms, settings: LawSettings
) -> tuple[str, ...]:
    """Why interest runs, at what rate, and how days are counted."""
    consumer = as_consumer(kind)
    found = [
        _STATUTORY[country, consumer] if terms.agreed is None else f"{_AGREED[country]}: {terms.agreed} %"
    ]
    if not terms.bears_interest:
        return tuple(found)
    if (country, consumer) == ("BE", True) and not settings.costs_clause:
        found.append("Book XIX CEL: owed only if a clause that binds both sides says so")
    if country == "NL":
        article = "art. 6:119 para 2 BW" if consumer or terms.agreed is not None else "art. 6:119a BW"
        found.append(f"{article}: {_COMPOUNDS}")
    else:
        found.append(_SIMPLE.get(country, "simple interest"))
    divisor = "the days from anniversary to anniversary" if terms.by_year_of_default else "365"
    found.append(f"day count {settings.day_count}: days divided by {divisor}")
    return tuple(found)


def allocation_basis(country: str, *, several: bool) -> tuple[str, ...]:
    """In which order payments are booked."""
    found = (_ALLOCATION[country],)
    return (*found, _ORDER.get(country, "") + _SEVERAL) if several else found


def interest_remarks(country: str, terms: InterestTerms, debts: Sequence[RunningDebt]) -> Iterator[str]:
    """Where an agreed rate met the bounds of the law."""
    lines = [line for debt in debts for line in debt.lines]
    if terms.agreed is None or not lines:
        return
    if terms.table and any(line.stretch.percent < terms.agreed for line in lines):
        yield f"Book XIX CEL: the agreed rate of {terms.agreed} % is above the most allowed, which is used instead"
    if country == "FR":
        first, end = min(line.first for line in lines), max(line.end for line in lines)
        yield from _below_floor(terms.agreed, date.fromordinal(first), date.fromordinal(end - 1))


def payment_remarks(payments: Sequence[ClaimPayment], as_of: date, surplus: Money) -> Iterator[str]:
    later = sum(payment.on > as_of for payment in payments)
    if later:
        yield f"payments after {as_of} are not counted: {later}"
    if surplus:
        yield f"{surplus} was paid beyond all that was owed on the day of payment"


def _below_floor(agreed: Decimal, first: date, last: date) -> Iterator[str]:
    """The half-years in which an agreed rate is below what may be agreed, as far as that is known."""
    table = RATE_TABLES["fr_floor"]
    for row in table.rows:
        if row.valid_from <= last and table.cadence.ends(row.valid_from) >= first and agreed < row.percent:
            half = f"{row.valid_from.year}-H{1 if row.valid_from.month < 7 else 2}"
            yield f"art. L441-10 C. com.: the agreed rate is below the least allowed in {half}, {row.percent} %"
