"""The ledger after any sequence of receipts and reversals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import (
    RAISES,
    SURPLUSES,
    Entry,
    EntryKind,
    balance,
    close_balance,
    level,
    payment_key,
    reversal_of,
)
from domain.money import Money
from tests.support.facts import eur

DAY = date(2026, 1, 1)
cents = st.integers(1, 20_000).map(lambda n: Money(Decimal(n) / 100, "EUR"))
Booking = tuple[str, Money | None]
"""A payment's id with its amount, or without one to reverse it."""


def book(principal: Money, bookings: list[Booking]) -> tuple[Entry, ...]:
    entries: tuple[Entry, ...] = (Entry("principal", EntryKind.PRINCIPAL, principal, DAY),)
    for ref, amount in bookings:
        entry = (
            Entry(payment_key(ref), EntryKind.PAYMENT, -amount, DAY)
            if amount
            else reversal_of(entries, ref, DAY)
        )
        entries += (entry,)
        entries += level(entries, entry.key, DAY)
    return entries


@st.composite
def histories(draw: st.DrawFn) -> list[Booking]:
    payments = draw(st.lists(cents, max_size=6))
    history: list[Booking] = [(str(n), amount) for n, amount in enumerate(payments)]
    for n in draw(st.lists(st.sampled_from(range(len(payments))), unique=True)) if payments else []:
        after = next(i for i, (ref, _) in enumerate(history) if ref == str(n))
        history.insert(draw(st.integers(after + 1, len(history))), (str(n), None))
    return history


@given(principal=cents, history=histories())
def test_what_is_owed_and_what_is_left_over_follow_from_what_stands(
    principal: Money, history: list[Booking]
) -> None:
    entries = book(principal, history)
    reversed_ = {ref for ref, amount in history if amount is None}
    standing = sum((a.amount for ref, a in history if a and ref not in reversed_), Decimal(0))
    rest = principal.amount - standing
    assert balance(entries, "EUR").amount == max(rest, Decimal(0))
    left_over = balance((e for e in entries if e.kind in SURPLUSES), "EUR")
    assert left_over.amount == max(-rest, Decimal(0))
    assert len({e.key for e in entries}) == len(entries)
    assert all((e.amount.amount > 0) == (e.kind in RAISES) and e.amount for e in entries)
    closed = entries + close_balance(entries, EntryKind.WRITE_OFF, "write_off", "EUR", DAY)
    assert balance(closed, "EUR") == eur("0.00")


def test_the_order_of_payments_and_a_reversal_does_not_matter() -> None:
    later: list[Booking] = [("b", eur("70.00")), ("c", eur("60.00")), ("a", None)]
    ends = {
        (balance(e, "EUR"), balance((x for x in e if x.kind in SURPLUSES), "EUR"))
        for order in permutations(later)
        for e in [book(eur("100.00"), [("a", eur("80.00")), *order])]
    }
    assert ends == {(eur("0.00"), eur("30.00"))}
