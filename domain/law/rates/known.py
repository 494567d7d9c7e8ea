"""The tables that are known, and which of them is the statutory rate for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.country import as_consumer, supported_country
from domain.law.rates.load import load_table
from domain.law.rates.table import Cadence, Rate, RateTable

_CADENCES: Final = {
    "nl_consumer": Cadence.HALF_YEARS,
    "nl_commercial": Cadence.HALF_YEARS,  # from 2013-03-16 the column of contracts concluded since then
    "be_b2b": Cadence.HALF_YEARS,  # the same
    "be_civil": Cadence.YEARS,
    "de_base": Cadence.HALF_YEARS,
    "fr_b2b": Cadence.HALF_YEARS,
    # Three times the French legal rate, the least that may be agreed. No source was found for 2015 to 2020 nor
    # for the second half of 2026.
    "fr_floor": Cadence.KNOWN_HALF_YEARS,
    "uk_late_payment": Cadence.HALF_YEARS,  # the half-year in which the debt becomes late, fixed for its life
    "ecb_mro": Cadence.HALF_YEARS,  # main refinancing operations, on 1 January and 1 July
}

_NEW_GERMAN_MARGIN: Final = date(2014, 7, 29)
"""Claims from contracts of this day on bear 9 points between businesses (art. 288 para 2 BGB); before, 8."""


def _read(name: str) -> RateTable:
    return load_table(files(__package__).joinpath(f"{name}.csv").read_text("utf-8"), name, _CADENCES[name])


def _plus(base: Rate, points: int, valid_from: date) -> Rate:
    return Rate(
        base.percent + Decimal(points), valid_from, f"base rate {base.percent} + {points}; {base.source}"
    )


def _de_consumer(base: RateTable) -> RateTable:
    """Five points over the base rate, art. 288 para 1 BGB."""
    rows = tuple(_plus(row, 5, row.valid_from) for row in base.rows)
    return RateTable("de_consumer", rows, base.cadence)


def _de_business(base: RateTable) -> RateTable:
    days = sorted({*(row.valid_from for row in base.rows), _NEW_GERMAN_MARGIN})
    rows = tuple(_plus(base.at(day), 9 if day >= _NEW_GERMAN_MARGIN else 8, day) for day in days)
    return RateTable("de_business", rows, base.cadence)


def _all() -> Mapping[str, RateTable]:
    tables = {name: _read(name) for name in _CADENCES}
    derived = (_de_consumer(tables["de_base"]), _de_business(tables["de_base"]))
    return MappingProxyType({**tables, **{table.name: table for table in derived}})


RATE_TABLES: Final = _all()

_STATUTORY: Final = {
    ("NL", True): "nl_consumer",  # art. 6:119 BW
    ("NL", False): "nl_commercial",  # art. 6:119a BW
    ("BE", True): "be_b2b",  # the cap of Book XIX CEL: art. 5 para 2 of the law of 2 August 2002
    ("BE", False): "be_b2b",  # art. 5 of the law of 2 August 2002
    ("DE", True): "de_consumer",
    ("DE", False): "de_business",
    ("FR", False): "fr_b2b",  # art. L441-10 C. com.
    ("GB", False): "uk_late_payment",  # Late Payment of Commercial Debts (Interest) Act 1998
}


def statutory_rates(country: str, kind: DebtorKind) -> RateTable:
    """The rate that runs without an agreement; for Belgian consumers the most that may be agreed.

    The British rate is looked up once, on the first day of lateness; the others follow the calendar.
    """
    name = _STATUTORY.get((country, as_consumer(kind)))
    if name is None:
        code = supported_country(country)
        raise DomainError(
            "no_statutory_rate",
            f"there is no statutory interest for a {kind} in {code}",
            country=code,
            debtor_kind=kind.value,
        )
    return RATE_TABLES[name]
