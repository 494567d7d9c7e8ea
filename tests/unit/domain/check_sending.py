"""What must be true whenever something is sent to a debtor, worked out another way than the ladder does."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from domain.calendar import is_open
from domain.facts import DebtorKind, Facts, StepState, StepTaken
from domain.law.settings import LegalStep
from domain.law.window import legal_window
from domain.move import Move
from domain.policy import Anchor, Channel, Policy, Step

_WEEK = timedelta(days=7)


def check_sending(facts: Facts, move: Move, policy: Policy, now: datetime) -> None:
    """`move` takes a step now."""
    step = policy.steps[policy.position(move.step or "")]
    taken, today = facts.taken(step.key), now.astimezone(policy.zone).date()
    by_hand = taken is not None and taken.is_by_hand
    assert taken is None or not taken.state.is_finished, f"{step.key} would leave twice"
    assert (
        facts.asked_on(today).is_positive
        or not step.is_contact
        or policy.stale_money.hold_when_covered is False
    )
    assert facts.open.amount >= policy.minimum.get("EUR", 0)
    assert facts.open.amount > policy.tolerance.get("EUR", 0)
    if step.is_contact:
        _keeps_distance(facts, step, policy, today, taken)
        if not by_hand:
            assert is_open(policy.window, now, policy.zone, facts.country), "outside the send window"
            _within_budget(facts, step, policy, today, taken)
    _after_the_window(facts, step, policy, today, by_hand=by_hand)
    if step.requires_approval:
        limit = (step.approval_above or {}).get("EUR")
        assert facts.is_approved(step.key) or (limit is not None and facts.open.amount <= limit)


def _keeps_distance(facts: Facts, step: Step, policy: Policy, today: date, taken: StepTaken | None) -> None:
    """No overdue reminder within two days of delivery, unless a person or a ladder in seconds wants it so."""
    if step.is_before_due or step.after.unit == "s" or (taken and taken.is_by_hand):
        return
    assert today >= (facts.delivered or facts.issued) + timedelta(days=2)
    if step.anchor is Anchor.DUE:
        assert today >= facts.due + timedelta(days=step.after.amount) or taken


def _within_budget(facts: Facts, step: Step, policy: Policy, today: date, taken: StepTaken | None) -> None:
    budget = policy.budget
    if budget is None:
        return
    own = taken.notice_id if taken else None
    others = [c for c in facts.contacts if c.ref != own]
    days = [c.at.astimezone(policy.zone).date() for c in others]
    if budget.per_day is not None:
        assert days.count(today) < budget.per_day, "too much on one day"
    if budget.per_seven_days is not None:
        assert sum(on > today - _WEEK for on in days) < budget.per_seven_days, "too much in seven days"
    if budget.courtesy_gap and step.is_courtesy:
        gap = timedelta(days=budget.courtesy_gap.amount)
        courteous = [c.at.astimezone(policy.zone).date() for c in others if c.courtesy]
        assert all(on + gap <= today for on in courteous), "too soon after the last courtesy"


def _after_the_window(facts: Facts, step: Step, policy: Policy, today: date, *, by_hand: bool) -> None:
    """What counts from the end of a term leaves after it; costs only after the letter that announces them."""
    before = policy.steps[: policy.position(step.key)]
    letters = [(s, t) for s in before if s.legal and (t := facts.taken(s.key))]
    sent = [(s, t) for s, t in letters if t.state is StepState.DONE]
    if step.anchor is Anchor.RECEIPT and sent and not by_hand:
        assert today >= _ends(*sent[-1], facts, policy) + timedelta(days=step.after.amount)
    if step.charges.costs and facts.debtor_kind is not DebtorKind.BUSINESS:
        announced = [(s, t) for s, t in sent if s.legal is LegalStep.NL_14_DAY_LETTER]
        assert announced, "costs without a letter"
        assert today > _ends(*announced[-1], facts, policy), "costs within the term"


def _ends(letter: Step, taken: StepTaken, facts: Facts, policy: Policy) -> date:
    by: Literal["post", "email"] = "post" if taken.channel == Channel.LETTER else "email"
    days = letter.term.amount if letter.term else 14
    sent = taken.at.astimezone(policy.zone).date()
    return legal_window(
        facts.country,
        facts.debtor_kind,
        by,
        sent,
        days=days,
        buffer_days=policy.law.safety_buffer_days,
        safe=True,
    ).last_day
