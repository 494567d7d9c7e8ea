"""Where a case stands on its ladder, and when each coming step is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import sending_moment, slot, within_contact_hours
from domain.facts import DebtorKind, Facts, StepState
from domain.law.legal_step import window_of
from domain.policy import Anchor, Channel, Policy, Step, start_of_day


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step and its moments, in UTC."""

    step: Step
    planned_at: datetime
    """The step's own moment by the ladder."""
    earliest: datetime
    """`planned_at`, or the day after the contact before it if that is later."""
    leaves_at: datetime
    """When it leaves if nothing happens: `earliest` moved into the send window; never before `now`."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies ahead of a case on its ladder. Pairs are of a step and its own moment."""

    steps: tuple[Step, ...]
    """All that are not finished and not expired."""
    first: Milestone | None
    """The one to take next; None when the ladder is exhausted."""
    absorbed: tuple[tuple[Step, datetime], ...]
    """Courtesy steps that are overdue together with `first` and merge into it."""
    expired: tuple[tuple[Step, datetime], ...]
    """Announcements of a due date that has passed."""


@dataclass(frozen=True, slots=True)
class _Left:
    """When the steps so far left: the last of any kind, and the last that a debtor could notice."""

    any: datetime | None = None
    contact: datetime | None = None

    def then(self, step: Step, at: datetime) -> _Left:
        return _Left(_later(at, self.any), self.contact if _is_internal(step) else _later(at, self.contact))


def look_ahead(facts: Facts, policy: Policy, now: datetime) -> Ahead:
    """The next step, as if every step before it had left at its own moment.

    Courtesy steps that are past due collapse into the latest one. A formal step or hand-over is never passed
    over, and a courtesy step before it leaves first. Internal steps neither absorb nor are absorbed: no
    debtor sees them.
    """
    unfinished = _unfinished(facts, policy)
    left = _left(facts, policy)
    would = _Left(left.any)
    steps = tuple(s for s in unfinished if not is_expired(s, facts, policy, now))
    absorbed: list[tuple[Step, datetime]] = []
    expired: list[tuple[Step, datetime]] = []
    chosen: tuple[Step, datetime] | None = None
    for step in unfinished:
        planned = _planned(step, would, facts, policy)
        earliest = _another_day(step, planned, would, policy.zone)
        leaves = _into_window(step, earliest, earliest, facts, policy)
        if _is_too_late(step, planned, left, facts, policy, now=now):
            if chosen is None:
                expired.append((step, planned))
        elif chosen and not (_merges(chosen[0]) and _merges(step) and leaves <= now):
            break
        else:
            if chosen:
                absorbed.append(chosen)
            chosen = (step, planned)
        would = would.then(step, leaves)
    first = _milestone(*chosen, left, facts, policy, now=now) if chosen else None
    return Ahead(steps, first, tuple(absorbed), tuple(expired))


def coming(facts: Facts, policy: Policy, now: datetime) -> list[Milestone]:
    """The steps still to be taken, each later one as if the one before leaves when planned."""
    ahead = look_ahead(facts, policy, now)
    if ahead.first is None:
        return []
    milestones = [ahead.first]
    left = _left(facts, policy).then(ahead.first.step, ahead.first.leaves_at)
    for step in ahead.steps[ahead.steps.index(ahead.first.step) + 1 :]:
        planned = _planned(step, left, facts, policy)
        if not _is_too_late(step, planned, left, facts, policy, now=now):
            milestone = _milestone(step, planned, left, facts, policy, now=now)
            milestones.append(milestone)
            left = left.then(step, milestone.leaves_at)
    return milestones


def expires_at(step: Step, facts: Facts, policy: Policy) -> datetime | None:
    """First moment at which an announcement of the due date has lost its sense; None for other steps."""
    if not (step.is_before_due and step.is_courtesy):
        return None
    return start_of_day(facts.due + timedelta(days=1), policy.zone)


def is_expired(step: Step, facts: Facts, policy: Policy, now: datetime) -> bool:
    ends = expires_at(step, facts, policy)
    return ends is not None and now >= ends


def _is_too_late(
    step: Step, planned: datetime, left: _Left, facts: Facts, policy: Policy, *, now: datetime
) -> bool:
    """Whether the step has expired or, not begun yet, could leave only when it has."""
    ends = expires_at(step, facts, policy)
    if ends is None:
        return False
    begun = facts.taken(step.key)
    return ends <= (now if begun else _milestone(step, planned, left, facts, policy, now=now).leaves_at)


def _unfinished(facts: Facts, policy: Policy) -> tuple[Step, ...]:
    """The steps above the highest one that is finished in this cycle."""
    reached = 0
    for index, step in enumerate(policy.steps, start=1):
        taken = facts.taken(step.key)
        if taken and taken.state.is_finished:
            reached = index
    return policy.steps[reached:]


def _left(facts: Facts, policy: Policy) -> _Left:
    """When the steps of this cycle really left; one that a person rejected counts from the decision."""
    left = _Left()
    for step in policy.steps:
        taken = facts.taken(step.key)
        if taken and taken.state in (StepState.DONE, StepState.REJECTED):
            left = left.then(step, taken.at)
    return left


def _planned(step: Step, left: _Left, facts: Facts, policy: Policy) -> datetime:
    """The step's own moment; one that was begun keeps the moment it had."""
    begun = facts.taken(step.key)
    if begun:
        return begun.planned_at
    anchor = facts.enrolled_at
    if step.anchor is Anchor.DUE:
        anchor = start_of_day(facts.due, policy.zone)
    elif step.anchor is Anchor.PREVIOUS:
        anchor = left.any or facts.enrolled_at
    elif step.anchor is Anchor.RECEIPT:
        anchor = _window_closes(step, left.any or facts.enrolled_at, facts, policy)
    return step.after.after(anchor, policy.zone)


def _window_closes(step: Step, sent_at: datetime, facts: Facts, policy: Policy) -> datetime:
    """The last day of the window that the step before opened when it left."""
    letter = policy.steps[policy.position(step.key) - 1]
    taken = facts.taken(letter.key)
    channel = Channel(taken.channel) if taken and taken.channel else None
    return start_of_day(window_of(letter, sent_at, facts, policy, channel).last_day, policy.zone)


def _milestone(
    step: Step, planned: datetime, left: _Left, facts: Facts, policy: Policy, *, now: datetime
) -> Milestone:
    earliest = _another_day(step, planned, left, policy.zone)
    leaves = _into_window(step, earliest, now, facts, policy)
    return Milestone(step, planned, earliest, max(leaves, now))


def _another_day(step: Step, planned: datetime, left: _Left, zone: ZoneInfo) -> datetime:
    """No two contacts of one case on one day, however late they are; a ladder in seconds has no days."""
    if left.contact is None or _is_internal(step) or step.after.unit == "s":
        return planned
    return max(planned, start_of_day(left.contact.astimezone(zone).date() + timedelta(days=1), zone))


def _into_window(step: Step, earliest: datetime, now: datetime, facts: Facts, policy: Policy) -> datetime:
    window = policy.window
    if policy.law.contact_hours and facts.debtor_kind is not DebtorKind.BUSINESS:
        window = within_contact_hours(window)
    if window is None or _is_internal(step):
        return earliest
    at = slot(window, facts.debtor_id, facts.invoice_id)
    return sending_moment(earliest, now, window, policy.zone, facts.country, at)


def _merges(step: Step) -> bool:
    return step.is_courtesy and not _is_internal(step)


def _is_internal(step: Step) -> bool:
    return step.channel is Channel.INTERNAL


def _later(one: datetime, other: datetime | None) -> datetime:
    return max(one, other) if other else one
