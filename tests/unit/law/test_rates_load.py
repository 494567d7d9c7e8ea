"""A table that is not sound is refused, with file, line and value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.errors import DomainError
from domain.law.rates import Cadence, load_table

HEAD = "valid_from,percent,source\n"
GOOD = HEAD + "2025-01-01,6.00,decree\n2025-07-01,6.00,unchanged since 2025-01-01: decree\n"


def test_a_sound_table_with_a_change_between_the_half_years() -> None:
    text = HEAD + "2014-01-01,8.37,a\n2014-07-01,8.27,b\n2014-07-29,9.27,new margin\n2015-01-01,-0.17,c\n"
    table = load_table(text, "some", Cadence.HALF_YEARS)
    assert [row.percent for row in table.rows] == [Decimal(p) for p in ("8.37", "8.27", "9.27", "-0.17")]
    assert table.known_until == date(2015, 6, 30)
    assert table.at(date(2014, 7, 28)).percent == Decimal("8.27")


def test_a_table_by_years() -> None:
    table = load_table(HEAD + "2025-01-01,4.5,a\n2026-01-01,4.5,b\n", "civil", Cadence.YEARS)
    assert table.known_until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("line", "number", "field", "value", "why"),
    [
        ("2026-07-01,4.00,a", 4, "valid_from", "2026-07-01", "2026-01-01 is missing"),
        ("2025-07-01,4.00,a", 4, "valid_from", "2025-07-01", "twice"),
        ("2025-03-16,4.00,a", 4, "valid_from", "2025-03-16", "not sorted"),
        ("2026-1-1,4.00,a", 4, "valid_from", "2026-1-1", "not a date"),
        ("2026-02-30,4.00,a", 4, "valid_from", "2026-02-30", "not a date"),
        ('2026-01-01,"4,00",a', 4, "percent", "4,00", "not a percent"),
        ("2026-01-01,4%,a", 4, "percent", "4%", "not a percent"),
        ("2026-01-01,NaN,a", 4, "percent", "NaN", "not a percent"),
        ("2026-01-01,,a", 4, "percent", "", "not a percent"),
        ("2026-01-01,4.00,", 4, "source", "", "source"),
        ("2026-01-01,4.00,  ", 4, "source", "  ", "source"),
        ("2026-01-01,4.00", 4, "row", "2026-01-01,4.00", "3 fields"),
        ("2026-01-01,4.00,a, b", 4, "row", "2026-01-01,4.00,a, b", "3 fields"),
        ("\n", 4, "row", "", "3 fields"),
    ],
)
def test_a_bad_row_is_refused(line: str, number: int, field: str, value: str, why: str) -> None:
    with pytest.raises(DomainError) as refused:
        load_table(GOOD + line, "nl_consumer", Cadence.HALF_YEARS)
    assert refused.value.code == "bad_rate_table"
    assert refused.value.values == {"table": "nl_consumer", "line": number, "field": field, "value": value}
    assert refused.value.message.startswith(f"nl_consumer.csv, line {number}: ")
    assert why in refused.value.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must be valid_from,percent,source"),
        ("from,percent,source\n2025-01-01,6,a\n", "must be valid_from,percent,source"),
        (HEAD, "no rows"),
        (HEAD + "2025-03-16,6.00,a\n", "must begin on 2025-01-01"),
    ],
)
def test_a_table_that_does_not_begin_well_is_refused(text: str, why: str) -> None:
    with pytest.raises(DomainError, match=why):
        load_table(text, "nl_consumer", Cadence.HALF_YEARS)


def test_a_year_may_not_be_missing_either() -> None:
    with pytest.raises(DomainError, match="2025-01-01 is missing"):
        load_table(HEAD + "2024-01-01,5.75,a\n2026-01-01,4.5,b\n", "be_civil", Cadence.YEARS)


def test_an_off_cadence_row_does_not_stand_in_for_the_next_half_year() -> None:
    with pytest.raises(DomainError, match="2013-07-01 is missing"):
        load_table(
            HEAD + "2013-01-01,7.75,a\n2013-03-16,8.75,b\n2014-01-01,8.25,c\n", "nl", Cadence.HALF_YEARS
        )
