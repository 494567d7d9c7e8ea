"""Events about money: payments, reversals, credit notes, and the ends that bring the balance to zero."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP

from domain.applying import Applying, book, refuse_if
from domain.facts import Discount, Ending, Facts
from domain.ledger import (
    CHARGES,
    Entry,
    EntryKind,
    balance,
    close_balance,
    level,
    payment_key,
    reversal_key,
    reversal_of,
)
from domain.money import CENT, Money
from domain.policy import deadline, start_of_day

_DISCOUNTS = frozenset({EntryKind.DISCOUNT, EntryKind.DISCOUNT_WITHDRAWN})
_CLAIMED = CHARGES | {EntryKind.PRINCIPAL, EntryKind.CREDIT_NOTE, EntryKind.WAIVER}
_CLOSING_ENTRY = {Ending.WRITTEN_OFF: EntryKind.WRITE_OFF, Ending.WITHDRAWN: EntryKind.WITHDRAWAL}


def payment_received(a: Applying) -> Facts:
    key = payment_key(a.event.ref)
    refuse_if(_is_booked(a, key), "payment_known", "the payment is booked already")
    refuse_if(a.day > a.today, "in_the_future", "the payment lies in the future")
    return book_change(a, Entry(key, EntryKind.PAYMENT, -a.money, a.day))


def payment_reversed(a: Applying) -> Facts:
    ref = a.event.ref
    refuse_if(
        not _is_booked(a, payment_key(ref)), "unknown_payment", "no such payment is booked on this invoice"
    )
    refuse_if(_is_booked(a, reversal_key(ref)), "payment_reversed_already", "the payment is reversed already")
    refuse_if(a.day > a.today, "in_the_future", "the reversal lies in the future")
    facts = book_change(a, reversal_of(a.facts.entries, ref, a.day))
    return _close(a, facts, facts.ending, f"/{a.event.event_id}") if facts.ending else facts


def credit_note_issued(a: Applying) -> Facts:
    key = f"credit_note/{a.event.ref}"
    refuse_if(_is_booked(a, key), "credit_note_known", "the credit note is booked already")
    return book_change(a, Entry(key, EntryKind.CREDIT_NOTE, -a.money, a.day))


def book_change(a: Applying, entry: Entry) -> Facts:
    """Books it with what follows: a discount that is earned or lost, and what moves to or from the debtor's credit.

    Both follow from all that is booked, so that it does not matter in which order it was.
    """
    new = (entry, *_change_of_discount(a, (*a.facts.entries, entry), entry))
    return book(a.facts, (*new, *level(a.facts.entries + new, entry.key, entry.on)))


def _change_of_discount(a: Applying, entries: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """To what the debtor is entitled to now: the discount, as far as what came in in time left it open."""
    facts = a.facts
    if facts.discount is None or facts.ending:
        return ()
    zero = Money.zero(facts.currency)
    given = -balance((e for e in entries if e.kind in _DISCOUNTS), facts.currency)
    discount, paid = _discount_on(facts, entries), _paid_in_time(a, entries, facts.discount)
    short = balance((e for e in entries if e.kind in _CLAIMED), facts.currency) - paid
    is_earned = paid and (short - discount).amount <= a.policy.tolerance.get(facts.currency, 0)
    # What was given under another policy is lost by a reversal alone.
    is_kept = given and entry.kind is not EntryKind.REVERSAL
    due = min(discount, max(short, zero)) if is_earned or is_kept else zero
    if due == given:
        return ()
    if due > given:
        return (Entry(f"discount/{entry.key}", EntryKind.DISCOUNT, given - due, entry.on),)
    return (Entry(f"discount_withdrawn/{entry.key}", EntryKind.DISCOUNT_WITHDRAWN, given - due, entry.on),)


def _paid_in_time(a: Applying, entries: tuple[Entry, ...], offer: Discount) -> Money:
    """And not taken back."""
    keys = {e.key for e in entries}
    late_from = deadline(offer.until, a.policy.discount_tolerance, a.policy.zone)
    in_time = (
        e
        for e in entries
        if e.kind is EntryKind.PAYMENT
        and start_of_day(e.on, a.policy.zone) < late_from
        and reversal_key(e.key.removeprefix(payment_key(""))) not in keys
    )
    return -balance(in_time, a.facts.currency)


def discount_of(facts: Facts) -> Money:
    """The discount that the invoice offers, on what was invoiced and not credited."""
    return _discount_on(facts, facts.entries)


def _discount_on(facts: Facts, entries: tuple[Entry, ...]) -> Money:
    zero = Money.zero(facts.currency)
    invoiced = balance(
        (e for e in entries if e.kind in (EntryKind.PRINCIPAL, EntryKind.CREDIT_NOTE)), facts.currency
    )
    if facts.discount is None or not invoiced.is_positive:
        return zero
    part = invoiced.amount * facts.discount.percent / 100
    return Money(part.quantize(CENT, ROUND_HALF_UP), facts.currency)


def written_off(a: Applying) -> Facts:
    return replace(_close(a, a.facts, Ending.WRITTEN_OFF), ending=Ending.WRITTEN_OFF)


def withdrawn(a: Applying) -> Facts:
    return replace(_close(a, a.facts, Ending.WITHDRAWN), ending=Ending.WITHDRAWN)


def _close(a: Applying, facts: Facts, ending: Ending, suffix: str = "") -> Facts:
    kind = _CLOSING_ENTRY[ending]
    return book(facts, close_balance(facts.entries, kind, f"{kind}{suffix}", facts.currency, a.day))


def _is_booked(a: Applying, key: str) -> bool:
    return any(e.key == key for e in a.facts.entries)
