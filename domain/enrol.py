"""The first facts of a case."""

from __future__ import annotations

from datetime import datetime

from domain.facts import DebtorKind, Facts
from domain.ledger import Entry, EntryKind
from domain.new_invoice import NewInvoice


def enrol(invoice: NewInvoice, *, invoice_id: str, creditor_id: str, debtor_id: str, now: datetime) -> Facts:
    """An invoice as it enters: its principal is owed, and nothing has happened yet."""
    debtor = invoice.debtor
    return Facts(
        invoice_id=invoice_id,
        creditor_id=creditor_id,
        debtor_id=debtor_id,
        debtor_kind=DebtorKind(debtor.kind),
        country=debtor.country,
        mailable=bool(debtor.email),
        letterable=bool(debtor.address_line and debtor.city),
        segment=debtor.segment,
        tags=frozenset(debtor.tags),
        behaviour=debtor.behaviour,
        mandate=debtor.mandate,
        currency=invoice.amount.currency,
        issued=invoice.issued,
        delivered=invoice.delivered,
        discount=invoice.discount,
        enrolled_at=now,
        terms=invoice.terms,
        entries=(Entry("principal", EntryKind.PRINCIPAL, invoice.amount, invoice.issued),),
    )
