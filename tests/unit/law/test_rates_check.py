"""The warnings of `termijn rates check`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.law.rates import RATE_TABLES
from domain.law.rates.check import check_rates, ecb_disagreements, up_to_half

END = RATE_TABLES["nl_consumer"].known_until
NEXT = END + timedelta(days=1)


def _about(today: date, table: str) -> dict[str, tuple[date, ...]]:
    return {warning.code: warning.days for warning in check_rates(today) if warning.table == table}


def test_the_next_half_year_is_asked_for_from_fourteen_days_before() -> None:
    assert _about(END - timedelta(days=15), "nl_consumer") == {}
    assert _about(END - timedelta(days=14), "nl_consumer") == {"due": (NEXT,)}
    assert _about(END, "nl_consumer") == {"due": (NEXT,)}
    assert _about(NEXT, "nl_consumer") == {"missing": (NEXT,)}


def test_after_long_neglect_every_missing_period_is_named() -> None:
    later = date(NEXT.year + 1, NEXT.month, 1)
    assert len(_about(later, "nl_consumer")["missing"]) == 3
    assert NEXT.isoformat() in next(w.message for w in check_rates(later) if w.table == "nl_consumer")


def test_half_years_without_a_source_are_shown() -> None:
    """Three times the French legal rate: 2015 to 2020 and the second half of 2026."""
    missing = _about(date(2026, 11, 21), "fr_floor")["missing"]
    assert len(missing) == 13
    assert (missing[0], missing[-2], missing[-1]) == (date(2015, 1, 1), date(2020, 7, 1), date(2026, 7, 1))


def test_rows_that_nobody_verified_are_shown() -> None:
    today = date(2026, 11, 21)
    assert _about(today, "be_b2b")["uncertain"] == (date(2026, 7, 1),)
    assert date(2023, 1, 1) in _about(today, "be_civil")["uncertain"]
    assert date(2018, 1, 1) not in _about(today, "be_civil")["uncertain"]
    assert _about(today, "uk_late_payment")["uncertain"] == (date(2024, 7, 1),)


def test_all_rates_follow_from_the_rate_of_the_ecb() -> None:
    """NL +8, BE +8 up to the next half point, DE -0.88, FR +10: every half-year since 2013-07-01."""
    assert ecb_disagreements() == ()


@pytest.mark.parametrize("name", ["nl_commercial", "be_b2b", "de_base", "fr_b2b"])
def test_a_wrong_rate_is_found_by_the_rate_of_the_ecb(name: str) -> None:
    """Public tables still carry 10.15 or 10.25 for July 2026 in place of 10.40."""
    table = RATE_TABLES[name]
    rows = tuple(
        replace(row, percent=row.percent - Decimal("0.25")) if row.valid_from == date(2026, 7, 1) else row
        for row in table.rows
    )
    wrong = {**RATE_TABLES, name: replace(table, rows=rows)}
    (warning,) = ecb_disagreements(wrong)
    assert (warning.table, warning.code, warning.days) == (name, "disagrees", (date(2026, 7, 1),))
    assert warning in check_rates(date(2026, 11, 21), wrong)


@pytest.mark.parametrize(
    ("percent", "rounded"),
    [
        ("10.40", "10.5"),
        ("10.15", "10.5"),
        ("10.50", "10.5"),
        ("10.51", "11"),
        ("8.00", "8"),
        ("8.05", "8.5"),
    ],
)
def test_belgium_rounds_up_to_the_next_half_point(percent: str, rounded: str) -> None:
    assert up_to_half(Decimal(percent)) == Decimal(rounded)
