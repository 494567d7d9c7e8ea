"""Events by which a person decides: a step approved or rejected, a task completed."""

from __future__ import annotations

from dataclasses import replace

from domain.applying import Applying, DoesNotFit
from domain.facts import Facts, StepState, TaskKind

APPROVED, REJECTED = "approved", "rejected"
RETRY = "retry"
"""Outcome of the task of a blocked step: try once more. Any other means that a person has done it."""


def step_approved(a: Applying) -> Facts:
    return _decide(a, a.event.step, APPROVED)


def step_rejected(a: Applying) -> Facts:
    return _decide(a, a.event.step, REJECTED)


def task_completed(a: Applying) -> Facts:
    """Completing an approval task decides its step, and so does completing the task of a blocked step."""
    task = next((t for t in a.facts.tasks if t.id == a.event.ref and t.completed_at is None), None)
    if task is None:
        raise DoesNotFit("unknown_task", "no such task is open on this invoice")
    taken = next((t for t in a.facts.steps if (t.cycle, t.step) == (task.cycle, task.step)), None)
    if task.kind is TaskKind.APPROVE and taken and taken.state is StepState.AWAITING_APPROVAL:
        if a.event.outcome not in (APPROVED, REJECTED):
            raise DoesNotFit("bad_outcome", "an approval is approved or rejected", field="outcome")
        return _decide(a, task.step, a.event.outcome)
    outcome = a.event.outcome or "done"
    changed = a.facts.with_task(replace(task, completed_at=a.now, outcome=outcome))
    if taken is None or taken.state is not StepState.BLOCKED:
        return changed
    if outcome == RETRY:
        return changed.with_step(
            replace(
                taken,
                state=StepState.DEFERRED,
                at=a.now,
                reason=None,
                retry_at=a.now,
                attempts=0,
                first_tried_at=None,
            )
        )
    return changed.with_step(replace(taken, state=StepState.DONE, at=a.now, reason="by_hand"))


def _decide(a: Applying, step: str, outcome: str) -> Facts:
    taken = a.facts.taken(step)
    if taken is None or taken.state is not StepState.AWAITING_APPROVAL:
        raise DoesNotFit("not_awaiting_approval", "the step does not wait for approval", field="step")
    state = StepState.APPROVED if outcome == APPROVED else StepState.REJECTED
    decided = a.facts.with_step(replace(taken, state=state, at=a.now))
    return decided.with_tasks_closed(step, outcome, a.now)
