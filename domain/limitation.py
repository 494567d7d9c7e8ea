"""When a claim lapses, and the tasks that warn of it in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from domain.facts import Facts, StepState, Task, TaskKind
from domain.law.country import SUPPORTED
from domain.law.limitation import WARN_AHEAD, limitation_date
from domain.ledger import EntryKind
from domain.policy import Policy

_OVER: Final = "not_needed"


def time_barred_on(facts: Facts, policy: Policy) -> date | None:
    """First day on which the debtor may plead limitation; None where Termijn does not know the country's law.

    Only legal steps count as demands: whether a friendly reminder interrupts is for a court to say.
    """
    if facts.country not in SUPPORTED:
        return None
    zone = policy.zone
    legal = {step.key for step in policy.steps if step.legal}
    demands = [
        t.at.astimezone(zone).date() for t in facts.steps if t.step in legal and t.state is StepState.DONE
    ]
    acknowledged = [e.on for e in facts.entries if e.kind is EntryKind.PAYMENT]
    acknowledged += [p.joined_at.astimezone(zone).date() for p in facts.plans]
    return limitation_date(
        facts.country,
        facts.debtor_kind,
        policy.law.claim_type,
        facts.due,
        demands=demands,
        acknowledged=acknowledged,
    )


def warn_of_limitation(facts: Facts, policy: Policy, now: datetime) -> Facts:
    """The facts with the warning that is due today; warnings of another date or an earlier one are over."""
    barred = time_barred_on(facts, policy)
    if barred is None or not facts.open or facts.ending:
        return facts
    left = (barred - now.astimezone(policy.zone).date()).days
    due = [ahead for ahead in sorted(WARN_AHEAD) if left <= ahead]
    if not due:
        return facts
    step = f"limitation-{due[0]}"
    id_ = str(uuid5(UUID(facts.invoice_id), f"limitation/{barred}/{due[0]}"))
    if any(task.id == id_ for task in facts.tasks):
        return facts
    replaced = tuple(
        replace(t, completed_at=now, outcome=_OVER)
        if t.kind is TaskKind.LIMITATION and t.completed_at is None
        else t
        for t in facts.tasks
    )
    return replace(facts, tasks=(*replaced, Task(id_, TaskKind.LIMITATION, facts.cycle, step, now)))
