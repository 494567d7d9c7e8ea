"""When claims are time-barred, and what interrupts where."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import DebtorKind
from domain.law.limitation import limitation_date, warning_days
from domain.law.settings import ClaimType

CONSUMER, BUSINESS, UNKNOWN = DebtorKind.CONSUMER, DebtorKind.BUSINESS, DebtorKind.UNKNOWN
T = ClaimType
DUE = date(2024, 6, 14)


@pytest.mark.parametrize(
    ("country", "kind", "claim_type", "barred"),
    [
        ("NL", BUSINESS, T.UNKNOWN, "2029-06-15"),  # art. 3:307 BW: five years from the day after
        ("NL", BUSINESS, T.GOODS, "2029-06-15"),
        ("NL", CONSUMER, T.SERVICES, "2029-06-15"),
        ("NL", CONSUMER, T.PERIODIC, "2029-06-15"),  # art. 3:308 BW
        ("NL", CONSUMER, T.GOODS, "2026-06-15"),  # art. 7:28 BW
        ("NL", CONSUMER, T.UNKNOWN, "2026-06-15"),
        ("NL", UNKNOWN, T.UNKNOWN, "2026-06-15"),
        ("BE", BUSINESS, T.UNKNOWN, "2034-06-15"),
        ("BE", BUSINESS, T.PERIODIC, "2029-06-15"),
        ("BE", CONSUMER, T.SERVICES, "2034-06-15"),
        ("BE", CONSUMER, T.PERIODIC, "2029-06-15"),
        ("BE", CONSUMER, T.GOODS, "2025-06-15"),
        ("BE", UNKNOWN, T.UNKNOWN, "2025-06-15"),
        ("DE", BUSINESS, T.UNKNOWN, "2028-01-01"),  # art. 195, 199 BGB: from the end of 2024
        ("FR", BUSINESS, T.UNKNOWN, "2029-06-15"),
        ("FR", CONSUMER, T.SERVICES, "2026-06-15"),
        ("GB", CONSUMER, T.UNKNOWN, "2030-06-15"),
        ("UK", BUSINESS, T.UNKNOWN, "2030-06-15"),
    ],
)
def test_the_term_depends_on_country_debtor_and_what_was_sold(
    country: str, kind: DebtorKind, claim_type: ClaimType, barred: str
) -> None:
    found = limitation_date(country, kind, claim_type, DUE, demands=[], acknowledged=[])
    assert found == date.fromisoformat(barred)


def _nl(demands: list[date], acknowledged: list[date], claim_type: ClaimType = T.SERVICES) -> str:
    found = limitation_date("NL", CONSUMER, claim_type, DUE, demands=demands, acknowledged=acknowledged)
    return found.isoformat()


def test_in_the_netherlands_demands_and_acknowledgements_start_a_new_term() -> None:
    """Art. 3:317, 3:318 and 3:319 BW."""
    assert _nl([date(2029, 6, 14)], []) == "2034-06-15"  # on the last day
    assert _nl([], [date(2026, 1, 31)]) == "2031-02-01"
    assert _nl([date(2025, 1, 1)], [], T.GOODS) == "2027-01-02"
    assert _nl([date(2027, 12, 31), date(2026, 1, 1)], [], T.GOODS) == "2030-01-01"  # one after the other
    assert _nl([date(2028, 1, 3), date(2026, 1, 1)], [], T.GOODS) == "2028-01-02"  # the second came too late


def test_what_comes_too_late_or_before_the_claim_is_due_changes_nothing() -> None:
    assert _nl([date(2029, 6, 15)], []) == "2029-06-15"
    assert _nl([], [date(2024, 6, 1)]) == "2029-06-15"


@pytest.mark.parametrize("country", ["BE", "DE", "FR", "GB"])
def test_outside_the_netherlands_an_ordinary_demand_does_not_interrupt(country: str) -> None:
    """Belgium: centrius.be; a writ or an acknowledgement does."""
    plain = limitation_date(country, BUSINESS, T.SERVICES, DUE, demands=[], acknowledged=[])
    day = date(2026, 3, 1)
    assert limitation_date(country, BUSINESS, T.SERVICES, DUE, demands=[day], acknowledged=[]) == plain
    assert limitation_date(country, BUSINESS, T.SERVICES, DUE, demands=[], acknowledged=[day]) > plain


def test_a_belgian_part_payment_starts_ten_new_years() -> None:
    found = limitation_date("BE", BUSINESS, T.SERVICES, DUE, demands=[], acknowledged=[date(2026, 3, 1)])
    assert found == date(2036, 3, 2)


def test_a_german_acknowledgement_never_shortens_the_term_to_the_end_of_the_year() -> None:
    """Art. 212 BGB: three years from the acknowledgement, of which 2028-01-01 is the later."""
    found = limitation_date("DE", BUSINESS, T.SERVICES, DUE, demands=[], acknowledged=[date(2024, 7, 1)])
    assert found == date(2028, 1, 1)


def test_a_term_from_29_february_ends_on_the_earlier_day() -> None:
    found = limitation_date("NL", BUSINESS, T.SERVICES, date(2024, 2, 28), demands=[], acknowledged=[])
    assert found == date(2029, 2, 28)


def test_warnings_come_90_30_and_7_days_ahead() -> None:
    assert warning_days(date(2029, 6, 15)) == (date(2029, 3, 17), date(2029, 5, 16), date(2029, 6, 8))


_DATES = st.lists(st.dates(date(2020, 1, 1), date(2040, 1, 1)), max_size=5)


@given(
    st.sampled_from(["NL", "BE", "DE", "FR", "GB"]),
    st.sampled_from(DebtorKind),
    st.sampled_from(ClaimType),
    _DATES,
    _DATES,
)
def test_an_interruption_never_brings_the_date_forward(
    country: str, kind: DebtorKind, claim_type: ClaimType, demands: list[date], acknowledged: list[date]
) -> None:
    plain = limitation_date(country, kind, claim_type, DUE, demands=[], acknowledged=[])
    once = limitation_date(country, kind, claim_type, DUE, demands=demands, acknowledged=[])
    assert (
        plain
        <= once
        <= limitation_date(country, kind, claim_type, DUE, demands=demands, acknowledged=acknowledged)
    )
