"""What collection costs a debtor: every tier, floor and ceiling, and what no country allows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.costs import Costs, collection_costs, minimum_costs
from domain.money import Money

CONSUMER, BUSINESS, UNKNOWN = DebtorKind.CONSUMER, DebtorKind.BUSINESS, DebtorKind.UNKNOWN


def eur(*amounts: str) -> list[Money]:
    return [Money.parse(amount, "EUR") for amount in amounts]


def gbp(*amounts: str) -> list[Money]:
    return [Money.parse(amount, "GBP") for amount in amounts]


@pytest.mark.parametrize(
    ("principal", "costs"),
    [
        ("0.01", "40.00"),  # the minimum
        ("266.66", "40.00"),
        ("266.67", "40.00"),  # 15 % reaches it: 40.0005
        ("266.70", "40.01"),  # 40.005, half up
        ("412.30", "61.85"),  # 61.845, half up
        ("2500.00", "375.00"),
        ("2500.05", "375.01"),  # 10 % above: 375.005
        ("5000.00", "625.00"),
        ("5000.10", "625.01"),  # 5 % above: 625.005
        ("10000.00", "875.00"),
        ("10000.50", "875.01"),  # 1 % above: 875.005
        ("200000.00", "2775.00"),
        ("200001.00", "2775.01"),  # 0.5 % above: 2775.005
        ("999999.00", "6775.00"),  # 6774.995
        ("1000000.00", "6775.00"),
        ("5000000.00", "6775.00"),  # the maximum
    ],
)
@pytest.mark.parametrize("kind", list(DebtorKind))
def test_the_dutch_scale(principal: str, costs: str, kind: DebtorKind) -> None:
    """Art. 2 Besluit vergoeding voor buitengerechtelijke incassokosten, Stb. 2012, 141."""
    assert str(collection_costs("NL", kind, eur(principal)).amount) == f"{costs} EUR"


@pytest.mark.parametrize(
    ("principal", "vat"),
    [("100.00", "8.40"), ("1000000.00", "1422.75"), ("412.30", "12.99"), ("0.00", "0.00")],
)
def test_vat_is_21_percent_of_the_rounded_costs(principal: str, vat: str) -> None:
    """Art. 2 para 3 of the same: floor 48.40 and ceiling 8,197.75 with VAT."""
    costs = collection_costs("NL", CONSUMER, eur(principal), vat=True)
    assert str(costs.vat.amount) == vat
    assert costs.amount == collection_costs("NL", CONSUMER, eur(principal)).amount
    assert any("lid 3" in rule for rule in costs.basis)


def test_several_dutch_invoices_are_one_principal() -> None:
    """Art. 6:96 para 7 BW: one demand, one run of the scale, not three times EUR 40."""
    together = collection_costs("NL", CONSUMER, eur("100.00", "100.00", "100.00"))
    assert together.amount == eur("45.00")[0]


def test_a_part_payment_inside_the_14_days_leaves_costs_on_the_rest_only() -> None:
    """HR 25 November 2016, ECLI:NL:HR:2016:2704: of 3,000 demanded, 2,000 came; costs on 1,000."""
    assert collection_costs("NL", CONSUMER, eur("3000.00")).amount == eur("425.00")[0]
    assert collection_costs("NL", CONSUMER, eur("1000.00")).amount == eur("150.00")[0]


@pytest.mark.parametrize(
    ("balance", "cap"),
    [
        ("0.01", "20.00"),
        ("150.00", "20.00"),
        ("150.01", "30.00"),
        ("150.05", "30.01"),  # 30.005, half up
        ("500.00", "65.00"),
        ("500.01", "65.00"),
        ("500.10", "65.01"),  # 65.005, half up
        ("39199.00", "1999.95"),
        ("39200.00", "2000.00"),
        ("90000.00", "2000.00"),
    ],
)
@pytest.mark.parametrize("kind", [CONSUMER, UNKNOWN])
def test_the_belgian_caps_for_consumers(balance: str, cap: str, kind: DebtorKind) -> None:
    """Book XIX CEL: 20 to 150; 30 and 10 % to 500; 65 and 5 % above, at most 2,000; and only if agreed."""
    costs = collection_costs("BE", kind, eur(balance))
    assert str(costs.amount.amount) == cap
    assert any("only if" in rule for rule in costs.basis)


@pytest.mark.parametrize(
    ("balances", "cap"),
    [
        (["150.00", "150.00"], "40.00"),  # each apart: 20 + 20; together: 45
        (["400.00", "400.00"], "80.00"),  # together: 80; each apart: 55 + 55
        (["39200.00", "39200.00"], "2000.00"),
    ],
)
def test_several_belgian_invoices_take_the_lower_of_the_caps(balances: list[str], cap: str) -> None:
    assert str(collection_costs("BE", CONSUMER, eur(*balances)).amount.amount) == cap


@pytest.mark.parametrize("costs_of", [collection_costs, minimum_costs])
@pytest.mark.parametrize("country", ["BE", "DE", "FR"])
def test_a_business_owes_40_per_invoice(country: str, costs_of: Callable[..., Costs]) -> None:
    """Art. 6 Directive 2011/7/EU, as made law by each country."""
    assert str(costs_of(country, BUSINESS, eur("5.00", "9000.00", "0.00")).amount) == "80.00 EUR"


def test_a_dutch_business_owes_40_per_invoice_before_and_the_scale_after_a_demand() -> None:
    """Art. 6:96 para 4 BW."""
    invoices = eur("2000.00", "500.00")
    assert str(minimum_costs("NL", BUSINESS, invoices).amount) == "80.00 EUR"
    assert str(collection_costs("NL", BUSINESS, invoices).amount) == "375.00 EUR"


@pytest.mark.parametrize(
    ("debts", "sum_due"),
    [
        (["999.99"], "40.00"),
        (["1000.00"], "70.00"),
        (["9999.99"], "70.00"),
        (["10000.00"], "100.00"),
        (["500.00", "1000.00", "10000.00"], "210.00"),
        (["0.00"], "0.00"),
    ],
)
@pytest.mark.parametrize("costs_of", [collection_costs, minimum_costs])
def test_the_british_bands(debts: list[str], sum_due: str, costs_of: Callable[..., Costs]) -> None:
    """S. 5A Late Payment of Commercial Debts (Interest) Act 1998: per debt."""
    for country in ("GB", "UK"):
        assert str(costs_of(country, BUSINESS, gbp(*debts)).amount) == f"{sum_due} GBP"


@pytest.mark.parametrize("kind", [CONSUMER, UNKNOWN])
@pytest.mark.parametrize("country", ["NL", "BE", "DE", "FR", "GB"])
def test_a_consumer_owes_no_fixed_sum_anywhere_and_is_told_why(country: str, kind: DebtorKind) -> None:
    principals = gbp("5000.00") if country == "GB" else eur("5000.00")
    costs = minimum_costs(country, kind, principals)
    assert not costs.amount
    assert "consumer" in costs.basis[0]
    if country in {"DE", "FR", "GB"}:
        assert not collection_costs(country, kind, principals).amount


@pytest.mark.parametrize("country", ["NL", "BE", "DE", "FR", "GB"])
def test_nothing_unpaid_costs_nothing(country: str) -> None:
    currency = "GBP" if country == "GB" else "EUR"
    for kind in DebtorKind:
        for principals in ([], [Money.zero(currency)]):
            assert collection_costs(country, kind, principals).amount == Money.zero(currency)


@pytest.mark.parametrize(
    ("ask", "code", "field", "value"),
    [
        (lambda: collection_costs("ES", CONSUMER, eur("1.00")), "unknown_country", "country", "ES"),
        (lambda: collection_costs("NL", CONSUMER, gbp("1.00")), "unsupported_currency", "currency", "GBP"),
        (lambda: minimum_costs("GB", BUSINESS, eur("1.00")), "unsupported_currency", "currency", "EUR"),
        (lambda: collection_costs("NL", CONSUMER, eur("-1.00")), "negative_principal", "principal", "-1.00"),
        (
            lambda: collection_costs("BE", BUSINESS, eur("1.00"), vat=True),
            "vat_not_applicable",
            "vat",
            "true",
        ),
    ],
)
def test_a_question_without_answer_names_what_is_wrong(
    ask: Callable[[], Costs], code: str, field: str, value: str
) -> None:
    with pytest.raises(DomainError) as caught:
        ask()
    assert (caught.value.code, caught.value.values) == (code, {"field": field, "value": value})


_AMOUNTS = st.lists(st.integers(0, 200_000_000), max_size=4)  # cents


@given(_AMOUNTS, st.sampled_from(["NL", "BE"]))
def test_costs_never_exceed_the_cap(cents: list[int], country: str) -> None:
    amount = collection_costs(country, CONSUMER, _money(cents)).amount.amount
    assert amount <= {"NL": 6775, "BE": 2000}[country]
    if any(cents):
        assert amount >= {"NL": 40, "BE": 20}[country]


@given(
    _AMOUNTS,
    st.integers(0, 100_000_000),
    st.sampled_from(["NL", "BE", "DE", "FR"]),
    st.sampled_from(DebtorKind),
)
def test_more_principal_never_costs_less(cents: list[int], more: int, country: str, kind: DebtorKind) -> None:
    owed = [100, *cents]
    for costs_of in (collection_costs, minimum_costs):
        before, after = (costs_of(country, kind, _money([owed[0] + n, *owed[1:]])).amount for n in (0, more))
        assert before <= after <= costs_of(country, kind, _money([owed[0] + more, *owed[1:], 100])).amount


def _money(cents: list[int]) -> list[Money]:
    return [Money(Decimal(n) / 100, "EUR") for n in cents]
