"""A creditor that comes in from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NewCreditor:
    """Who is owed, whom debtors answer and where they pay.

    May be empty: company number, BIC, reply-to, phone and the address lines.
    """

    reference: str
    name: str
    company_number: str
    iban: str
    bic: str
    email: str
    reply_to: str
    phone: str
    address_line: str
    postal_code: str
    city: str
    country: str
    language: str
    policy: str
    """Name of the policy for invoices that name none."""
    segment_policies: Mapping[str, str] = field(default_factory=dict, hash=False)
    """By segment of the debtor: name of the policy that goes before the creditor's own."""
