"""The small calculators: windows, costs and rates, and what they refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import DomainError
from domain.law.calculate import calculate_costs, calculate_window, find_rate
from domain.law.plain_answers import percent_text, plain_costs, plain_rate, plain_window


def test_a_window_is_told_by_four_dates() -> None:
    """Posted on the Friday before Easter 2026: Sunday and Monday are skipped, Tuesday is the second day."""
    told = plain_window(calculate_window("NL", "consumer", "post", "2026-04-03"))
    assert told == {
        "deemed_delivery": "2026-04-07",
        "first_day": "2026-04-08",
        "last_day": "2026-04-21",
        "costs_from": "2026-04-22",
    }
    assert told == plain_window(calculate_window("nl", "unknown", "post", "2026-04-03"))


def test_the_safe_window_ends_later_as_notices_count_it() -> None:
    least = calculate_window("BE", "consumer", "post", "2026-04-03")
    safe = calculate_window("BE", "consumer", "post", "2026-04-03", safe=True)
    assert least.costs_from == date(2026, 4, 23)
    assert safe.costs_from == date(2026, 4, 28)  # three days later, and the 25th is a Saturday


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("NL", "business", "post", "2026-04-03"), "kind"),
        (("DE", "consumer", "post", "2026-04-03"), "country"),
        (("NL", "consumer", "fax", "2026-04-03"), "channel"),
        (("NL", "consumer", "post", "3 April"), "sent"),
        (("XX", "consumer", "post", "2026-04-03"), "country"),
        (("NL", "nobody", "post", "2026-04-03"), "kind"),
    ],
)
def test_a_window_that_does_not_exist_is_refused(arguments: tuple[str, str, str, str], field: str) -> None:
    with pytest.raises(DomainError) as caught:
        calculate_window(*arguments)
    assert caught.value.values["field"] == field


def test_costs_of_one_demand() -> None:
    """15 % of 412.30 is 61.845, rounded half up; 21 % of that is 12.9885."""
    assert plain_costs(calculate_costs("NL", "consumer", ["412.30"], vat=True)) == {
        "costs": "61.85",
        "vat": "12.99",
    }
    assert calculate_costs("UK", "business", ["999.99", "1000"]).amount.amount == 110


@pytest.mark.parametrize(
    ("principals", "options", "field"),
    [
        (["-5"], {}, "principal"),
        ([], {}, "principal"),
        (["5"], {"currency": "GBP"}, "currency"),
        (["5"], {"currency": "XXX"}, "currency"),
    ],
)
def test_principals_that_cannot_be_are_refused(
    principals: list[str], options: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        calculate_costs("NL", "business", principals, **options)
    assert caught.value.values["field"] == field


def test_the_rate_on_a_day() -> None:
    told = plain_rate(find_rate("NL", "business", "2026-08-15"))
    assert told["percent"] == "10.4"
    assert list(told) == ["percent", "source"]
    assert plain_rate(find_rate("NL", "consumer", "2026-08-15"))["percent"] == "4"
    assert find_rate("BE", "civil", "2025-08-15").percent != find_rate("BE", "business", "2025-08-15").percent
    assert find_rate("NL", "civil", "2026-08-15") == find_rate("NL", "unknown", "2026-08-15")


def test_a_rate_that_is_not_known_yet_is_refused_or_marked() -> None:
    with pytest.raises(DomainError) as caught:
        find_rate("NL", "business", "2035-01-01")
    assert (caught.value.values["field"], caught.value.values["value"]) == ("on", "2035-01-01")
    marked = plain_rate(find_rate("NL", "business", "2035-01-01", provisional=True), provisional=True)
    assert marked["provisional"] is True


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("FR", "consumer", "2025-01-01"), "kind"),
        (("DE", "civil", "2025-01-01"), "kind"),
        (("NL", "consumer", "2001-01-01"), "on"),
    ],
)
def test_a_rate_that_nobody_owes_is_refused(arguments: tuple[str, str, str], field: str) -> None:
    with pytest.raises(DomainError) as caught:
        find_rate(*arguments)
    assert caught.value.values["field"] == field


@pytest.mark.parametrize(
    ("percent", "text"), [("10.40", "10.4"), ("4.00", "4"), ("0.00", "0"), ("100", "100")]
)
def test_percentages_have_no_zeros_at_the_end(percent: str, text: str) -> None:
    assert percent_text(Decimal(percent)) == text
