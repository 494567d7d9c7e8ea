"""Policies and cases for the state machine: between them they use all of the policy language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from domain.facts import DebtorKind, Discount, Facts, Term
from domain.policy import Policy
from intake.read_policy import read_policy
from tests.support.facts import LADDER, a_case, a_policy, eur
from tests.unit.asks.telling import ladder

_REMINDER: Final = (
    "{key: one, after: 7d, anchor: due, channel: [email, letter], tone: friendly}",
    (
        "{key: two, after: 5wd, anchor: previous, channel: [email, letter, call_task], tone: firm,"
        " repeat: {every: 6d, times: 1}}"
    ),
)
CONSUMER: Final = ladder(
    *_REMINDER,
    "{key: letter, after: 7d, anchor: previous, channel: [letter, email], tone: formal,"
    " legal: nl_14_day_letter, term: 14d}",
    "{key: demand, after: 2d, anchor: receipt, channel: [email, letter], tone: formal,"
    " charges: {interest: true, costs: true}}",
    "{key: hand-over, after: 7d, anchor: previous, channel: hand_over, requires_approval: true}",
    contact_budget="{per_day: 1, per_seven_days: 3, courtesy_gap: 5d}",
    minimum='{EUR: "10.00"}',
    tolerance='{EUR: "0.05"}',
    discount_tolerance="1d",
)
BUSINESS: Final = ladder(
    "{key: upcoming, after: -3d, anchor: due, channel: email}",
    "{key: one, after: 2wd, anchor: due, channel: email, tone: friendly, requires_approval: {above: {EUR: 50}}}",
    "{key: formal, after: 3d, anchor: previous, channel: [email, letter], tone: formal, legal: formal_notice,"
    ' term: 7d, charges: {fee: "5.00"}}',
    "{key: call, after: 1d, anchor: receipt, channel: call_task, tone: firm}",
    "{key: hand-over, after: 1d, anchor: previous, channel: hand_over, requires_approval: true}",
    contact_budget="{per_day: 1, per_seven_days: 2, courtesy_gap: null}",
    entry="none",
    stale_money="{statement_age: 3d}",
)
CONDITIONAL: Final = ladder(
    '{key: one, after: 1d, anchor: due, channel: email, when: {amount: {below: {EUR: "70.00"}}}}',
    '{key: look, after: 1d, anchor: due, channel: internal, when: {amount: {at_least: {EUR: "50.00"}}}}',
    "{key: two, after: 3d, anchor: previous, channel: [call_task], tone: firm}",
    "{key: three, after: 3d, anchor: previous, channel: [email, letter], tone: firm, when: {tags: [shop]}}",
    "{key: formal, after: 3d, anchor: previous, channel: letter, tone: formal, when: {kind: business}}",
    contact_budget="{per_day: null, per_seven_days: 1, courtesy_gap: 9d}",
    entry="first",
    stale_money="{unallocated: ignore}",
    promise_grace="1d",
)


def _read(text: str) -> Policy:
    return read_policy(text, "policy.yaml")


POLICIES: Final = {
    "standard": a_policy(),
    "at any hour": a_policy(*LADDER, window=None),
    "approved": a_policy(
        "upcoming -3d approval", "one 2d", "two 3d previous firm approval", "formal 4d previous formal"
    ),
    "from the due date": a_policy(
        "upcoming -3d", "one 1d due", "look 1d previous internal", "formal 4d due formal", "last 5d due"
    ),
    "in seconds": a_policy(
        "one 6s enrolled",
        "two 8s previous firm",
        "formal 8s previous formal approval",
        "call 6s previous call_task",
        "hand-over 6s previous hand_over approval",
        window=None,
        promise_grace="3s",
    ),
    "consumer": _read(CONSUMER),
    "business": _read(BUSINESS),
    "conditional": _read(CONDITIONAL),
}

_TERMS: Final = (
    (("2026-01-15", "100.00"),),
    (("2026-01-15", "60.00"), ("2026-01-26", "40.00")),
    (("2026-01-15", "30.00"), ("2026-02-16", "30.00"), ("2026-02-18", "40.00")),
    (("2026-03-02", "0.01"), ("2026-01-15", "90.00"), ("2026-01-15", "9.99")),  # in no order, two of one day
)


def an_invoice(
    enrolled: str,
    kind: DebtorKind,
    terms: int,
    *,
    discount: bool,
    delivered: bool,
    letterable: bool,
    statement: bool,
) -> Facts:
    """An invoice of 100 EUR as it enters, early or late, in up to three terms."""
    return replace(
        a_case(enrolled=f"{enrolled} 08:00"),
        debtor_kind=kind,
        terms=tuple(Term(date.fromisoformat(due), eur(amount)) for due, amount in _TERMS[terms - 1]),
        discount=Discount(Decimal(2), date(2026, 1, 20)) if discount else None,
        delivered=date(2026, 2, 18) if delivered else None,
        letterable=letterable,
        tags=frozenset({"shop"}) if letterable else frozenset(),
        statement_on=date.max if statement else None,
    )
