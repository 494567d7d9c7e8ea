"""Which rate holds on which day, against what public sources say of single half-years."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.country import SUPPORTED, as_consumer, supported_country
from domain.law.rates import RATE_TABLES, RateTable, statutory_rates

CONSUMER, BUSINESS, UNKNOWN = DebtorKind.CONSUMER, DebtorKind.BUSINESS, DebtorKind.UNKNOWN


@pytest.mark.parametrize(
    ("country", "kind", "day", "percent"),
    [
        # wieringa-advocaten.nl 2024-01-16: consumers 4, 6, 7; commercial 12 and 12.5
        ("NL", CONSUMER, "2023-06-30", "4"),
        ("NL", CONSUMER, "2023-07-01", "6"),
        ("NL", CONSUMER, "2023-12-31", "6"),
        ("NL", CONSUMER, "2024-01-01", "7"),
        ("NL", BUSINESS, "2023-12-31", "12"),
        ("NL", BUSINESS, "2024-01-01", "12.5"),
        # verification report 2026-02-19: consumers 6 then 4, commercial 11.15 then 10.15
        ("NL", CONSUMER, "2025-12-31", "6"),
        ("NL", CONSUMER, "2026-01-01", "4"),
        ("NL", BUSINESS, "2025-06-30", "11.15"),
        ("NL", BUSINESS, "2025-07-01", "10.15"),
        # The ECB's 2.40 from 17 June 2026: on 1 July NL 10.40, DE base 1.52, FR 12.40, BE stays 10.50, consumers 4
        ("NL", BUSINESS, "2026-06-30", "10.15"),
        ("NL", BUSINESS, "2026-07-01", "10.40"),
        ("NL", CONSUMER, "2026-07-01", "4"),
        ("NL", UNKNOWN, "2026-07-01", "4"),
        ("BE", BUSINESS, "2026-06-30", "10.5"),
        ("BE", BUSINESS, "2026-07-01", "10.5"),
        ("BE", CONSUMER, "2026-07-01", "10.5"),
        ("DE", CONSUMER, "2026-07-01", "6.52"),
        ("DE", UNKNOWN, "2026-07-01", "6.52"),
        ("DE", BUSINESS, "2026-07-01", "10.52"),
        ("FR", BUSINESS, "2026-06-30", "12.15"),
        ("FR", BUSINESS, "2026-07-01", "12.40"),
        # 7 to 8 points on 16 March 2013, Directive 2011/7/EU; Belgium rounds 8.75 up (schoups.com 2016)
        ("NL", BUSINESS, "2013-03-15", "7.75"),
        ("NL", BUSINESS, "2013-03-16", "8.75"),
        ("BE", BUSINESS, "2013-03-15", "8"),
        ("BE", BUSINESS, "2013-03-16", "9"),
        ("BE", BUSINESS, "2013-07-01", "8.5"),
        # 8 to 9 points for German businesses on 29 July 2014, consumers untouched (lang-schwarz.de 2025-04-14)
        ("DE", BUSINESS, "2014-07-28", "7.27"),
        ("DE", BUSINESS, "2014-07-29", "8.27"),
        ("DE", CONSUMER, "2014-07-29", "4.27"),
        # The German base rate below zero
        ("DE", CONSUMER, "2022-12-31", "4.12"),
        ("DE", BUSINESS, "2023-01-01", "10.62"),
        # payontime.co.uk: base 0.50 on 30 June 2016, before the cut of August; 5.25 in 2024
        ("GB", BUSINESS, "2016-12-31", "8.5"),
        ("GB", BUSINESS, "2017-01-01", "8.25"),
        ("GB", BUSINESS, "2024-01-01", "13.25"),
    ],
)
def test_the_statutory_rate_on_a_day(country: str, kind: DebtorKind, day: str, percent: str) -> None:
    rate = statutory_rates(country, kind).at(date.fromisoformat(day))
    assert rate.percent == Decimal(percent)
    assert rate.source
    assert not rate.provisional


@pytest.mark.parametrize(
    ("table", "first", "first_percent", "last", "last_percent", "known_until"),
    [
        ("nl_consumer", "2009-07-01", "4", "2026-07-01", "4", "2026-12-31"),
        ("nl_commercial", "2011-07-01", "8.25", "2026-07-01", "10.40", "2026-12-31"),
        ("be_b2b", "2012-01-01", "8", "2026-07-01", "10.5", "2026-12-31"),
        ("be_civil", "2010-01-01", "3.25", "2026-01-01", "4.5", "2026-12-31"),
        ("de_base", "2012-01-01", "0.12", "2026-07-01", "1.52", "2026-12-31"),
        ("de_consumer", "2012-01-01", "5.12", "2026-07-01", "6.52", "2026-12-31"),
        ("de_business", "2012-01-01", "8.12", "2026-07-01", "10.52", "2026-12-31"),
        ("fr_b2b", "2013-01-01", "10.75", "2026-07-01", "12.40", "2026-12-31"),
        ("fr_floor", "2013-01-01", "0.12", "2026-01-01", "7.86", "2026-06-30"),
        ("uk_late_payment", "2011-01-01", "8.5", "2026-07-01", "11.75", "2026-12-31"),
        ("ecb_mro", "2012-01-01", "1", "2026-07-01", "2.40", "2026-12-31"),
    ],
)
def test_where_each_table_begins_and_ends(
    table: str, first: str, first_percent: str, last: str, last_percent: str, known_until: str
) -> None:
    """The ends move when a half-year is added; what was known before stays."""
    known = RATE_TABLES[table]
    assert (known.rows[0].valid_from, known.rows[0].percent) == (
        date.fromisoformat(first),
        Decimal(first_percent),
    )
    assert known.at(date.fromisoformat(last)).percent == Decimal(last_percent)
    assert known.known_until >= date.fromisoformat(known_until)


def test_no_table_is_forgotten() -> None:
    assert sorted(RATE_TABLES) == [
        "be_b2b", "be_civil", "de_base", "de_business", "de_consumer", "ecb_mro", "fr_b2b", "fr_floor",
        "nl_commercial", "nl_consumer", "uk_late_payment",
    ]  # fmt: skip


@pytest.mark.parametrize("table", RATE_TABLES.values(), ids=lambda table: table.name)
def test_past_the_last_half_year_a_rate_is_refused_or_marked(table: RateTable) -> None:
    known, after = table.known_until, table.known_until + timedelta(days=1)
    assert not table.at(known, provisional=True).provisional
    with pytest.raises(DomainError) as refused:
        table.at(after)
    assert refused.value.code == "rate_not_known_yet"
    assert refused.value.values == {"table": table.name, "day": str(after), "known_until": str(known)}
    carried = table.at(after, provisional=True)
    assert (carried.percent, carried.provisional) == (table.at(known).percent, True)
    with pytest.raises(DomainError, match=str(known)):
        table.periods(known, after)
    assert [p[:2] for p in table.periods(known, after, provisional=True)] == [(known, known), (after, after)]


@pytest.mark.parametrize("table", RATE_TABLES.values(), ids=lambda table: table.name)
def test_before_its_first_day_a_table_knows_nothing(table: RateTable) -> None:
    first = table.rows[0].valid_from
    before = first - timedelta(days=1)
    for ask in (lambda: table.at(before, provisional=True), lambda: table.periods(before, first)):
        with pytest.raises(DomainError) as refused:
            ask()
        assert refused.value.code == "before_rate_table"
        assert refused.value.values == {"table": table.name, "day": str(before), "first": str(first)}


def test_a_half_year_in_the_middle_without_a_source_is_not_guessed() -> None:
    """No source was found for three times the French legal rate from 2015 to 2020."""
    floor = RATE_TABLES["fr_floor"]
    with pytest.raises(DomainError) as refused:
        floor.at(date(2018, 1, 1))
    assert refused.value.code == "rate_not_known"
    assert floor.at(date(2018, 1, 1), provisional=True).provisional
    assert floor.at(date(2021, 1, 1)).percent == Decimal("2.37")
    with pytest.raises(DomainError):
        floor.periods(date(2014, 12, 1), date(2021, 2, 1))


def test_periods_join_half_years_of_one_percent_and_name_their_sources() -> None:
    """NL commercial stayed at 8.00 from 2016-07-01 to 2022-12-31; 8.05 before, 10.50 after."""
    periods = statutory_rates("NL", BUSINESS).periods(date(2016, 6, 30), date(2023, 1, 1))
    assert [(first, last, rate.percent) for first, last, rate in periods] == [
        (date(2016, 6, 30), date(2016, 6, 30), Decimal("8.05")),
        (date(2016, 7, 1), date(2022, 12, 31), Decimal("8.00")),
        (date(2023, 1, 1), date(2023, 1, 1), Decimal("10.50")),
    ]
    assert "rentetool" in periods[1][2].source
    belgian = RATE_TABLES["be_b2b"].periods(date(2026, 1, 1), date(2026, 12, 31))[0][2]
    assert "embuild.be 2026" in belgian.source
    assert "derived" in belgian.source
    assert "unchanged since" not in belgian.source


def test_no_days_no_periods() -> None:
    assert RATE_TABLES["nl_consumer"].periods(date(2026, 1, 2), date(2026, 1, 1)) == []


_DAYS = st.dates(date(2014, 1, 1), date(2030, 12, 31))


@given(st.sampled_from(sorted(RATE_TABLES)), _DAYS, _DAYS, st.integers(0, 6000))
def test_periods_cover_every_day_once_with_the_rate_of_that_day(
    name: str, one: date, other: date, offset: int
) -> None:
    table, first, last = RATE_TABLES[name], min(one, other), max(one, other)
    periods = table.periods(first, last, provisional=True)
    assert periods[0][0] == first
    assert periods[-1][1] == last
    for (_, end, rate), (begin, _, following) in pairwise(periods):
        assert begin == end + timedelta(days=1)
        assert (rate.percent, rate.provisional) != (following.percent, following.provisional)
    day = first + timedelta(days=offset % ((last - first).days + 1))
    holding = next(rate for begin, end, rate in periods if begin <= day <= end)
    exact = table.at(day, provisional=True)
    assert (holding.percent, holding.provisional) == (exact.percent, exact.provisional)


def test_periods_are_quick_enough_for_ten_thousand_claims() -> None:
    table = statutory_rates("NL", BUSINESS)
    begun = perf_counter()
    for _ in range(10_000):
        table.periods(date(2019, 6, 15), date(2026, 11, 1))
    assert perf_counter() - begun < 1


@pytest.mark.parametrize(("country", "kind"), [("FR", CONSUMER), ("GB", CONSUMER), ("GB", UNKNOWN)])
def test_some_owe_no_statutory_interest(country: str, kind: DebtorKind) -> None:
    with pytest.raises(DomainError) as refused:
        statutory_rates(country, kind)
    assert refused.value.code == "no_statutory_rate"
    assert refused.value.values == {"country": country, "debtor_kind": kind.value}


def test_every_business_owes_statutory_interest() -> None:
    assert {statutory_rates(country, BUSINESS).name for country in SUPPORTED} == {
        "nl_commercial", "be_b2b", "de_business", "fr_b2b", "uk_late_payment",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"), [("uk", "GB"), ("UK", "GB"), ("gb", "GB"), ("nl", "NL"), ("BE", "BE")]
)
def test_countries_by_their_usual_names(text: str, code: str) -> None:
    assert supported_country(text) == code


@pytest.mark.parametrize("text", ["LU", "XX", "", "Nederland"])
def test_a_country_whose_law_is_not_known(text: str) -> None:
    for ask in (lambda: supported_country(text), lambda: statutory_rates(text, BUSINESS)):
        with pytest.raises(DomainError) as refused:
            ask()
        assert refused.value.code == "unknown_country"
        assert refused.value.values == {"field": "country", "value": text}


def test_who_is_not_known_to_be_a_business_is_protected_as_a_consumer() -> None:
    assert [kind for kind in DebtorKind if as_consumer(kind)] == [CONSUMER, UNKNOWN]
