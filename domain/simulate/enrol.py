"""A scenario's invoice as the facts of a case."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Final
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from domain.facts import Discount, Facts
from domain.ledger import Entry, EntryKind
from domain.money import Money
from domain.simulate.scenario import ScenarioDebtor, ScenarioInvoice

_MORNING: Final = time(8)
_CREDITOR: Final = "simulated"


def enrolment(invoice: ScenarioInvoice, start: datetime, zone: ZoneInfo) -> datetime:
    """When the case begins: when the clock starts, or on the morning on which the invoice is issued."""
    return max(start, morning(invoice.issued, zone))


@lru_cache(maxsize=4096)
def morning(day: date, zone: ZoneInfo) -> datetime:
    """When something happens of which only the date is known, in UTC."""
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)


def facts_of(invoice: ScenarioInvoice, debtor: ScenarioDebtor, enrolled_at: datetime) -> Facts:
    """The bank is taken to be read every day."""
    owed = Money(sum((term.amount.amount for term in invoice.terms), Decimal(0)), invoice.currency)
    return Facts(
        invoice_id=str(uuid5(NAMESPACE_OID, invoice.id)),
        creditor_id=_CREDITOR,
        debtor_id=debtor.id,
        debtor_kind=debtor.kind,
        country=debtor.country,
        mailable=debtor.email,
        letterable=debtor.address,
        segment=debtor.segment,
        tags=debtor.tags,
        behaviour=debtor.behaviour,
        mandate=debtor.mandate,
        currency=invoice.currency,
        issued=invoice.issued,
        delivered=invoice.delivered,
        discount=Discount(invoice.discount.percent, invoice.discount.until) if invoice.discount else None,
        enrolled_at=enrolled_at,
        terms=invoice.terms,
        entries=(Entry("principal", EntryKind.PRINCIPAL, owed, invoice.issued),),
        statement_on=date.max,
    )
