"""When a claim is time-barred, and what puts that off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from domain.facts import DebtorKind
from domain.law.country import as_consumer, supported_country
from domain.law.settings import ClaimType

_DAY: Final = timedelta(days=1)

WARN_AHEAD: Final = (90, 30, 7)
"""Days before the limitation date."""


@dataclass(frozen=True, slots=True)
class _Term:
    """Years, from the day after the claim fell due."""

    years: int
    longest_renewal: int | None = None
    """Years, at most, of the term that runs after an interruption; None: as long as the first."""
    demand_interrupts: bool = False
    from_end_of_year: bool = False
    """The first term starts on 1 January after the claim fell due."""


# Netherlands: art. 3:307 and 3:308 BW; consumer sale of goods: art. 7:28 BW. Interruption by written demand
# (3:317), by acknowledgement (3:318). That a new term is at most five years (3:319) is unverified.
_NL: Final = _Term(5, longest_renewal=5, demand_interrupts=True)
_NL_CONSUMER_GOODS: Final = _Term(2, longest_renewal=5, demand_interrupts=True)
# Belgium: contract claims 10 years, periodic payments 5, goods of a trader to a consumer 1. An ordinary demand
# does not interrupt. A lawyer's or bailiff's registered notice may: unverified, so it is not counted.
_BE: Final = _Term(10)
_BE_PERIODIC: Final = _Term(5)
_BE_CONSUMER_GOODS: Final = _Term(1)
# Unverified: art. 195, 199 and 212 BGB; the new term after an acknowledgement starts the next day.
_DE: Final = _Term(3, from_end_of_year=True)
# Unverified: art. L110-4 Code de commerce, art. 2240 Code civil; art. L218-2 Code de la consommation.
_FR: Final = _Term(5)
_FR_CONSUMER: Final = _Term(2)
# S. 5 Limitation Act 1980. Five years in Scotland, which is not told apart. Unverified: s. 29, acknowledgement.
_GB: Final = _Term(6)

_BUSINESS: Final[Mapping[str, Mapping[ClaimType, _Term]]] = {
    "NL": dict.fromkeys(ClaimType, _NL),
    "BE": {**dict.fromkeys(ClaimType, _BE), ClaimType.PERIODIC: _BE_PERIODIC},
    "DE": dict.fromkeys(ClaimType, _DE),
    "FR": dict.fromkeys(ClaimType, _FR),
    "GB": dict.fromkeys(ClaimType, _GB),
}
_CONSUMER: Final[Mapping[str, Mapping[ClaimType, _Term]]] = {
    **_BUSINESS,
    "NL": {
        **_BUSINESS["NL"],
        ClaimType.GOODS: _NL_CONSUMER_GOODS,
        ClaimType.UNKNOWN: _NL_CONSUMER_GOODS,
    },
    "BE": {
        **_BUSINESS["BE"],
        ClaimType.GOODS: _BE_CONSUMER_GOODS,
        ClaimType.UNKNOWN: _BE_CONSUMER_GOODS,
    },
    "FR": dict.fromkeys(ClaimType, _FR_CONSUMER),
}


def limitation_date(
    country: str,
    kind: DebtorKind,
    claim_type: ClaimType,
    due: date,
    *,
    demands: Sequence[date],
    acknowledged: Sequence[date],
) -> date:
    """The first day on which the claim is time-barred.

    `demands` are written demands with proof of receipt; `acknowledged` the days on which the debtor admitted
    the debt, as by a part payment or a plan. Either puts the date off only before the claim is barred.
    """
    term = (_CONSUMER if as_consumer(kind) else _BUSINESS)[supported_country(country)][claim_type]
    start = date(due.year + 1, 1, 1) if term.from_end_of_year else due + _DAY
    barred = _years_after(start, term.years)
    renewal = term.years if term.longest_renewal is None else min(term.years, term.longest_renewal)
    for day in sorted([*acknowledged, *(demands if term.demand_interrupts else ())]):
        if due < day < barred:
            barred = max(barred, _years_after(day + _DAY, renewal))
    return barred


def warning_days(limitation: date) -> tuple[date, ...]:
    """The days on which a person is warned that a claim is about to be time-barred, earliest first."""
    return tuple(limitation - timedelta(days=days) for days in WARN_AHEAD)


def _years_after(day: date, years: int) -> date:
    """29 February becomes 28 February, the earlier and so the safer day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
