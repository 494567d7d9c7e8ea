"""What is wrong with the tables of rates, or soon will be: for `termijn rates check`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import Final, Literal

from domain.law.rates.known import RATE_TABLES
from domain.law.rates.table import RateTable

_DAY: Final = timedelta(days=1)

NOTICE: Final = timedelta(days=14)
"""How long before the end of the known rates the next ones are asked for; they are published in the last weeks."""

IDENTITIES_SINCE: Final = date(2013, 7, 1)
"""Before it the margins of Directive 2011/7/EU did not hold, or not for the whole half-year."""

_COMPUTED: Final = frozenset({"de_consumer", "de_business"})
"""They follow their base rate and have no file."""


@dataclass(frozen=True, slots=True)
class RateWarning:
    table: str
    code: Literal["due", "missing", "uncertain", "disagrees"]
    days: tuple[date, ...]
    """First days of the periods, or of the rows, that it is about."""
    message: str


def check_rates(today: date, tables: Mapping[str, RateTable] = RATE_TABLES) -> tuple[RateWarning, ...]:
    """Periods without a rate or due within 14 days, rows without a firm source, rows at odds with the ECB."""
    found: list[RateWarning] = []
    for table in tables.values():
        if table.name not in _COMPUTED:
            found += [*_unknown(table, today), *_uncertain(table)]
    return (*found, *ecb_disagreements(tables))


def ecb_disagreements(tables: Mapping[str, RateTable] = RATE_TABLES) -> tuple[RateWarning, ...]:
    """Rows from the second half of 2013 on that do not follow from the ECB's rate of the same day."""
    found: list[RateWarning] = []
    for name, follow in _FROM_ECB.items():
        percents = {row.valid_from: row.percent for row in tables[name].rows}
        for ecb in tables["ecb_mro"].rows:
            day, wanted = ecb.valid_from, follow(ecb.percent)
            if day >= IDENTITIES_SINCE and percents.get(day, wanted) != wanted:
                text = f"{name} has {percents[day]} from {day}; from the ECB's {ecb.percent} follows {wanted}"
                found.append(RateWarning(name, "disagrees", (day,), text))
    return tuple(found)


def up_to_half(percent: Decimal) -> Decimal:
    """The next half point upwards: art. 5 of the Belgian law of 2 August 2002."""
    return (percent * 2).to_integral_value(ROUND_CEILING) / 2


_FROM_ECB: Final[Mapping[str, Callable[[Decimal], Decimal]]] = MappingProxyType(
    {
        "nl_commercial": lambda ecb: ecb + 8,
        "be_b2b": lambda ecb: up_to_half(ecb + 8),
        "de_base": lambda ecb: ecb - Decimal("0.88"),
        "fr_b2b": lambda ecb: ecb + 10,
    }
)


def _unknown(table: RateTable, today: date) -> list[RateWarning]:
    missing: list[date] = []
    due: list[date] = []
    covered = {table.cadence.begins(row.valid_from) for row in table.rows}
    day = table.first
    while day - _DAY <= today + NOTICE:
        if day not in covered:
            (missing if day <= today else due).append(day)
        day = table.cadence.ends(day) + _DAY
    found = []
    if missing:
        text = f"{table.name} has no rate from {_list(missing)}"
        found.append(RateWarning(table.name, "missing", tuple(missing), text))
    if due:
        text = f"{table.name} is known until {table.known_until}; the rate from {_list(due)} is due"
        found.append(RateWarning(table.name, "due", tuple(due), text))
    return found


def _uncertain(table: RateTable) -> list[RateWarning]:
    days = tuple(r.valid_from for r in table.rows if "UNVERIFIED" in r.source or "derived" in r.source)
    if not days:
        return []
    text = f"{table.name} rests on no source of its own from {_list(days)}"
    return [RateWarning(table.name, "uncertain", days, text)]


def _list(days: tuple[date, ...] | list[date]) -> str:
    return ", ".join(day.isoformat() for day in days)
