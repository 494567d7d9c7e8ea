"""The steps still to come, with dates: what the timeline, the policy check and Temporal's UI show."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.explain import Explanation, explain
from domain.facts import Facts
from domain.ladder import Milestone, coming
from domain.move import Move, MoveKind, Reason
from domain.policy import Policy


def planned_steps(facts: Facts, policy: Policy, move: Move, now: datetime) -> list[Milestone]:
    """The ladder ahead if nothing happens, counted from the end of what holds the case back.

    Empty where only an event can end that. Overdue courtesy steps that merge into a later one are left out.
    """
    ends = [reason.until for reason in move.reasons]
    if move.kind in (MoveKind.CLOSE, MoveKind.SUSPENDED) and None in ends:
        return []
    return coming(facts, policy, max((end for end in ends if end), default=now))


def case_details(
    facts: Facts, policy: Policy, move: Move, now: datetime, explanation: Explanation | None = None
) -> str:
    """What holds the case back, and a small Markdown table of past and planned steps: codes, amounts and dates only,
    for Temporal's UI. `explanation`: of the same moment, where it is known already."""
    explanation = explanation or explain(facts, policy, now, move)
    zone = policy.zone
    rows = [
        (t.at, t.step, f"{t.state.value} ({t.reason})" if t.reason else t.state.value)
        for t in sorted(facts.steps, key=lambda t: t.at)
    ]
    rows += [(m.leaves_at, m.step.key, "planned") for m in planned_steps(facts, policy, move, now)]
    reasons = ", ".join(_because(reason, zone) for reason in explanation.reasons) or "due now"
    lines = [
        f"**{move.stage.value}** · open {facts.open} · policy {policy.reference}",
        "",
        reasons,
        "",
        "| when | step | state |",
        "|---|---|---|",
        *(f"| {_local(at, zone)} | {step} | {state} |" for at, step, state in rows),
    ]
    return "\n".join(lines)


def _because(reason: Reason, zone: ZoneInfo) -> str:
    return f"{reason.code.value} until {_local(reason.until, zone)}" if reason.until else reason.code.value


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
