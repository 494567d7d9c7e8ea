"""Nobody is contacted at night, on Sundays or on holidays."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.law.contact_hours import may_contact, next_contact_moment

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("moment", "country", "allowed_from"),
    [
        ("2026-11-20 06:59:59", "NL", "2026-11-20 07:00"),
        ("2026-11-20 07:00", "NL", "2026-11-20 07:00"),
        ("2026-11-20 19:59:59", "NL", "2026-11-20 19:59:59"),
        ("2026-11-20 20:00", "NL", "2026-11-21 07:00"),  # Saturdays are free
        ("2026-11-21 23:00", "NL", "2026-11-23 07:00"),  # over Sunday
        ("2026-04-02 20:00", "NL", "2026-04-04 07:00"),  # Good Friday
        ("2026-04-04 20:00", "NL", "2026-04-07 07:00"),  # Easter
        ("2026-05-05 12:00", "NL", "2026-05-06 07:00"),
        ("2026-05-05 12:00", "BE", "2026-05-05 12:00"),
        ("2024-05-09 12:00", "NL", "2024-05-11 07:00"),  # Ascension and the decree's bridge day
        ("2026-07-21 12:00", "BE", "2026-07-22 07:00"),
        ("2026-03-28 20:00", "NL", "2026-03-30 07:00"),  # the clock changes on that Sunday
        ("2026-11-22 12:00", "AT", "2026-11-23 07:00"),  # a country whose other law is not known
    ],
)
def test_contact_waits_until_it_is_allowed(moment: str, country: str, allowed_from: str) -> None:
    """Art. 4.2 Besluit kwaliteit incassodienstverlening, BWBR0049422."""
    now = datetime.fromisoformat(moment).replace(tzinfo=AMSTERDAM)
    expected = datetime.fromisoformat(allowed_from).replace(tzinfo=AMSTERDAM)
    assert may_contact(now, AMSTERDAM, country) == (now == expected)
    found = next_contact_moment(now, AMSTERDAM, country)
    assert found == expected
    assert found.tzinfo is UTC


def test_the_hours_are_those_of_the_zone_asked_about() -> None:
    early = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert may_contact(early, AMSTERDAM, "NL")
    assert not may_contact(early, ZoneInfo("Europe/London"), "GB")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["NL", "BE", "DE", "FR", "GB"]),
)
def test_the_next_moment_is_allowed_and_not_in_the_past(moment: datetime, country: str) -> None:
    found = next_contact_moment(moment, AMSTERDAM, country)
    assert found >= moment
    assert may_contact(found, AMSTERDAM, country)
    assert next_contact_moment(found, AMSTERDAM, country) == found
