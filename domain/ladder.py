"""Where a case stands on its ladder, and when each coming step is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import sending_moment, slot
from domain.facts import Facts, StepState, StepTaken
from domain.policy import Anchor, Channel, Policy, Step, start_of_day


@dataclass(frozen=True, slots=True)
class Milestone:
    step: Step
    planned_at: datetime
    """The step's own moment by the ladder."""
    leaves_at: datetime
    """`planned_at` moved into the send window."""


def last_finished(facts: Facts, policy: Policy) -> StepTaken | None:
    """The highest step of the current cycle behind which the ladder goes on."""
    finished = [t for t in facts.steps if t.cycle == facts.cycle and t.state.is_finished]
    keys = {step.key for step in policy.steps}
    return max((t for t in finished if t.step in keys), key=lambda t: policy.position(t.step), default=None)


def coming(facts: Facts, policy: Policy, now: datetime) -> tuple[list[Milestone], list[Step]]:
    """The steps still ahead with their moments, each later one as if the one before leaves when planned;
    and the announcements that came too late, since the due date they announce has passed."""
    last = last_finished(facts, policy)
    ahead = policy.steps[policy.position(last.step) + 1 :] if last else policy.steps
    previous = _really_left(facts, last)
    zone = policy.zone
    due_starts, due_ends = (start_of_day(facts.due + timedelta(days=n), zone) for n in (0, 1))
    milestones: list[Milestone] = []
    expired: list[Step] = []
    for step in ahead:
        if step.is_before_due and now >= due_ends:
            expired.append(step)
            continue
        anchor = {Anchor.DUE: due_starts, Anchor.ENROLLED: facts.enrolled_at, Anchor.PREVIOUS: previous}[step.anchor]
        planned = step.after.after(anchor or facts.enrolled_at, zone)
        earliest = planned
        if previous and step.after.unit == "d" and step.channel is not Channel.INTERNAL:
            earliest = max(planned, _next_day(previous, zone))
        leaves = earliest
        if policy.window and step.channel is not Channel.INTERNAL:
            at = slot(policy.window, facts.debtor_id, facts.invoice_id)
            leaves = sending_moment(earliest, now, policy.window, zone, facts.country, at)
        milestones.append(Milestone(step, planned, leaves))
        previous = max(leaves, previous) if previous else leaves
    return milestones, expired


def _really_left(facts: Facts, last: StepTaken | None) -> datetime | None:
    """When the last step that was taken left; a step that a person rejected counts from the decision."""
    if last is None:
        return None
    counted = [
        t.at for t in facts.steps if t.cycle == facts.cycle and t.state in (StepState.DONE, StepState.REJECTED)
    ]
    return max(counted, default=None)


def _next_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Two steps of one case never leave on one day, however late they are."""
    return start_of_day(moment.astimezone(zone).date() + timedelta(days=1), zone)


def due_step(milestones: list[Milestone], now: datetime) -> tuple[Milestone, list[Step]]:
    """The step to take next, and the overdue courtesy steps that it absorbs.

    Courtesy steps that are past due collapse into the latest one. A formal step or hand-over is never passed over, and
    a courtesy step before it leaves first. Internal steps neither absorb nor are absorbed: no debtor sees them.
    """
    chosen, absorbed = milestones[0], []
    for later in milestones[1:]:
        if not (_merges(chosen.step) and _merges(later.step) and later.leaves_at <= now):
            break
        absorbed.append(chosen.step)
        chosen = later
    return chosen, absorbed


def _merges(step: Step) -> bool:
    return step.is_courtesy and step.channel is not Channel.INTERNAL
