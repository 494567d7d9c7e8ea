"""A claim that cannot be computed says which value is at fault."""

from __future__ import annotations

import pytest

from domain.errors import DomainError
from domain.law.claim import ClaimInvoice, ClaimPayment, claim
from domain.law.costs import Costs
from domain.law.settings import LawSettings
from tests.unit.law.claiming import CONSUMER, costs_of, day, money, paid

INVOICE = ClaimInvoice("1", money("100.00"), day("2025-01-31"))
AS_OF = "2025-06-30"


@pytest.mark.parametrize(
    ("country", "invoices", "payments", "as_of", "costs", "code", "value"),
    [
        ("NL", [INVOICE], [], "2025-01-30", costs_of(), "as_of_before_due", "2025-01-30"),
        ("NL", [], [], AS_OF, costs_of(), "bad_invoices", "0"),
        ("NL", [INVOICE, INVOICE], [], AS_OF, costs_of(), "bad_invoices", "2"),
        (
            "NL",
            [ClaimInvoice("1", money(0), INVOICE.due)],
            [],
            AS_OF,
            costs_of(),
            "principal_not_positive",
            "0.00",
        ),
        ("NL", [INVOICE], [paid("2025-02-10", "-1")], AS_OF, costs_of(), "payment_not_positive", "-1.00"),
        ("NL", [INVOICE], [paid("2025-02-10", "1", "2")], AS_OF, costs_of(), "unknown_designation", "2"),
        ("NL", [INVOICE], [], AS_OF, costs_of("-0.01"), "costs_negative", "-0.01"),
        ("ES", [INVOICE], [], AS_OF, costs_of(), "unknown_country", "ES"),
    ],
)
def test_refused_by_field_and_value(
    country: str,
    invoices: list[ClaimInvoice],
    payments: list[ClaimPayment],
    as_of: str,
    costs: Costs,
    code: str,
    value: str,
) -> None:
    with pytest.raises(DomainError) as refused:
        claim(country, CONSUMER, invoices, payments, day(as_of), costs=costs, settings=LawSettings())
    assert refused.value.code == code
    assert refused.value.values["value"] == value
    assert refused.value.values["field"]


@pytest.mark.parametrize(
    ("invoice", "payments", "costs"),
    [
        (ClaimInvoice("1", money(1, "GBP"), INVOICE.due), [], costs_of()),
        (INVOICE, [ClaimPayment(day("2025-02-10"), money(1, "USD"))], costs_of()),
        (INVOICE, [], costs_of(currency="GBP")),
    ],
)
def test_currencies_do_not_mix(invoice: ClaimInvoice, payments: list[ClaimPayment], costs: Costs) -> None:
    with pytest.raises(DomainError) as refused:
        claim("NL", CONSUMER, [invoice], payments, day(AS_OF), costs=costs, settings=LawSettings())
    assert refused.value.code == "currency_mismatch"
