"""The steps still to come, with dates: what the timeline, the policy check and Temporal's UI show."""

from __future__ import annotations

from datetime import datetime

from domain.facts import Facts
from domain.ladder import Milestone, coming, due_step
from domain.move import Move, MoveKind
from domain.policy import Policy

_NOTHING_COMES = frozenset({MoveKind.CLOSE})


def planned_steps(facts: Facts, policy: Policy, move: Move, now: datetime) -> list[Milestone]:
    """The ladder ahead if nothing happens; empty once the case is closed or handed over.

    Overdue courtesy steps that will be merged into a later one are left out.
    """
    if move.kind in _NOTHING_COMES or move.stage.value == "handed_over":
        return []
    milestones, _ = coming(facts, policy, now)
    if not milestones:
        return []
    first, _ = due_step(milestones, now)
    return milestones[milestones.index(first) :]


def case_details(facts: Facts, policy: Policy, move: Move, now: datetime) -> str:
    """A small Markdown table of past and planned steps; codes, amounts and dates only, since Temporal shows it."""
    zone = policy.zone
    rows = [
        (t.at, f"| {_local(t.at, zone)} | {t.step} | {t.state.value}{f' ({t.reason})' if t.reason else ''} |")
        for t in sorted(facts.steps, key=lambda t: t.at)
    ]
    lines = [row for _, row in rows]
    lines += [
        f"| {_local(m.leaves_at, zone)} | {m.step.key} | planned |"
        for m in planned_steps(facts, policy, move, now)
        if (taken := facts.taken(m.step.key)) is None or taken.reason is None
    ]
    reasons = ", ".join(f"{r.code.value}{f' until {_local(r.until, zone)}' if r.until else ''}" for r in move.reasons)
    head = f"**{move.stage.value}** · open {facts.open} · policy {policy.reference}\n\n{reasons or 'due now'}\n\n"
    return head + "| when | step | state |\n|---|---|---|\n" + "\n".join(lines)


def _local(moment: datetime, zone: object) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")  # type: ignore[arg-type]
