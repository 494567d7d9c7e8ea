"""The contacts with a debtor that may still hold the next one back."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.contact_budget import days_looked_at
from domain.facts import Contact, Facts
from domain.policy import ContactBudget, Policy


def recent_contacts(facts: Facts, policy: Policy, now: datetime) -> tuple[Contact, ...]:
    """Over all invoices of the debtor, oldest first: as far back as the budget looks, or the usual one."""
    since = now - timedelta(days=days_looked_at(policy.budget or ContactBudget()))
    return tuple(contact for contact in facts.contacts if contact.at >= since)
