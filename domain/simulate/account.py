"""What a debtor's other claims add to a charge on one of them, as the store would tell it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from domain.facts import Facts
from domain.law.charge import DebtorAccount
from domain.ledger import CHARGES, EntryKind, balance
from domain.money import Money
from domain.policy import Policy
from domain.simulate.living import Debtor

_SIX_MONTHS: Final = timedelta(days=184)
"""Never less: what was charged in them limits what small terms may cost."""


def account_of(debtor: Debtor, facts: Facts, policy: Policy, today: date) -> DebtorAccount:
    """Costs are one amount over all claims that a legal letter about this one demanded."""
    letters = {step.key for step in policy.steps if step.legal}
    sent = {t.notice_id for t in facts.steps if t.cycle == facts.cycle and t.step in letters and t.notice_id}
    demanded = {
        living.facts.invoice_id: living.facts
        for notice in sent
        for living in debtor.notices.get(notice, ())
        if living.is_open and living.facts.currency == facts.currency
    }
    demanded.pop(facts.invoice_id, None)
    owed = {id_: other.open - _charges(other) for id_, other in demanded.items()}
    owing = [id_ for id_, amount in owed.items() if amount.is_positive]
    costs_together = sum((_costs_without_vat(demanded[id_]) for id_ in owing), Decimal(0))
    return DebtorAccount(
        together=tuple(owed[id_] for id_ in owing),
        costs_together=Money(costs_together, facts.currency),
        costs_in_six_months=tuple(
            entry.amount
            for living in debtor.cases
            for entry in living.facts.entries
            if entry.kind is EntryKind.COSTS
            and entry.amount.currency == facts.currency
            and today - _SIX_MONTHS < entry.on <= today
        ),
        reminders_this_year=sum(
            any(t.notice_id and t.at.year == today.year for t in living.facts.steps)
            for living in debtor.cases
            if living.facts.invoice_id != facts.invoice_id
        ),
    )


def _charges(facts: Facts) -> Money:
    return balance((e for e in facts.entries if e.kind in CHARGES), facts.currency)


def _costs_without_vat(facts: Facts) -> Decimal:
    costs = (e for e in facts.entries if e.kind is EntryKind.COSTS and not e.key.startswith("vat_on_costs/"))
    return sum((e.amount.amount for e in costs), Decimal(0))
