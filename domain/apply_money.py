"""Events about money: payments, reversals, credit notes, and the ends that bring the balance to zero."""

from __future__ import annotations

from dataclasses import replace

from domain.applying import Applying, book, refuse_if
from domain.facts import Ending, Facts
from domain.ledger import EntryKind, book_receipt, book_reversal, close_balance, payment_key, reversal_key

_CLOSING_ENTRY = {Ending.WRITTEN_OFF: EntryKind.WRITE_OFF, Ending.WITHDRAWN: EntryKind.WITHDRAWAL}


def payment_received(a: Applying) -> Facts:
    key = payment_key(a.event.ref)
    refuse_if(_is_booked(a, key), "payment_known", "the payment is booked already")
    refuse_if(a.day > a.today, "in_the_future", "the payment lies in the future")
    return book(a.facts, book_receipt(a.facts.entries, EntryKind.PAYMENT, key, a.money, a.day))


def payment_reversed(a: Applying) -> Facts:
    ref = a.event.ref
    refuse_if(
        not _is_booked(a, payment_key(ref)), "unknown_payment", "no such payment is booked on this invoice"
    )
    refuse_if(_is_booked(a, reversal_key(ref)), "payment_reversed_already", "the payment is reversed already")
    refuse_if(a.day > a.today, "in_the_future", "the reversal lies in the future")
    facts = book(a.facts, book_reversal(a.facts.entries, ref, a.day))
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
