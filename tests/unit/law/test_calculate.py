"""The calculators: what they read, what they refuse, and worked examples from form to answer."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.law.calculate import calculate_claim
from domain.law.form import read_json, reason_of
from domain.law.plain_answers import plain_claim


def form(**changes: object) -> dict[str, object]:
    """EUR 5000.00 that a Dutch consumer owes since 15 June 2024; a change to None takes the key out."""
    values: dict[str, object] = {
        "country": "NL",
        "debtor_kind": "consumer",
        "due_date": "2024-06-14",
        "principal": "5000.00",
        "as_of": "2025-06-15",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def belgian(**changes: object) -> dict[str, object]:
    """EUR 1000.00 that a consumer owes since 11 January 2025; reminded by e-mail on Monday the 20th."""
    values: dict[str, object] = {
        "country": "BE",
        "due_date": "2025-01-10",
        "principal": "1000.00",
        "as_of": "2025-03-01",
        "first_reminder": {"sent": "2025-01-20", "channel": "email"},
    }
    return form(**values | changes)


def answer(values: dict[str, object], *, provisional: bool = False) -> dict[str, Any]:
    return plain_claim(calculate_claim(values, provisional=provisional).claim)


def refused(values: dict[str, object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        calculate_claim(values)
    return caught.value


def owed(told: dict[str, Any]) -> list[str]:
    return [told[name] for name in ("principal", "interest", "costs", "vat_on_costs", "total")]


PAID = [{"on": "2024-12-12", "amount": "1500.00"}]


def test_a_claim_is_told_line_by_line_in_text() -> None:
    """By hand: 5000.00 x 7 % x 181/365 = 173.56; 1500.00 pays 625.00 costs, 173.56 interest, 701.44 principal.

    Then 4298.56 x 7 % x 19/365 = 15.66 and x 6 % x 165/365 = 116.59; the year is full, so 4430.81 bears 0.73.
    """
    told = answer(form(payments=PAID))
    assert list(told) == [
        *("principal", "interest", "costs", "vat_on_costs", "total", "provisional"),
        *("interest_lines", "allocations", "basis", "surplus"),
    ]
    assert owed(told) == ["4298.56", "132.98", "0.00", "0.00", "4431.54"]
    assert told["provisional"] is False
    lines = [(line["from"], line["to"], line["days"], line["rate"]) for line in told["interest_lines"]]
    assert lines == [
        ("2024-06-15", "2024-12-12", 181, "7"),
        ("2024-12-13", "2024-12-31", 19, "7"),
        ("2025-01-01", "2025-06-14", 165, "6"),
        ("2025-06-15", "2025-06-15", 1, "6"),
    ]
    assert told["interest_lines"][3]["base"] == "4430.81"
    assert all(line["source"] for line in told["interest_lines"])
    assert told["allocations"] == [
        {
            "on": "2024-12-12",
            "invoice": "1",
            "costs": "625.00",
            "interest": "173.56",
            "principal": "701.44",
        }
    ]
    assert told["surplus"] == "0.00"
    assert any("14-day letter" in reason for reason in told["basis"])
    assert json.loads(json.dumps(told)) == told


def test_what_is_left_out_takes_its_default() -> None:
    spelled_out = form(
        creditor_size="sme",
        currency="EUR",
        day_count="actual/365",
        costs="statutory",
        vat_on_costs=False,
        payments=[],
        provisional=False,
    )
    assert answer(spelled_out) == answer(form())
    assert answer(spelled_out | {"contractual_rate": None, "first_reminder": None}) == answer(form())


def test_one_invoice_may_be_given_as_a_list_of_one() -> None:
    listed = form(
        due_date=None, principal=None, invoices=[{"due_date": "2024-06-14", "principal": "5000.00"}]
    )
    assert answer(listed) == answer(form())


def test_invoices_of_one_debtor_bear_one_run_of_the_scale() -> None:
    """Art. 6:96 para 7 BW: 200.00 and 300.00 cost 15 % of 500.00, not twice the minimum of 40.00."""
    invoices = [
        {"due_date": "2025-01-10", "principal": "200.00"},
        {"due_date": "2025-02-10", "principal": "300.00", "id": "F-2"},
    ]
    paid = [{"on": "2025-03-01", "amount": "100.00", "invoice": "F-2"}]
    told = answer(form(due_date=None, principal=None, as_of="2025-03-01", invoices=invoices, payments=paid))
    assert told["allocations"][0]["costs"] == "75.00"
    assert told["allocations"][0]["invoice"] == "F-2"
    assert {line["invoice"] for line in told["interest_lines"]} == {"1", "F-2"}


@pytest.mark.parametrize(
    ("changes", "costs", "vat"),
    [
        ({"costs": "none"}, "0.00", "0.00"),
        ({"costs": "minimum"}, "0.00", "0.00"),  # a consumer owes nothing without a letter
        ({"costs": "minimum", "debtor_kind": "business"}, "40.00", "0.00"),
        ({"costs": "statutory", "debtor_kind": "business"}, "625.00", "0.00"),
        ({"costs": "statutory", "vat_on_costs": True}, "625.00", "131.25"),
        ({"costs": "100.00", "vat_on_costs": True}, "100.00", "21.00"),
        ({"costs": "625.00"}, "625.00", "0.00"),
        ({"costs": "900.00", "debtor_kind": "business"}, "900.00", "0.00"),
        ({"country": "UK", "costs": "minimum", "debtor_kind": "business"}, "70.00", "0.00"),
        ({"country": "FR", "debtor_kind": "consumer"}, "0.00", "0.00"),
        ({"debtor_kind": "unknown", "costs": "minimum"}, "0.00", "0.00"),
    ],
)
def test_costs_as_asked(changes: dict[str, object], costs: str, vat: str) -> None:
    told = answer(form(**changes))
    assert (told["costs"], told["vat_on_costs"]) == (costs, vat)


@pytest.mark.parametrize(
    ("country", "kind", "amount", "most"),
    [
        ("NL", "consumer", "625.01", "625.00"),
        ("NL", "unknown", "700.00", "625.00"),
        ("BE", "consumer", "290.01", "290.00"),
        ("FR", "consumer", "0.01", "0.00"),
    ],
)
def test_a_consumer_is_charged_no_more_than_the_law_says(
    country: str, kind: str, amount: str, most: str
) -> None:
    error = refused(form(country=country, debtor_kind=kind, costs=amount))
    assert (error.code, error.values["field"], error.values["value"]) == ("costs_above_cap", "costs", amount)
    assert most in error.message


def test_a_british_claim_is_in_pounds_unless_it_says_otherwise() -> None:
    """Base rate 5.25 on 30 June 2024 and 8 points: 1000.00 x 13.25 % x 100/365."""
    told = calculate_claim(
        form(
            country="UK",
            debtor_kind="business",
            due_date="2024-09-01",
            as_of="2024-12-10",
            principal="1000.00",
            costs="none",
        )
    )
    assert told.claim.total.currency == "GBP"
    assert (told.claim.interest.amount, told.question.country) == (Decimal("36.30"), "GB")


def test_an_agreed_rate_replaces_the_statutory_one() -> None:
    told = answer(form(debtor_kind="business", contractual_rate="3.65", as_of="2024-06-24", costs="none"))
    assert (told["interest_lines"][0]["rate"], told["interest"]) == ("3.65", "5.00")


def test_days_may_be_divided_by_the_year_of_default() -> None:
    """From 15 June 2023 the year of default has 366 days; 365 of them bear 500.00 or 500.00 x 365/366."""
    year = form(due_date="2023-06-14", as_of="2024-06-13", contractual_rate="10", costs="none")
    assert answer(year)["interest"] == "500.00"
    assert answer(year | {"day_count": "actual/anniversary"})["interest"] == "498.63"


@pytest.mark.parametrize(
    ("changes", "interest", "costs"),
    [
        # 11.5 % (ECB 3.15 + 8, up to the next half) over 40 days from 21 January, or 26 from 4 February.
        ({}, "12.60", "90.00"),
        ({"creditor_size": "large"}, "8.19", "90.00"),
        # Paid before the window closes, on 3 February, nothing but the principal is owed.
        ({"as_of": "2025-02-03"}, "0.00", "0.00"),
        ({"as_of": "2025-02-04"}, "4.73", "90.00"),
        # Without a reminder: from the day after the due date, 50 days.
        ({"first_reminder": None}, "15.75", "90.00"),
    ],
)
def test_a_belgian_consumer_owes_more_than_the_principal_only_after_the_free_reminder(
    changes: dict[str, object], interest: str, costs: str
) -> None:
    told = answer(belgian(**changes))
    assert (told["interest"], told["costs"]) == (interest, costs)


def test_what_a_belgian_consumer_pays_inside_the_window_lowers_the_tier() -> None:
    """Of 1000.00, 600.00 was paid: 30 and 10 % of what 400.00 has above 150."""
    told = answer(belgian(payments=[{"on": "2025-01-25", "amount": "600.00"}]))
    assert told["costs"] == "55.00"
    late = answer(belgian(payments=[{"on": "2025-02-04", "amount": "600.00"}]))
    assert late["allocations"][0]["costs"] == "90.00"


def test_a_belgian_consumer_who_pays_all_inside_the_window_owes_no_costs() -> None:
    told = answer(belgian(creditor_size="large", payments=[{"on": "2025-02-03", "amount": "1000.00"}]))
    assert told["total"] == "0.00"


def test_a_payment_after_the_day_is_not_counted_and_says_so() -> None:
    told = answer(form(payments=[{"on": "2025-06-16", "amount": "10.00"}]))
    assert told["total"] == answer(form())["total"]
    assert any("2025-06-15" in reason and "not counted" in reason for reason in told["basis"])


def test_what_is_paid_beyond_the_claim_is_told() -> None:
    told = answer(form(costs="none", payments=[{"on": "2024-06-14", "amount": "5000.01"}]))
    assert (told["total"], told["surplus"]) == ("0.00", "0.01")


def test_rates_that_are_not_known_yet_are_refused_or_marked() -> None:
    future = form(as_of="2035-01-01")
    error = refused(future)
    assert (error.code, error.values["field"], error.values["value"]) == (
        "rate_not_known_yet",
        "as_of",
        "2035-01-01",
    )
    assert answer(future, provisional=True)["provisional"] is True
    assert answer(future | {"provisional": True})["provisional"] is True
    assert answer(form(provisional=True))["provisional"] is False


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"country": "AT"}, "country", "AT"),
        ({"country": "Holland"}, "country", "Holland"),
        ({"debtor_kind": "company"}, "debtor_kind", "company"),
        ({"creditor_size": "tiny"}, "creditor_size", "tiny"),
        ({"currency": "BTC"}, "currency", "BTC"),
        ({"currency": "USD"}, "currency", "USD"),
        ({"day_count": "30/360"}, "day_count", "30/360"),
        ({"principal": 5000}, "principal", "5000"),
        ({"principal": 5000.5}, "principal", "5000.5"),
        ({"principal": True}, "principal", "true"),
        ({"principal": "-5.00"}, "principal", "-5.00"),
        ({"principal": "0.00"}, "principal", "0.00"),
        ({"principal": "12.345"}, "principal", "12.345"),
        ({"principal": "5.000,00"}, "principal", "5.000,00"),
        ({"principal": "NaN"}, "principal", "NaN"),
        ({"due_date": "14-06-2024"}, "due_date", "14-06-2024"),
        ({"due_date": "20240614"}, "due_date", "20240614"),
        ({"due_date": "2024-02-30"}, "due_date", "2024-02-30"),
        ({"due_date": "1999-06-14"}, "due_date", "1999-06-14"),
        ({"due_date": "2005-06-14"}, "due_date", "2005-06-14"),  # before the tables
        ({"as_of": "2024-06-13"}, "as_of", "2024-06-13"),
        ({"contractual_rate": 8}, "contractual_rate", "8"),
        ({"contractual_rate": "-8"}, "contractual_rate", "-8"),
        ({"contractual_rate": "8 %"}, "contractual_rate", "8 %"),
        ({"costs": 75}, "costs", "75"),
        ({"costs": "much"}, "costs", "much"),
        ({"costs": "-1.00"}, "costs", "-1.00"),
        ({"vat_on_costs": "yes"}, "vat_on_costs", "yes"),
        ({"country": "BE", "vat_on_costs": True}, "vat_on_costs", "true"),
        ({"payments": {}}, "payments", "{}"),
        ({"payments": [12]}, "payments.0", "12"),
        ({"payments": [{"on": "2024-06-13", "amount": "1.00"}]}, "payments.0.on", "2024-06-13"),
        ({"payments": [{"on": "2024-07-01", "amount": 1.5}]}, "payments.0.amount", "1.5"),
        ({"payments": [{"on": "2024-07-01", "amount": "-1.00"}]}, "payments.0.amount", "-1.00"),
        (
            {"payments": [*PAID, {"on": "2024-07-01", "amount": "1", "invoice": "9"}]},
            "payments.1.invoice",
            "9",
        ),
        ({"payments": [{"on": "2024-07-01", "amount": "1", "date": "x"}]}, "payments.0.date", "x"),
        ({"first_reminder": {"sent": "2024-07-01", "channel": "post"}}, "first_reminder", "2024-07-01"),
        ({"invoices": [{"due_date": "2024-06-14", "principal": "1.00"}]}, "due_date", "2024-06-14"),
        ({"colour": "blue"}, "colour", "blue"),
        ({"country": ""}, "country", '""'),
        ({"\ud800\n": 1}, "'\\ud800\\n'", "1"),  # could neither be printed nor sent back
        ({"payments": [{"\ud800": 1}]}, "payments.0.'\\ud800'", "1"),
        ({"country": "N\ud800"}, "country", "'N\\ud800'"),
    ],
)
def test_a_value_at_fault_is_named_with_its_field(changes: dict[str, object], field: str, value: str) -> None:
    error = refused(form(**changes))
    assert error.values["field"] == field
    assert value in str(error.values["value"])
    assert value in reason_of(error)


def test_a_value_is_named_even_if_its_letters_stand_in_the_reason_by_chance() -> None:
    twice = [{"id": "a", "due_date": "2024-06-14", "principal": "1.00"}] * 2
    again = refused(form(due_date=None, principal=None, invoices=twice))
    assert reason_of(again) == "is the id of an earlier invoice too (a)"
    assert reason_of(refused(form(costs="0"))).endswith('such as "75.00" (0)')


@pytest.mark.parametrize("missing", ["country", "debtor_kind", "due_date", "principal", "as_of"])
def test_what_is_missing_is_named(missing: str) -> None:
    error = refused(form(**{missing: None}))
    assert (error.code, error.values["field"]) == ("missing", missing)


@pytest.mark.parametrize(
    ("invoices", "field"),
    [
        ([], "invoices"),
        ([{"due_date": "2024-06-14"}], "invoices.0.principal"),
        ([{"due_date": "2025-06-16", "principal": "1.00"}], "as_of"),
        ([{"due_date": "2024-06-14", "principal": "1.00", "id": "2"}] * 2, "invoices.1.id"),
        ([{"due_date": "2024-06-14", "principal": "1.00"}] * 1001, "invoices"),
    ],
)
def test_invoices_at_fault_are_named(invoices: list[dict[str, object]], field: str) -> None:
    assert refused(form(due_date=None, principal=None, invoices=invoices)).values["field"] == field


def test_a_belgian_reminder_before_default_is_refused() -> None:
    error = refused(belgian(first_reminder={"sent": "2025-01-10", "channel": "email"}))
    assert (error.values["field"], error.values["value"]) == ("first_reminder.sent", "2025-01-10")


def test_json_keeps_numbers_as_they_were_written_so_that_refusals_can_quote_them() -> None:
    text = json.dumps(form()).replace('"5000.00"', "5000.00")
    assert refused(dict(read_json(text))).values["value"] == "5000.00"


def test_more_payments_of_more_invoices_than_can_be_shown_are_refused() -> None:
    """Each payment ends a line of interest of each invoice: 1000 by 51 would be 51,000 lines."""
    invoices = [{"due_date": "2024-06-14", "principal": "5.00"}] * 1000
    payments = [{"on": "2024-06-20", "amount": "1.00"}] * 51
    with pytest.raises(DomainError) as caught:
        calculate_claim(form(due_date=None, principal=None, invoices=invoices, payments=payments))
    assert (caught.value.code, caught.value.values["field"]) == ("too_many", "payments")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("", "not_json"),
        ("[" * 100_000, "not_json"),
        ("[1.50]", "not_an_object"),
        ('{"as_of": "2025-01-01", "as_of": "2025-01-02"}', "twice"),
    ],
)
def test_json_that_is_no_form_is_refused(text: str, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        read_json(text)
    assert caught.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*form(), "payments", "invoices", "costs", "first_reminder"]), json_values)
def test_whatever_is_written_is_taken_or_refused_by_name(name: str, value: object) -> None:
    faults: list[DomainError] = []
    try:
        calculate_claim(read_json(json.dumps(form() | {name: value})))
    except DomainError as error:
        faults.append(error)
    assert all(error.values["field"] and reason_of(error).isprintable() for error in faults)
