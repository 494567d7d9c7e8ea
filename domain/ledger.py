"""The ledger of an invoice: append-only entries whose sum is what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.money import Money


class EntryKind(StrEnum):
    PRINCIPAL = "principal"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    CREDIT_NOTE = "credit_note"
    SURPLUS = "surplus"  # what came in above the open amount, moved to the debtor's credit
    SURPLUS_RETURNED = "surplus_returned"  # taken back from there when its payment is reversed
    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    WITHDRAWAL = "withdrawal"


RAISES = frozenset({EntryKind.PRINCIPAL, EntryKind.REVERSAL, EntryKind.SURPLUS})
"""Kinds that raise what is owed: their amounts are positive, all others negative."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking. `amount` is signed: positive raises the debt. `key` is unique within the invoice."""

    key: str
    kind: EntryKind
    amount: Money
    on: date
    """Value date: for a payment the day on which it was received."""


def balance(entries: Iterable[Entry], currency: str) -> Money:
    total = Money.zero(currency)
    for entry in entries:
        total += entry.amount
    return total


def payment_key(payment_id: str) -> str:
    return f"payment/{payment_id}"


def reversal_key(payment_id: str) -> str:
    return f"reversal/{payment_id}"


def book_receipt(
    entries: tuple[Entry, ...], kind: EntryKind, key: str, amount: Money, on: date
) -> tuple[Entry, ...]:
    """The new entries for money or a credit note of `amount` (positive): what exceeds the balance becomes surplus."""
    surplus = amount - balance(entries, amount.currency)
    booked = (Entry(key, kind, -amount, on),)
    if surplus.is_positive:
        booked += (Entry(f"{key}/surplus", EntryKind.SURPLUS, surplus, on),)
    return booked


def book_reversal(entries: tuple[Entry, ...], payment_id: str, on: date) -> tuple[Entry, ...]:
    """The new entries that undo a payment: it is owed again, and its surplus leaves the debtor's credit.

    The caller has checked that the payment is booked and not yet reversed.
    """
    key = payment_key(payment_id)
    paid = next(e for e in entries if e.key == key)
    booked = (Entry(reversal_key(payment_id), EntryKind.REVERSAL, -paid.amount, on),)
    surplus = next((e for e in entries if e.key == f"{key}/surplus"), None)
    if surplus:
        booked += (Entry(f"{key}/surplus-returned", EntryKind.SURPLUS_RETURNED, -surplus.amount, on),)
    return booked


def close_balance(entries: tuple[Entry, ...], kind: EntryKind, key: str, currency: str, on: date) -> tuple[Entry, ...]:
    """The entry that brings the balance to zero, or none if it is there."""
    owed = balance(entries, currency)
    return (Entry(key, kind, -owed, on),) if owed else ()
