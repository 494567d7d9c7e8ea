"""Interest by country, each example worked out by hand; the rates are those of domain/law/rates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.settings import DayCount, LawSettings
from tests.unit.law.claiming import BUSINESS, CONSUMER, lines, money, owed, paid

BY_YEAR = LawSettings(day_count=DayCount.ACTUAL_ANNIVERSARY)


def agreed(percent: str, day_count: DayCount = DayCount.ACTUAL_365) -> LawSettings:
    return LawSettings(contractual_rate=Decimal(percent), day_count=day_count)


def test_dutch_consumer_over_a_change_of_rate_a_payment_and_an_anniversary() -> None:
    """Art. 6:119 and 6:44 BW; 7 % until 31 December 2024, then 6 %. The year is full on 14 June 2025:
    1500.00 - 173.56 = 1326.44 reduce the base, 13.39 + 99.64 = 113.03 join it."""
    found = owed("NL", CONSUMER, "5000.00", "2024-06-14", "2025-06-15", paid("2024-12-12", "1500.00"))
    assert lines(found) == [
        ("2024-06-15", "2024-12-12", 181, "7.00", "5000.00", "173.56"),
        ("2024-12-13", "2024-12-31", 19, "7.00", "3673.56", "13.39"),
        ("2025-01-01", "2025-06-14", 165, "6.00", "3673.56", "99.64"),
        ("2025-06-15", "2025-06-15", 1, "6.00", "3786.59", "0.62"),
    ]
    assert (found.principal, found.interest, found.total) == (
        money("3673.56"),
        money("113.65"),
        money("3787.21"),
    )
    assert found.accrued == money("287.21")
    assert "art. 6:119 BW: statutory interest" in found.basis


def test_dutch_business_pays_the_commercial_rate_and_it_compounds_too() -> None:
    """Art. 6:119a BW: 12.50, 12.25 from 1 July 2024, 11.15 from 2025."""
    found = owed("NL", BUSINESS, "5000.00", "2024-06-14", "2025-06-15", paid("2024-12-12", "1500.00"))
    assert lines(found) == [
        ("2024-06-15", "2024-06-30", 16, "12.50", "5000.00", "27.40"),
        ("2024-07-01", "2024-12-12", 165, "12.25", "5000.00", "276.88"),
        ("2024-12-13", "2024-12-31", 19, "12.25", "3804.28", "24.26"),
        ("2025-01-01", "2025-06-14", 165, "11.15", "3804.28", "191.75"),
        ("2025-06-15", "2025-06-15", 1, "11.15", "4020.29", "1.23"),
    ]
    assert found.total == money("4021.52")


def test_the_year_is_full_the_day_before_the_anniversary() -> None:
    """The first day of default is 15 June 2023; 1.75 + 30.25 + 31.84 = 63.84 join the base on 15 June 2024."""
    eve = owed("NL", CONSUMER, "1000.00", "2023-06-14", "2024-06-14")
    assert lines(eve) == [
        ("2023-06-15", "2023-06-30", 16, "4.00", "1000.00", "1.75"),
        ("2023-07-01", "2023-12-31", 184, "6.00", "1000.00", "30.25"),
        ("2024-01-01", "2024-06-14", 166, "7.00", "1000.00", "31.84"),
    ]
    day = owed("NL", CONSUMER, "1000.00", "2023-06-14", "2024-06-15")
    assert lines(day)[3:] == [("2024-06-15", "2024-06-15", 1, "7.00", "1063.84", "0.20")]
    assert day.interest == money("64.04")
    assert day.principal == money("1000.00")


def test_a_default_of_29_february_is_a_year_old_on_28_february_in_common_years() -> None:
    found = owed("NL", BUSINESS, "1000.00", "2020-02-28", "2024-02-29", settings=agreed("10"))
    assert lines(found) == [
        ("2020-02-29", "2021-02-27", 365, "10.00", "1000.00", "100.00"),
        ("2021-02-28", "2022-02-27", 365, "10.00", "1100.00", "110.00"),
        ("2022-02-28", "2023-02-27", 365, "10.00", "1210.00", "121.00"),
        ("2023-02-28", "2024-02-28", 366, "10.00", "1331.00", "133.46"),
        ("2024-02-29", "2024-02-29", 1, "10.00", "1464.46", "0.40"),
    ]


def test_a_full_year_bears_exactly_the_annual_rate_when_days_are_of_that_year() -> None:
    """Convention B of legal.md 2.3: 366 days of the leap year of default, so 10 % of 1331.00."""
    found = owed(
        "NL",
        BUSINESS,
        "1000.00",
        "2020-02-28",
        "2024-02-28",
        settings=agreed("10", DayCount.ACTUAL_ANNIVERSARY),
    )
    assert lines(found)[-1] == ("2023-02-28", "2024-02-28", 366, "10.00", "1331.00", "133.10")


def test_simple_interest_is_cut_only_where_the_year_has_another_number_of_days() -> None:
    """Years from 1 March: that of 2023 holds 29 February 2024; 1000 at 10 % is 100.00 for each full year."""
    settings = agreed("10", DayCount.ACTUAL_ANNIVERSARY)
    found = owed("DE", BUSINESS, "1000.00", "2021-02-28", "2025-02-28", settings=settings)
    assert lines(found) == [
        ("2021-03-01", "2023-02-28", 730, "10.00", "1000.00", "200.00"),
        ("2023-03-01", "2024-02-29", 366, "10.00", "1000.00", "100.00"),
        ("2024-03-01", "2025-02-28", 365, "10.00", "1000.00", "100.00"),
    ]
    assert len(lines(owed("DE", BUSINESS, "1000.00", "2021-02-28", "2025-02-28", settings=agreed("10")))) == 1


def test_german_consumer_pays_five_points_over_the_base_rate_and_no_interest_on_interest() -> None:
    """Art. 288 para 1, 289 BGB: base rate 3.62, 3.37 from July 2024, 2.27 from 2025."""
    found = owed("DE", CONSUMER, "2000.00", "2024-03-31", "2025-06-30")
    assert lines(found) == [
        ("2024-04-01", "2024-06-30", 91, "8.62", "2000.00", "42.98"),
        ("2024-07-01", "2024-12-31", 184, "8.37", "2000.00", "84.39"),
        ("2025-01-01", "2025-06-30", 181, "7.27", "2000.00", "72.10"),
    ]
    assert "§ 289 BGB: simple interest" in found.basis


def test_german_business_pays_nine_points_over_the_base_rate() -> None:
    """Art. 288 para 2 BGB."""
    found = owed("DE", BUSINESS, "2000.00", "2024-03-31", "2024-06-30")
    assert lines(found) == [("2024-04-01", "2024-06-30", 91, "12.62", "2000.00", "62.93")]


def test_half_years_with_the_same_rate_are_one_stretch() -> None:
    """Belgium, law of 2 August 2002, art. 5: 12.5 % in both halves of 2024, 11.5 % from 2025."""
    found = owed("BE", BUSINESS, "1000.00", "2024-05-31", "2025-02-28")
    assert lines(found) == [
        ("2024-06-01", "2024-12-31", 214, "12.50", "1000.00", "73.29"),
        ("2025-01-01", "2025-02-28", 59, "11.50", "1000.00", "18.59"),
    ]


def test_french_business_pays_ten_points_over_the_ecb_rate() -> None:
    """Art. L441-10 C. com.: 14.50 %, 14.25 % from July 2024."""
    found = owed("FR", BUSINESS, "1000.00", "2024-04-30", "2024-07-31")
    assert lines(found) == [
        ("2024-05-01", "2024-06-30", 61, "14.50", "1000.00", "24.23"),
        ("2024-07-01", "2024-07-31", 31, "14.25", "1000.00", "12.10"),
    ]


@pytest.mark.parametrize(
    ("due", "as_of", "line"),
    [
        ("2023-06-29", "2024-06-29", ("2023-06-30", "2024-06-29", 366, "11.50", "1000.00", "115.32")),
        ("2023-06-30", "2024-06-30", ("2023-07-01", "2024-06-30", 366, "13.00", "1000.00", "130.36")),
    ],
)
def test_british_rate_is_that_of_the_day_the_debt_became_late_for_its_life(
    due: str, as_of: str, line: tuple[str, str, int, str, str, str]
) -> None:
    """Late Payment of Commercial Debts (Interest) Act 1998: base 3.50 on 31 December 2022, 5.00 on 30 June 2023."""
    assert lines(owed("GB", BUSINESS, "1000.00", due, as_of)) == [line]


@pytest.mark.parametrize("country", ["FR", "GB"])
@pytest.mark.parametrize("kind", [CONSUMER, DebtorKind.UNKNOWN])
def test_french_and_british_consumers_owe_no_interest_unless_agreed(country: str, kind: DebtorKind) -> None:
    found = owed(country, kind, "1000.00", "2022-12-31", "2023-12-31")
    assert found.interest == money(0, found.interest.currency)
    assert not found.interest_lines
    assert any(sentence.startswith("no interest") for sentence in found.basis)
    settled = owed(country, kind, "1000.00", "2022-12-31", "2023-12-31", settings=agreed("3"))
    assert settled.interest.amount == 30
    assert not any(sentence.startswith("no interest") for sentence in settled.basis)


def test_an_agreed_rate_to_a_belgian_consumer_is_cut_down_to_the_cap_line_by_line() -> None:
    """Book XIX CEL: 8.00 %, 10.50 % and 12.00 % were the most in the halves from July 2022."""
    found = owed("BE", CONSUMER, "1000.00", "2022-11-30", "2023-08-31", settings=agreed("11"))
    assert lines(found) == [
        ("2022-12-01", "2022-12-31", 31, "8.00", "1000.00", "6.79"),
        ("2023-01-01", "2023-06-30", 181, "10.50", "1000.00", "52.07"),
        ("2023-07-01", "2023-08-31", 62, "11.00", "1000.00", "18.68"),
    ]
    assert any("agreed rate of 11.00 % is above the most allowed" in sentence for sentence in found.basis)
    low = owed("BE", CONSUMER, "1000.00", "2022-11-30", "2023-08-31", settings=agreed("5"))
    assert [line[3] for line in lines(low)] == ["5.00"]
    assert not any("above the most allowed" in sentence for sentence in low.basis)


def test_a_rate_agreed_below_the_french_floor_counts_and_is_remarked_with_the_half_year() -> None:
    """Three times the legal rate: 12.66 in 2023-H2, 15.21 and 14.76 in 2024."""
    found = owed("FR", BUSINESS, "1000.00", "2023-06-15", "2024-03-31", settings=agreed("12"))
    assert {line[3] for line in lines(found)} == {"12.00"}
    remarks = [sentence for sentence in found.basis if "below the least allowed" in sentence]
    assert [half for r in remarks for half in ("2023-H1", "2023-H2", "2024-H1") if half in r] == [
        "2023-H2",
        "2024-H1",
    ]


def test_a_british_agreed_rate_takes_the_place_of_the_statutory_one() -> None:
    found = owed("GB", BUSINESS, "1000.00", "2022-12-31", "2023-12-31", settings=agreed("8"))
    assert lines(found) == [("2023-01-01", "2023-12-31", 365, "8.00", "1000.00", "80.00")]
    assert found.interest_lines[0].source == "agreed rate"


def test_interest_that_begins_later_has_its_years_from_then() -> None:
    """A year that bore no interest from its start is no full year, so nothing joins the base on 15 June 2024."""
    found = owed("NL", CONSUMER, "1000.00", "2023-06-14", "2024-06-30", interest_from="2024-01-01")
    assert lines(found) == [("2024-01-01", "2024-06-30", 182, "7.00", "1000.00", "34.90")]
    assert owed(
        "NL", CONSUMER, "1000.00", "2024-06-14", "2024-06-30", interest_from="2024-08-01"
    ).accrued == money(0)
    early = owed("NL", CONSUMER, "1000.00", "2024-06-14", "2024-06-30", interest_from="2024-01-01")
    assert lines(early)[0][0] == "2024-06-15"


def test_a_rate_that_is_not_known_yet_is_refused_or_marked() -> None:
    with pytest.raises(DomainError) as refused:
        owed("NL", BUSINESS, "1000.00", "2026-11-30", "2027-01-31")
    assert refused.value.code == "rate_not_known_yet"
    assert refused.value.values["day"] == "2027-01-01"
    found = owed("NL", BUSINESS, "1000.00", "2026-11-30", "2027-01-31", provisional=True)
    assert found.provisional
    assert lines(found) == [("2026-12-01", "2027-01-31", 62, "10.40", "1000.00", "17.67")]
    assert any("2026-12-31 are not known yet" in sentence for sentence in found.basis)
    known = owed("NL", BUSINESS, "1000.00", "2026-11-30", "2026-12-31", provisional=True)
    assert not known.provisional


def test_unknown_rates_do_not_matter_to_a_debt_that_was_paid_before() -> None:
    found = owed("NL", CONSUMER, "1000.00", "2026-01-31", "2027-06-30", paid("2026-03-31", "1100"))
    assert found.total == money(0)
    assert not found.provisional


def test_a_british_debt_that_became_late_before_the_tables_end_has_its_rate_for_ever() -> None:
    found = owed("GB", BUSINESS, "1000.00", "2026-06-30", "2028-06-30")
    assert (lines(found)[0][3], found.provisional) == ("11.75", False)
    with pytest.raises(DomainError, match="known until 2026-12-31"):
        owed("GB", BUSINESS, "1000.00", "2026-12-31", "2027-01-31")
    assert owed("GB", BUSINESS, "1000.00", "2026-12-31", "2027-01-31", provisional=True).provisional


def test_interest_that_begins_later_keeps_the_british_rate_of_the_first_day_of_lateness() -> None:
    found = owed("GB", BUSINESS, "1000.00", "2023-06-29", "2023-12-31", interest_from="2023-10-01")
    assert [line[0::3] for line in lines(found)] == [("2023-10-01", "11.50")]


def test_a_day_before_the_tables_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        owed("DE", CONSUMER, "1000.00", "2011-12-30", "2012-01-31")
    assert refused.value.code == "before_rate_table"


@pytest.mark.parametrize("percent", ["-1", "NaN", "Infinity"])
def test_a_rate_that_is_none_is_refused(percent: str) -> None:
    with pytest.raises(DomainError) as refused:
        owed("NL", BUSINESS, "1000.00", "2024-12-31", "2025-12-31", settings=agreed(percent))
    assert refused.value.values["field"] == "contractual_rate"


def test_half_a_cent_is_rounded_up() -> None:
    """73.00 at 5 % is a cent a day; 36.50 is half of one."""
    assert owed("NL", BUSINESS, "36.50", "2024-12-31", "2025-01-01", settings=agreed("5")).interest == money(
        "0.01"
    )
    assert owed("NL", BUSINESS, "36.49", "2024-12-31", "2025-01-01", settings=agreed("5")).interest == money(
        "0.00"
    )
