"""Contracts for regular supply: costs on small terms do not pile up, and reminders are free at first."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.law.instalment_costs import instalment_costs, recurring_reminder_fee
from domain.money import Money


def eur(amount: str) -> Money:
    return Money.parse(amount, "EUR")


def test_seven_small_terms_of_a_dutch_consumer_cost_140_and_the_seventh_nothing() -> None:
    """Art. 2a of the costs decree, in force 1 October 2024, as reported: 40 and five times 20 in six months."""
    charged: list[Money] = []
    for _ in range(7):
        charged.append(instalment_costs(eur("60.00"), charged).amount)
    assert [str(m.amount) for m in charged] == ["40.00", *["20.00"] * 5, "0.00"]


@pytest.mark.parametrize(
    ("term", "earlier", "costs"),
    [
        ("266.66", [], "40.00"),
        ("266.66", ["40.00"], "20.00"),
        ("266.67", ["40.00"], "40.00"),  # the ordinary scale
        ("1000.00", ["40.00"], "150.00"),
        ("60.00", ["40.00", "20.00", "20.00", "20.00", "20.00", "10.00"], "10.00"),  # what is left of 140
        ("60.00", ["150.00"], "0.00"),  # a large term used it up
        ("0.00", [], "0.00"),
    ],
)
def test_small_terms_share_one_maximum_and_large_ones_follow_the_scale(
    term: str, earlier: list[str], costs: str
) -> None:
    assert str(instalment_costs(eur(term), [eur(e) for e in earlier]).amount.amount) == costs


@given(st.lists(st.integers(1, 26_666), max_size=12))
def test_small_terms_never_cost_more_than_140_together(cents: list[int]) -> None:
    charged: list[Money] = []
    for n in cents:
        charged.append(instalment_costs(Money(Decimal(n) / 100, "EUR"), charged).amount)
    assert sum(m.amount for m in charged) <= 140


@pytest.mark.parametrize(("reminders", "fee"), [(1, "0.00"), (3, "0.00"), (4, "9.10"), (9, "9.10")])
def test_from_the_fourth_missed_due_date_of_the_year_a_belgian_reminder_costs_750_and_postage(
    reminders: int, fee: str
) -> None:
    """Book XIX CEL; example of creno.be: January, February and April missed are free, July is charged."""
    assert str(recurring_reminder_fee(reminders, eur("1.60")).amount) == fee


def test_instalments_in_another_currency_are_refused() -> None:
    with pytest.raises(DomainError, match="EUR"):
        instalment_costs(Money.parse("60.00", "GBP"), [])
