"""The first facts of a case."""

from __future__ import annotations

from datetime import datetime

from domain.facts import DebtorKind, Facts, Term
from domain.ledger import Entry, EntryKind
from domain.new_invoice import NewInvoice


def enrol(invoice: NewInvoice, *, invoice_id: str, creditor_id: str, debtor_id: str, now: datetime) -> Facts:
    """An invoice as it enters: its principal is owed, and nothing has happened yet."""
    return Facts(
        invoice_id=invoice_id,
        creditor_id=creditor_id,
        debtor_id=debtor_id,
        debtor_kind=DebtorKind(invoice.debtor.kind),
        country=invoice.debtor.country,
        mailable=bool(invoice.debtor.email),
        currency=invoice.amount.currency,
        issued=invoice.issued,
        enrolled_at=now,
        terms=(Term(invoice.due, invoice.amount),),
        entries=(Entry("principal", EntryKind.PRINCIPAL, invoice.amount, invoice.issued),),
    )
