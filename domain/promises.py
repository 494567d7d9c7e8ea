"""Promises to pay, judged by ledger and clock: kept when the money came, broken when the day passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.facts import Facts, Promise, PromiseOutcome
from domain.policy import Policy, deadline


def settle_promises(facts: Facts, policy: Policy, now: datetime) -> Facts:
    """The facts with every promise ended that the ledger or the clock has decided."""
    if all(promise.ended_at for promise in facts.promises):
        return facts
    return replace(facts, promises=tuple(_judge(p, facts, policy, now) for p in facts.promises))


def _judge(promise: Promise, facts: Facts, policy: Policy, now: datetime) -> Promise:
    if promise.ended_at:
        return promise
    tolerance = policy.tolerance.get(facts.currency, 0)
    missing = promise.amount.amount - (promise.open_then - facts.open).amount
    forgiven = tolerance if promise.amount.amount > tolerance else 0  # else it were kept by paying nothing
    if facts.open_amount <= tolerance or missing <= forgiven:
        return replace(promise, ended_at=now, outcome=PromiseOutcome.KEPT)
    late_from = deadline(promise.due, policy.promise_grace, policy.zone)
    if now >= late_from:
        return replace(promise, ended_at=late_from, outcome=PromiseOutcome.BROKEN)
    return promise
