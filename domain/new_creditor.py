"""A creditor that comes in from a file."""

from __future__ import annotations

from dataclasses import dataclass


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
