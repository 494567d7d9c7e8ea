"""Events by which a person decides: a step approved or rejected, a task completed."""

from __future__ import annotations

from dataclasses import replace

from domain.applying import Applying, DoesNotFit, refuse_if
from domain.facts import REQUESTED, Facts, StepState, StepTaken, TaskKind
from domain.ladder import coming
from domain.lost_notice import hold_until_sent, is_overtaken, sent_after_all

APPROVED, REJECTED = "approved", "rejected"
_DECIDED = {APPROVED: StepState.APPROVED, REJECTED: StepState.REJECTED}
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
    outcome = a.event.outcome or "done"
    changed = a.facts.with_task(replace(task, completed_at=a.now, outcome=outcome))
    if taken and taken.state is StepState.BOUNCED:
        if outcome == RETRY:
            text = "later steps have begun: send the notice by other means"
            raise DoesNotFit("bad_outcome", text, field="outcome")
        return sent_after_all(a, changed, taken)
    if task.kind is TaskKind.APPROVE and taken and taken.state is StepState.AWAITING_APPROVAL:
        is_chased = task.cycle == a.facts.cycle  # else its term is paid: what was put away is asked again
        refuse_if(is_chased and outcome not in _DECIDED, "bad_outcome", "an approval is approved or rejected")
        state = _DECIDED.get(outcome, StepState.DEFERRED)
        return changed.with_step(replace(taken, state=state, at=a.now))
    if taken is None or taken.state not in (StepState.BLOCKED, StepState.PRINTED):
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
    how = "by_hand" if taken.state is StepState.BLOCKED else None
    return changed.with_step(replace(taken, state=StepState.DONE, at=a.now, reason=how))


def notice_bounced(a: Applying) -> Facts:
    """What left came back: it goes again by the step's next channel, and was no contact."""
    taken = last_sent(a.facts, a.event.step, a.event.ref)
    if taken is None:
        refuse_if(
            last_sent(a.facts, a.event.step) is not None, "other_notice", "the step has left again since"
        )
        raise DoesNotFit("not_sent", "no notice of this step has left", field="step")
    contacts = tuple(c for c in a.facts.contacts if c.ref != taken.notice_id)
    bounced = replace(taken, state=StepState.BOUNCED, at=a.now)
    if later := _begun_after(a, taken):
        bounced = replace(bounced, state=StepState.COLLAPSED, reason=f"for {later}")
    facts = replace(a.facts, contacts=contacts).with_step(bounced)
    return hold_until_sent(a, facts, taken) if is_overtaken(a, taken) else facts


def last_sent(facts: Facts, step: str, notice: str = "") -> StepTaken | None:
    """The step's last sending, for whichever term: a payment of that term does not undo it. `notice`: that one."""
    sent = (t for t in facts.steps if t.step == step and t.state is StepState.DONE and t.notice_id)
    return max((t for t in sent if notice in ("", t.notice_id)), key=lambda t: t.at, default=None)


def _begun_after(a: Applying, taken: StepTaken) -> str | None:
    """The later courtesy step that is on its way: what came back merges into it, as all that is overdue does."""
    names = [step.key for step in a.policy.steps if step.merges]
    later = names[names.index(taken.step) + 1 :] if taken.step in names else []
    begun = {t.step for t in a.facts.steps if t.cycle == taken.cycle and not t.state.is_finished}
    return next((key for key in later if key in begun), None)


def step_requested(a: Applying) -> Facts:
    """A person wants the step taken now. It merges the courtesy steps before it, and skips no other."""
    facts, key = a.facts, a.event.step
    planned = next((m for m in coming(facts, a.policy, a.now) if m.step.key == key), None)
    if planned is None:
        raise DoesNotFit("no_such_step", "the step is not ahead of this case", field="step")
    taken = facts.taken(key)
    if taken and taken.state not in (StepState.APPROVED, StepState.DEFERRED, StepState.BOUNCED):
        raise DoesNotFit("step_under_way", f"the step is {taken.state.value}", field="step")
    steps = a.policy.steps[: a.policy.position(key)]
    for before in steps:
        done = facts.taken(before.key)
        if not before.is_courtesy and not (done and done.state.is_finished):
            raise DoesNotFit("step_before_it", f"{before.key} comes first and is never skipped", field="step")
    wanted = taken or StepTaken(facts.cycle, key, StepState.REQUESTED, a.now, planned.planned_at)
    return facts.with_step(
        replace(wanted, state=StepState.REQUESTED, at=a.now, reason=REQUESTED, retry_at=None)
    )


def _decide(a: Applying, step: str, outcome: str) -> Facts:
    taken = a.facts.taken(step)
    if taken is None or taken.state is not StepState.AWAITING_APPROVAL:
        raise DoesNotFit("not_awaiting_approval", "the step does not wait for approval", field="step")
    decided = a.facts.with_step(replace(taken, state=_DECIDED[outcome], at=a.now))
    return decided.with_tasks_closed(step, outcome, a.now)
