"""What holds for every claim: laws of arithmetic, and agreement with a slow second computation."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import DebtorKind
from domain.law.claim import Claim, ClaimInvoice, ClaimPayment, claim
from domain.law.rates import statutory_rates
from domain.law.settings import DayCount, LawSettings
from domain.money import Money
from tests.unit.law.claiming import BUSINESS, CONSUMER, DAY, by_diary, costs_of, money, owed

LAWS = [
    ("NL", CONSUMER), ("NL", BUSINESS), ("BE", CONSUMER), ("BE", BUSINESS), ("DE", CONSUMER), ("DE", BUSINESS),
    ("FR", BUSINESS), ("GB", BUSINESS),
]  # fmt: skip
BEARING = st.sampled_from(LAWS)
ALL = st.sampled_from([*LAWS, ("FR", CONSUMER), ("GB", CONSUMER), ("NL", DebtorKind.UNKNOWN)])
DUES = st.dates(date(2014, 1, 1), date(2024, 6, 30)) | st.sampled_from(
    [date(2020, 2, 28), date(2020, 2, 29), date(2019, 2, 27), date(2022, 12, 31), date(2023, 6, 30)]
)
CENTS = st.integers(1, 3_000_000)
DAY_COUNTS = st.sampled_from(DayCount)
PAYMENTS = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 800_000)), max_size=5)


def _cents(money_: Money) -> int:
    return int(money_.amount * 100)


def _euros(cents: int) -> Money:
    return Money(Decimal(cents).scaleb(-2), "EUR")


def _payments(due: date, payments: list[tuple[int, int]]) -> list[ClaimPayment]:
    return [ClaimPayment(due + timedelta(days=after), _euros(cents)) for after, cents in payments]


def _claim(
    law: tuple[str, DebtorKind],
    cents: int,
    due: date,
    payments: list[ClaimPayment],
    as_of: date,
    costs: int = 0,
    day_count: DayCount = DayCount.ACTUAL_365,
) -> Claim:
    return claim(
        *law,
        [ClaimInvoice("1", _euros(cents), due)],
        payments,
        as_of,
        costs=costs_of(str(_euros(costs).amount)),
        settings=LawSettings(day_count=day_count),
    )


@settings(max_examples=60, deadline=None)
@given(BEARING, CENTS, DUES, PAYMENTS, st.integers(0, 900), st.integers(0, 90_000), DAY_COUNTS)
def test_a_diary_kept_day_by_day_in_fractions_comes_to_the_same_cent(
    law: tuple[str, DebtorKind],
    cents: int,
    due: date,
    payments: list[tuple[int, int]],
    days: int,
    costs: int,
    day_count: DayCount,
) -> None:
    as_of, made = due + timedelta(days=days), _payments(due, payments)
    found = _claim(law, cents, due, made, as_of, costs, day_count)
    slow = by_diary(*law, _euros(cents), due, made, as_of, costs=_euros(costs), day_count=day_count)
    assert (*map(_cents, (found.principal, found.interest, found.costs, found.surplus)),) == slow


@given(ALL, CENTS, DUES, PAYMENTS, st.integers(0, 900), st.integers(0, 90_000))
def test_payments_are_conserved_to_the_cent_and_nothing_owed_is_below_zero(
    law: tuple[str, DebtorKind],
    cents: int,
    due: date,
    payments: list[tuple[int, int]],
    days: int,
    costs: int,
) -> None:
    as_of, made = due + timedelta(days=days), _payments(due, payments)
    found = _claim(law, cents, due, made, as_of, costs)
    for on in {payment.on for payment in made if payment.on <= as_of}:
        came_in = sum(_cents(p.amount) for p in made if p.on == on)
        booked = sum(
            _cents(a.costs) + _cents(a.interest) + _cents(a.principal)
            for a in found.allocations
            if a.on == on
        )
        assert booked <= came_in
    counted = sum(_cents(p.amount) for p in made if p.on <= as_of)
    booked = sum(_cents(a.costs) + _cents(a.interest) + _cents(a.principal) for a in found.allocations)
    assert booked + _cents(found.surplus) == counted
    # What there ever was to pay is what was paid and what is left.
    assert cents + _cents(found.accrued) + costs == booked + _cents(found.total)
    parts = (found.principal, found.interest, found.costs, found.vat_on_costs)
    assert min(map(_cents, parts)) >= 0
    assert sum(map(_cents, parts)) == _cents(found.total)
    assert sum(_cents(line.interest) for line in found.interest_lines) == _cents(found.accrued)


@given(ALL, CENTS, DUES, PAYMENTS, st.integers(0, 890), st.integers(0, 10), DAY_COUNTS)
def test_interest_never_shrinks_as_time_goes_by(
    law: tuple[str, DebtorKind],
    cents: int,
    due: date,
    payments: list[tuple[int, int]],
    days: int,
    more: int,
    day_count: DayCount,
) -> None:
    made = _payments(due, payments)
    earlier = _claim(law, cents, due, made, due + timedelta(days=days), 4000, day_count)
    later = _claim(law, cents, due, made, due + timedelta(days=days + more), 4000, day_count)
    assert later.accrued >= earlier.accrued


@given(
    st.sampled_from([law for law in LAWS if law[0] in {"BE", "DE", "FR"}]), CENTS, DUES, st.integers(1, 900)
)
def test_simple_interest_is_additive_over_a_split_at_a_change_of_the_rate(
    law: tuple[str, DebtorKind], cents: int, due: date, days: int
) -> None:
    """Exactly, since each stretch is rounded by itself; and at any other day to a cent."""
    as_of = due + timedelta(days=days)
    whole = _claim(law, cents, due, [], as_of).accrued
    changes = [first for first, _, _ in statutory_rates(*law).periods(due + DAY, as_of)][1:]
    for change in changes:
        before = _claim(law, cents, due, [], change - DAY).accrued
        assert before + _claim(law, cents, change - DAY, [], as_of).accrued == whole
    middle = due + timedelta(days=days // 2)
    halves = _claim(law, cents, due, [], middle).accrued + _claim(law, cents, middle, [], as_of).accrued
    assert abs(_cents(halves) - _cents(whole)) <= 1


@given(ALL, CENTS, DUES, PAYMENTS, st.randoms(use_true_random=False))
def test_payments_of_one_day_come_to_the_same_in_any_order_and_as_one(
    law: tuple[str, DebtorKind], cents: int, due: date, payments: list[tuple[int, int]], random: Random
) -> None:
    """For one invoice exactly: all payments of a day find the same costs, interest and principal before them."""
    made = _payments(due, [(after // 300 * 300, amount) for after, amount in payments])
    as_of = due + timedelta(days=900)
    shuffled = list(made)
    random.shuffle(shuffled)
    by_day = [
        ClaimPayment(on, _euros(sum(_cents(p.amount) for p in made if p.on == on)))
        for on in {p.on for p in made}
    ]
    found = _claim(law, cents, due, made, as_of, 4000)
    for other in (shuffled, by_day):
        again = _claim(law, cents, due, other, as_of, 4000)
        assert (again.principal, again.interest, again.costs, again.surplus, again.interest_lines) == (
            found.principal, found.interest, found.costs, found.surplus, found.interest_lines
        )  # fmt: skip


@given(
    st.lists(st.tuples(CENTS, st.integers(0, 3)), min_size=2, max_size=5),
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 2_000_000), st.integers(-1, 1)), max_size=4),
)
def test_several_invoices_share_payments_without_losing_a_cent(
    invoices: list[tuple[int, int]], payments: list[tuple[int, int, int]]
) -> None:
    first = date(2023, 5, 15)
    due = {str(i): first + timedelta(days=30 * months) for i, (_, months) in enumerate(invoices)}
    made = [
        ClaimPayment(first + timedelta(days=after), _euros(cents), None if named < 0 else str(named))
        for after, cents, named in payments
    ]
    found = claim(
        "NL",
        CONSUMER,
        [ClaimInvoice(str(i), _euros(cents), due[str(i)]) for i, (cents, _) in enumerate(invoices)],
        made,
        first + timedelta(days=500),
        costs=costs_of("75.00", "15.75"),
        settings=LawSettings(),
    )
    booked = sum(_cents(a.costs) + _cents(a.interest) + _cents(a.principal) for a in found.allocations)
    assert booked + _cents(found.surplus) == sum(cents for _, cents, _ in payments)
    ever = sum(cents for cents, _ in invoices) + _cents(found.accrued) + 9075
    assert ever == booked + _cents(found.total)
    assert not (found.surplus and found.total)


@given(CENTS, DUES, st.integers(0, 900))
def test_what_nobody_knows_to_be_a_business_is_protected_as_a_consumer(
    cents: int, due: date, days: int
) -> None:
    as_of = due + timedelta(days=days)
    for country in ("NL", "BE", "DE", "FR", "GB"):
        unknown = _claim((country, DebtorKind.UNKNOWN), cents, due, [], as_of)
        assert unknown.total == _claim((country, CONSUMER), cents, due, [], as_of).total


def test_nothing_has_accrued_on_the_due_date_itself() -> None:
    found = owed("NL", BUSINESS, "1000", "2025-03-31", "2025-03-31")
    assert (found.interest, found.total, found.interest_lines) == (money(0), money(1000), ())
