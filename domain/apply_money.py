"""Events about money: payments, reversals, credit notes, and the ends that bring the balance to zero."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP

from domain.applying import Applying, book, refuse_if
from domain.facts import Ending, Facts
from domain.ledger import (
    Entry,
    EntryKind,
    balance,
    book_receipt,
    book_reversal,
    close_balance,
    payment_key,
    reversal_key,
)
from domain.money import CENT, Money
from domain.policy import deadline, start_of_day

_DISCOUNTS = frozenset({EntryKind.DISCOUNT, EntryKind.DISCOUNT_WITHDRAWN})
_CLOSING_ENTRY = {Ending.WRITTEN_OFF: EntryKind.WRITE_OFF, Ending.WITHDRAWN: EntryKind.WITHDRAWAL}


def payment_received(a: Applying) -> Facts:
    key = payment_key(a.event.ref)
    refuse_if(_is_booked(a, key), "payment_known", "the payment is booked already")
    refuse_if(a.day > a.today, "in_the_future", "the payment lies in the future")
    paid = book(a.facts, book_receipt(a.facts.entries, EntryKind.PAYMENT, key, a.money, a.day))
    return _with_discount(a, paid)


def _with_discount(a: Applying, facts: Facts) -> Facts:
    """What is left counts as paid when it is no more than the discount, and the money came in time."""
    offer, open_ = facts.discount, facts.open
    if offer is None or not open_:
        return facts
    in_time = deadline(offer.until, a.policy.discount_tolerance, a.policy.zone)
    granted = min(open_, discount_of(facts))
    short = (open_ - granted).amount
    if start_of_day(a.day, a.policy.zone) >= in_time or short > a.policy.tolerance.get(facts.currency, 0):
        return facts
    return book(facts, (Entry(f"discount/{a.event.ref}", EntryKind.DISCOUNT, -granted, a.day),))


def discount_of(facts: Facts) -> Money:
    """The discount that the invoice offers, on what was invoiced and not credited."""
    zero = Money.zero(facts.currency)
    invoiced = balance(
        (e for e in facts.entries if e.kind in (EntryKind.PRINCIPAL, EntryKind.CREDIT_NOTE)), facts.currency
    )
    if facts.discount is None or not invoiced.is_positive:
        return zero
    part = invoiced.amount * facts.discount.percent / 100
    return Money(part.quantize(CENT, ROUND_HALF_UP), facts.currency)


def payment_reversed(a: Applying) -> Facts:
    ref = a.event.ref
    refuse_if(
        not _is_booked(a, payment_key(ref)), "unknown_payment", "no such payment is booked on this invoice"
    )
    refuse_if(_is_booked(a, reversal_key(ref)), "payment_reversed_already", "the payment is reversed already")
    refuse_if(a.day > a.today, "in_the_future", "the reversal lies in the future")
    facts = book(a.facts, book_reversal(a.facts.entries, ref, a.day))
    earned = balance((e for e in facts.entries if e.kind in _DISCOUNTS), facts.currency)
    if earned and facts.open:  # a reversal that a surplus makes up for leaves the discount earned
        key = f"discount_withdrawn/{ref}"
        facts = book(facts, (Entry(key, EntryKind.DISCOUNT_WITHDRAWN, -earned, a.day),))
    return _close(a, facts, facts.ending, f"/{a.event.event_id}") if facts.ending else facts


def credit_note_issued(a: Applying) -> Facts:
    key = f"credit_note/{a.event.ref}"
    refuse_if(_is_booked(a, key), "credit_note_known", "the credit note is booked already")
    return book(a.facts, book_receipt(a.facts.entries, EntryKind.CREDIT_NOTE, key, a.money, a.day))


def written_off(a: Applying) -> Facts:
    return replace(_close(a, a.facts, Ending.WRITTEN_OFF), ending=Ending.WRITTEN_OFF)


def withdrawn(a: Applying) -> Facts:
    return replace(_close(a, a.facts, Ending.WITHDRAWN), ending=Ending.WITHDRAWN)


def _close(a: Applying, facts: Facts, ending: Ending, suffix: str = "") -> Facts:
    kind = _CLOSING_ENTRY[ending]
    return book(facts, close_balance(facts.entries, kind, f"{kind}{suffix}", facts.currency, a.day))


def _is_booked(a: Applying, key: str) -> bool:
    return any(e.key == key for e in a.facts.entries)
