"""How a decision is told to the workflow."""

from __future__ import annotations

from datetime import datetime

from domain.contract import NextMove
from domain.explain import Explanation, explain
from domain.facts import Facts
from domain.move import Move, MoveKind
from domain.policy import Policy
from domain.preview import case_details


def answer(facts: Facts, policy: Policy, move: Move, now: datetime) -> NextMove:
    """The wire form of a move: codes, amounts and dates only."""
    explanation = explain(facts, policy, now, move)
    return NextMove(
        stage=move.stage.value,
        closed=move.kind is MoveKind.CLOSE,
        wake_at=move.wake_at,
        step=move.step,
        summary=summary(policy, move, explanation),
        details=case_details(facts, policy, move, now, explanation),
    )


def summary(policy: Policy, move: Move, explanation: Explanation) -> str:
    """`reminder-2 at 2026-03-01 09:14 (contact_budget, send_window)`: what Temporal's UI shows beside the timer."""
    reasons = ", ".join(dict.fromkeys(reason.code.value for reason in explanation.reasons))
    if move.wake_at is None:
        return reasons or move.stage.value
    local = move.wake_at.astimezone(policy.zone)
    return f"{move.step or 'look again'} at {local:%Y-%m-%d %H:%M:%S} ({reasons})"
