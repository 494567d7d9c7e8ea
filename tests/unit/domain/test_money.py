"""Money is exact: what is read is what is written, and nothing else gets in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.money import CURRENCIES, LARGEST, Money
from tests.support.facts import eur

amounts = st.decimals(-LARGEST, LARGEST, places=2)
small = st.decimals(-1000, 1000, places=2)


@given(amount=amounts, currency=st.sampled_from(sorted(CURRENCIES)))
def test_what_is_written_reads_back_the_same(amount: Decimal, currency: str) -> None:
    money = Money(amount, currency)
    text, _, code = str(money).partition(" ")
    assert Money.parse(text, code) == money
    assert text.rpartition(".")[2].isdigit()
    assert len(text.rpartition(".")[2]) == 2


@given(a=small, b=small, c=small)
def test_sums_do_not_depend_on_order_and_differences_undo_them(a: Decimal, b: Decimal, c: Decimal) -> None:
    x, y, z = (Money(amount, "EUR") for amount in (a, b, c))
    assert (x + y) + z == z + (y + x)
    assert (x + y) - y == x
    assert x + -x == Money.zero("EUR")
    assert (x < y) == (x - y < Money.zero("EUR"))
    assert bool(x) == (x != Money.zero("EUR"))


def test_spellings_of_an_amount_are_one_amount() -> None:
    assert eur("1234.5") == eur("1234.50") == eur("01234.50")
    assert str(eur("-0.00")) == "0.00 EUR"
    assert {eur("1"), eur("1.00")} == {eur("1.0")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.345", "too_many_decimals"),
        ("1,50", "bad_amount"),
        ("1.234,50", "bad_amount"),
        ("1 000.00", "bad_amount"),
        ("1e3", "bad_amount"),
        ("NaN", "bad_amount"),
        ("Infinity", "bad_amount"),
        ("", "bad_amount"),
        ("+1.00", "bad_amount"),
        (".50", "bad_amount"),
        ("1.", "bad_amount"),
        ("1.00\n", "bad_amount"),
        ("١٢", "bad_amount"),
        ("1000000000000.00", "amount_out_of_range"),
    ],
)
def test_what_is_not_a_plain_amount_is_refused(text: str, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        eur(text)
    assert refusal.value.code == code


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+30", "1E-30", "0.001"])
def test_no_impossible_decimal_gets_in(amount: str) -> None:
    with pytest.raises(DomainError):
        Money(Decimal(amount), "EUR")


def test_a_float_gets_in_nowhere() -> None:
    with pytest.raises(AttributeError):
        Money(1.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        eur("1.50") * 1.5  # type: ignore[operator]


def test_currencies_do_not_mix() -> None:
    for mix in (lambda: eur("1") + Money.zero("USD"), lambda: eur("1") < Money.zero("USD")):
        with pytest.raises(DomainError) as refusal:
            mix()
        assert refusal.value.code == "currency_mismatch"
    with pytest.raises(DomainError, match="unknown currency"):
        Money.zero("BTC")
    assert Money.zero("EUR") != Money.zero("USD")
