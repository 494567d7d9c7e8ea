"""The ledger of an invoice: append-only entries whose sum is what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.money import Money


class EntryKind(StrEnum):
    PRINCIPAL = "principal"
    FEE = "fee"
    COSTS = "costs"  # collection costs
    INTEREST = "interest"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    CREDIT_NOTE = "credit_note"
    SURPLUS = "surplus"  # what came in above the open amount, moved to the debtor's credit
    SURPLUS_RETURNED = "surplus_returned"  # taken back from there when a reversal makes it needed here
    WAIVER = "waiver"
    DISCOUNT = "discount"  # for early payment
    DISCOUNT_WITHDRAWN = "discount_withdrawn"  # the payment that earned it was taken back
    WRITE_OFF = "write_off"
    WITHDRAWAL = "withdrawal"


CHARGES = frozenset({EntryKind.FEE, EntryKind.COSTS, EntryKind.INTEREST})
"""What a step added to the claim."""

RAISES = CHARGES | {
    EntryKind.PRINCIPAL,
    EntryKind.REVERSAL,
    EntryKind.SURPLUS,
    EntryKind.DISCOUNT_WITHDRAWN,
}
"""Kinds that raise what is owed: their amounts are positive, all others negative."""

SURPLUSES = frozenset({EntryKind.SURPLUS, EntryKind.SURPLUS_RETURNED})
"""Kinds that are also booked on the debtor's credit, with the same sign."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking. `amount` is signed: positive raises the debt. `key` is unique within the invoice."""

    key: str
    kind: EntryKind
    amount: Money
    on: date
    """Value date: for a payment the day on which it was received."""


def balance(entries: Iterable[Entry], currency: str) -> Money:
    """The sum; entries in another currency are refused."""
    # Decimals, since a sum half-way may be larger than any amount that is allowed to stand.
    zero = Money.zero(currency)
    return Money(sum((zero.amount_of(entry.amount) for entry in entries), Decimal(0)), currency)


def payment_key(payment_id: str) -> str:
    return f"payment/{payment_id}"


def reversal_key(payment_id: str) -> str:
    return f"reversal/{payment_id}"


def level(entries: tuple[Entry, ...], key: str, on: date) -> tuple[Entry, ...]:
    """The entry after that of `key` that moves what is not owed to the debtor's credit, or takes back what is needed.

    So the order in which payments and reversals come in does not matter: no invoice is owed while it has left
    a surplus, and none is overpaid.
    """
    currency = entries[0].amount.currency
    owed, left_over = (
        balance(entries, currency),
        balance((e for e in entries if e.kind in SURPLUSES), currency),
    )
    if owed.amount < 0:
        return (Entry(f"surplus/{key}", EntryKind.SURPLUS, -owed, on),)
    returned = min(left_over, owed)
    if not returned.is_positive:
        return ()
    return (Entry(f"surplus_returned/{key}", EntryKind.SURPLUS_RETURNED, -returned, on),)


def reversal_of(entries: tuple[Entry, ...], payment_id: str, on: date) -> Entry:
    """Undoes a payment. The caller has checked that it is booked and not yet reversed."""
    paid = next(e for e in entries if e.key == payment_key(payment_id))
    return Entry(reversal_key(payment_id), EntryKind.REVERSAL, -paid.amount, on)


def close_balance(
    entries: tuple[Entry, ...], kind: EntryKind, key: str, currency: str, on: date
) -> tuple[Entry, ...]:
    """The entry that brings the balance to zero, or none if it is there."""
    owed = balance(entries, currency)
    return (Entry(key, kind, -owed, on),) if owed else ()
