"""What a payment pays, worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.facts import DebtorKind
from domain.law.claim import Claim, ClaimInvoice, ClaimPayment, claim
from domain.law.costs import Costs
from domain.law.settings import LawSettings
from tests.unit.law.claiming import BUSINESS, CONSUMER, booked, costs_of, day, lines, money, owed, paid

TEN_PERCENT = LawSettings(contractual_rate=Decimal(10))
NO_INTEREST = LawSettings(contractual_rate=Decimal(0))


def owed_together(
    invoices: list[tuple[str, str, str]],
    *payments: ClaimPayment,
    as_of: str = "2025-06-30",
    costs: Costs | None = None,
    country: str = "NL",
    kind: DebtorKind = BUSINESS,
    settings: LawSettings = NO_INTEREST,
) -> Claim:
    """Invoices as id, principal and due date."""
    currency = "GBP" if country == "GB" else "EUR"
    return claim(
        country,
        kind,
        [ClaimInvoice(id_, money(principal, currency), day(due)) for id_, principal, due in invoices],
        payments,
        day(as_of),
        costs=costs or costs_of(currency=currency),
        settings=settings,
    )


def test_costs_then_their_vat_then_interest_then_principal() -> None:
    """Art. 6:44 BW. 1000.00 at 10 % from 1 January: 36.5 days' worth is 10.00, so 73 days are 20.00."""
    costs = costs_of("150.00", "31.50")
    first = owed(
        "NL", CONSUMER, "1000.00", "2024-12-31", "2025-03-14", paid("2025-03-14", "170"),
        costs=costs, settings=TEN_PERCENT,
    )  # fmt: skip
    assert (first.costs, first.vat_on_costs, first.interest) == (money(0), money("11.50"), money("20.00"))
    assert booked(first) == [("2025-03-14", None, "170.00", "0.00", "0.00")]
    second = owed(
        "NL", CONSUMER, "1000.00", "2024-12-31", "2025-03-14", paid("2025-03-14", "170"), paid("2025-03-14", "131.50"),
        costs=costs, settings=TEN_PERCENT,
    )  # fmt: skip
    assert booked(second)[1] == ("2025-03-14", "1", "11.50", "20.00", "100.00")
    assert (second.principal, second.total) == (money("900.00"), money("900.00"))


def test_a_payment_lowers_the_base_from_the_day_after_it() -> None:
    found = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2025-03-15", paid("2025-03-14", "520"), settings=TEN_PERCENT
    )
    assert lines(found) == [
        ("2025-01-01", "2025-03-14", 73, "10.00", "1000.00", "20.00"),
        ("2025-03-15", "2025-03-15", 1, "10.00", "500.00", "0.14"),
    ]


def test_a_payment_of_interest_alone_ends_the_line_and_leaves_the_base_as_it_is() -> None:
    found = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2025-05-26", paid("2025-03-14", "5"), settings=TEN_PERCENT
    )
    assert lines(found) == [
        ("2025-01-01", "2025-03-14", 73, "10.00", "1000.00", "20.00"),
        ("2025-03-15", "2025-05-26", 73, "10.00", "1000.00", "20.00"),
    ]
    assert (found.interest, found.accrued) == (money("35.00"), money("40.00"))


def test_interest_is_rounded_at_each_payment_even_of_costs_alone() -> None:
    """18.25 x 10 % / 365 is half a cent a day: two periods of one day are 0.01 each, one of two days would be 0.01."""
    found = owed(
        *("NL", BUSINESS, "18.25", "2024-12-31", "2025-01-02", paid("2025-01-01", "1")),
        costs=costs_of("40.00"),
        settings=TEN_PERCENT,
    )
    assert [line[-1] for line in lines(found)] == ["0.01", "0.01"]
    assert (found.interest, found.costs) == (money("0.02"), money("39.00"))


def test_on_an_anniversary_the_year_joins_the_base_before_the_payment_is_booked() -> None:
    """On 1 January 2026 a year's 100.00 joins the base, the day bears 1100.00 x 10 % / 365 = 0.30; of 150.00 then
    0.30 + 100.00 are interest. A day earlier it is 100.00, and nothing is left to join."""
    on_day = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2026-01-02", paid("2026-01-01", "150"), settings=TEN_PERCENT
    )
    assert booked(on_day) == [("2026-01-01", "1", "0.00", "100.30", "49.70")]
    assert lines(on_day) == [
        ("2025-01-01", "2025-12-31", 365, "10.00", "1000.00", "100.00"),
        ("2026-01-01", "2026-01-01", 1, "10.00", "1100.00", "0.30"),
        ("2026-01-02", "2026-01-02", 1, "10.00", "950.30", "0.26"),
    ]
    on_eve = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2026-01-02", paid("2025-12-31", "150"), settings=TEN_PERCENT
    )
    assert booked(on_eve) == [("2025-12-31", "1", "0.00", "100.00", "50.00")]
    assert lines(on_eve)[1:] == [("2026-01-01", "2026-01-02", 2, "10.00", "950.00", "0.52")]


def test_interest_that_joined_the_base_is_paid_before_principal_and_bears_interest_until_then() -> None:
    """73 days of 1100.00 are 22.00; of 72.00 then 50.00 are of the year before: 1050.00 bear on, 50.00 are unpaid."""
    found = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2026-05-26", paid("2026-03-14", "72"), settings=TEN_PERCENT
    )
    assert booked(found) == [("2026-03-14", "1", "0.00", "72.00", "0.00")]
    assert lines(found)[-1] == ("2026-03-15", "2026-05-26", 73, "10.00", "1050.00", "21.00")
    assert (found.principal, found.interest) == (money("1000.00"), money("71.00"))


def test_costs_that_are_owed_later_are_neither_paid_nor_claimed_before() -> None:
    costs = costs_of("150.00")
    payment = paid("2025-01-15", "400")
    before = owed(
        "NL", CONSUMER, "1000.00", "2024-12-31", "2025-01-31", payment,
        costs=costs, costs_from="2025-02-01", settings=NO_INTEREST,
    )  # fmt: skip
    assert (before.costs, before.total) == (money(0), money("600.00"))
    after = owed(
        "NL", CONSUMER, "1000.00", "2024-12-31", "2025-02-01", payment, paid("2025-02-01", "200"),
        costs=costs, costs_from="2025-02-01", settings=NO_INTEREST,
    )  # fmt: skip
    assert booked(after)[1] == ("2025-02-01", "1", "150.00", "0.00", "50.00")
    assert after.total == money("550.00")


def test_a_payment_before_the_due_date_is_principal() -> None:
    found = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2025-03-14", paid("2024-12-01", "500"), settings=TEN_PERCENT
    )
    assert booked(found) == [("2024-12-01", "1", "0.00", "0.00", "500.00")]
    assert found.interest == money("10.00")


def test_a_surplus_is_reported_and_a_later_payment_not_counted() -> None:
    found = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2025-03-14", paid("2025-03-15", "7"), paid("2025-01-31", "1050"),
        settings=NO_INTEREST,
    )  # fmt: skip
    assert (found.total, found.surplus) == (money(0), money("50.00"))
    assert booked(found) == [("2025-01-31", "1", "0.00", "0.00", "1000.00")]
    assert "payments after 2025-03-14 are not counted: 1" in found.basis
    assert "50.00 EUR was paid beyond all that was owed on the day of payment" in found.basis


def test_of_several_claims_the_oldest_is_paid_first_whole_and_costs_of_all_before() -> None:
    """Art. 6:43 BW: each claim its interest, then its principal. Ten per cent of 730.00 is 0.20 a day."""
    found = owed_together(
        [("B", "730.00", "2025-01-31"), ("A", "730.00", "2024-12-31")],
        paid("2025-02-10", "789"),
        costs=costs_of("40.00"),
        settings=TEN_PERCENT,
    )
    assert booked(found) == [
        ("2025-02-10", "A", "40.00", "8.20", "730.00"),
        ("2025-02-10", "B", "0.00", "2.00", "8.80"),
    ]
    assert any(sentence.startswith("art. 6:43 BW") for sentence in found.basis)


def test_the_debtors_choice_goes_before_age_and_the_rest_flows_on() -> None:
    found = owed_together(
        [("A", "100.00", "2024-12-31"), ("B", "100.00", "2025-01-31"), ("C", "100.00", "2025-02-28")],
        paid("2025-03-10", "150", "C"),
    )
    assert [(line[1], line[4]) for line in booked(found)] == [("C", "100.00"), ("A", "50.00")]


def test_what_is_not_due_yet_is_paid_last_the_nearest_first() -> None:
    found = owed_together(
        [
            ("later", "100.00", "2025-05-31"),
            ("next", "100.00", "2025-04-30"),
            ("due", "100.00", "2025-03-10"),
        ],
        paid("2025-03-10", "250"),
    )
    assert [(line[1], line[4]) for line in booked(found)] == [
        ("due", "100.00"),
        ("next", "100.00"),
        ("later", "50.00"),
    ]


def test_the_most_burdensome_claim_goes_before_the_oldest() -> None:
    """Two British debts: 11.50 % for life since 30 June 2023, 13.00 % since 1 July 2023."""
    found = owed_together(
        [("older", "1000.00", "2023-06-29"), ("dearer", "1000.00", "2023-06-30")],
        ClaimPayment(day("2023-07-31"), money("500.00", "GBP")),
        as_of="2023-07-31",
        country="GB",
        settings=LawSettings(),
    )
    assert [(line[1], line[3]) for line in booked(found)] == [("dearer", "11.04")]


@pytest.mark.parametrize(
    ("principals", "amount", "shares"),
    [
        (("100.00", "100.00", "100.00"), "100.00", ["33.34", "33.33", "33.33"]),
        (("100.00", "300.00"), "100.00", ["25.00", "75.00"]),
        (("0.01", "0.01", "0.01"), "0.01", ["0.01"]),
        (("10.00", "20.00", "40.00"), "0.10", ["0.01", "0.03", "0.06"]),
    ],
)
def test_equal_claims_share_pro_rata_and_no_cent_is_lost(
    principals: tuple[str, ...], amount: str, shares: list[str]
) -> None:
    found = owed_together(
        [(str(number), principal, "2025-01-31") for number, principal in enumerate(principals)],
        paid("2025-02-10", amount),
    )
    assert [line[4] for line in booked(found)] == shares


def test_payments_are_booked_by_date_whatever_their_order() -> None:
    payments = [paid("2025-03-14", "300"), paid("2025-02-10", "200")]
    found = owed("NL", BUSINESS, "1000.00", "2024-12-31", "2025-06-30", *payments, settings=TEN_PERCENT)
    turned = owed(
        "NL", BUSINESS, "1000.00", "2024-12-31", "2025-06-30", *payments[::-1], settings=TEN_PERCENT
    )
    assert found == turned
    assert [line[0] for line in booked(found)] == ["2025-02-10", "2025-03-14"]


def test_a_claim_over_many_invoices_is_the_sum_of_its_invoices() -> None:
    due = day("2024-05-15")
    invoices = [("A", "812.40"), ("B", "99.99"), ("C", "1310.00")]
    together = owed_together(
        [
            (id_, principal, (due + timedelta(days=9 * i)).isoformat())
            for i, (id_, principal) in enumerate(invoices)
        ],
        kind=CONSUMER,
        settings=LawSettings(),
    )
    alone = [
        owed("NL", CONSUMER, principal, (due + timedelta(days=9 * i)).isoformat(), "2025-06-30")
        for i, (_, principal) in enumerate(invoices)
    ]
    assert together.total == sum((found.total for found in alone), money(0))
