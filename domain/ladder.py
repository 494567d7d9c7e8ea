"""Where a case stands on its ladder, and when each coming step is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.calendar import moment_after, sending_moment, slot, within_contact_hours
from domain.conditions import holds_for
from domain.contact_budget import days_looked_at, first_free_day
from domain.facts import FINISHED, Contact, DebtorKind, Facts, StepState
from domain.law.legal_step import window_of
from domain.policy import Anchor, Channel, EntryRule, Policy, Step, local_date, start_of_day

_DAY: Final = timedelta(days=1)
SETTLING_IN: Final = timedelta(days=2)
"""No overdue reminder within two days of the first delivery of an invoice."""


class Milestone(NamedTuple):
    """A step and its moments, in UTC."""

    step: Step
    planned_at: datetime
    """The step's own moment by the ladder."""
    earliest: datetime
    """`planned_at`, or later: the day after the contact before it, the third day after delivery.
    Of a step that a person wants now: when they said so."""
    leaves_at: datetime
    """When it leaves if nothing happens: `earliest` moved into window and contact budget; never before `now`."""
    over_budget: bool = False
    """The contact budget, not only the window, moved it."""


class Ahead(NamedTuple):
    """What lies ahead of a case on its ladder. Pairs are of a step and its own moment."""

    steps: tuple[Step, ...]
    """All that are not finished and not expired."""
    first: Milestone | None
    """The one to take next; None when the ladder is exhausted."""
    absorbed: tuple[tuple[Step, datetime], ...]
    """Courtesy steps that are overdue together with `first` and merge into it."""
    expired: tuple[tuple[Step, datetime], ...]
    """Announcements of a due date that has passed."""


class _Left(NamedTuple):
    """When the steps so far left: the last of any kind, and the last that a debtor could notice."""

    any: datetime | None = None
    contact: datetime | None = None

    def then(self, step: Step, at: datetime) -> _Left:
        return _Left(_later(at, self.any), self.contact if _is_internal(step) else _later(at, self.contact))


_NOTHING_LEFT: Final = _Left()
_WENT: Final = frozenset({StepState.DONE, StepState.REJECTED})


def look_ahead(facts: Facts, policy: Policy, now: datetime) -> Ahead:
    """The next step, as if every step before it had left at its own moment.

    Courtesy steps that are past due collapse into the latest one. A formal step or hand-over is never passed
    over, and a courtesy step before it leaves first. Internal steps neither absorb nor are absorbed: no
    debtor sees them. What a person asks for is next, whatever is due.
    """
    unfinished = _unfinished(facts, policy)
    left = _left(facts, policy)
    would = _Left(left.any)
    steps = unfinished
    if policy.announces:
        steps = tuple(s for s in unfinished if not is_expired(s, facts, policy, now))
    merging = policy.entry is not EntryRule.FIRST or bool(facts.steps)
    requested = _requested(unfinished, facts)
    absorbed: list[tuple[Step, datetime]] = []
    expired: list[tuple[Step, datetime]] = []
    chosen: tuple[Step, datetime] | None = None
    for step in unfinished:
        if chosen:
            if not requested and not (merging and chosen[0].merges and step.merges):
                break
            would = would.then(chosen[0], _would_leave(*chosen, would, facts, policy))
        planned = _planned(step, would, facts, policy)
        if step.is_before_due and _is_too_late(step, planned, left, facts, policy, now=now):
            if chosen is None:
                expired.append((step, planned))
            would = would.then(step, planned)
            continue
        if planned > now and not requested:
            chosen = chosen or (step, planned)
            break
        if chosen:
            if not requested and _would_leave(step, planned, would, facts, policy) > now:
                break
            absorbed.append(chosen)
        chosen = (step, planned)
        if step is requested:
            break
    first = _milestone(*chosen, left, facts, policy, now=now) if chosen else None
    return Ahead(steps, first, tuple(absorbed), tuple(expired))


def _would_leave(step: Step, planned: datetime, left: _Left, facts: Facts, policy: Policy) -> datetime:
    """When the step would have left at its own moment."""
    earliest = _another_day(step, planned, left, policy.zone)
    return _into_window(step, earliest, earliest, facts, policy)


def coming(facts: Facts, policy: Policy, now: datetime) -> list[Milestone]:
    """The steps still to be taken, each later one as if the one before leaves when planned."""
    ahead = look_ahead(facts, policy, now)
    if ahead.first is None:
        return []
    milestones = [ahead.first]
    left = _left(facts, policy)
    for step in ahead.steps[ahead.steps.index(ahead.first.step) + 1 :]:
        before = milestones[-1]
        left = left.then(before.step, before.leaves_at)
        if policy.budget and before.step.is_contact:
            made = Contact(before.leaves_at, before.step.is_courtesy, "")
            facts = replace(facts, contacts=(*facts.contacts, made))
        planned = _planned(step, left, facts, policy)
        if not _is_too_late(step, planned, left, facts, policy, now=now):
            after = _milestone(step, planned, left, facts, policy, now=now)
            # None overtakes the one before it, even if nothing else keeps it.
            milestones.append(after._replace(leaves_at=max(after.leaves_at, before.leaves_at)))
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
    """The steps above the highest one that is finished in this cycle, without those whose condition is not met."""
    reached = 0
    if facts.steps:
        cycle = facts.cycle
        for taken in facts.steps:
            if taken.cycle == cycle and taken.state in FINISHED and policy.find(taken.step):
                reached = max(reached, policy.position(taken.step) + 1)
    steps = policy.steps[reached:]
    if policy.is_conditional:
        steps = tuple(s for s in steps if s.when is None or facts.taken(s.key) or holds_for(s.when, facts))
    return steps


def _requested(steps: tuple[Step, ...], facts: Facts) -> Step | None:
    if not facts.steps:
        return None
    for taken in facts.steps:
        if taken.state is StepState.REQUESTED and taken.cycle == facts.cycle:
            return next((step for step in steps if step.key == taken.step), None)
    return None


def _left(facts: Facts, policy: Policy) -> _Left:
    """When the steps of this cycle really left; one that a person rejected counts from the decision."""
    left, cycle = _NOTHING_LEFT, facts.cycle
    for taken in facts.steps:
        if taken.cycle == cycle and taken.state in _WENT and (step := policy.find(taken.step)):
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
    return moment_after(step.after, anchor, policy.zone, facts.country)


def _window_closes(step: Step, sent_at: datetime, facts: Facts, policy: Policy) -> datetime:
    """The last day of the window that the last notice with a term before this step opened when it left."""
    before = [s for s in policy.steps[: policy.position(step.key)] if s.legal or s.term]
    letter = next((s for s in reversed(before) if facts.taken(s.key)), before[-1])
    taken = facts.taken(letter.key)
    if taken and taken.state is StepState.DONE:
        sent_at = taken.at
    channel = Channel(taken.channel) if taken and taken.channel else None
    return start_of_day(window_of(letter, sent_at, facts, policy, channel).last_day, policy.zone)


def _milestone(
    step: Step, planned: datetime, left: _Left, facts: Facts, policy: Policy, *, now: datetime
) -> Milestone:
    taken = facts.taken(step.key)
    if taken and taken.is_by_hand:
        return Milestone(step, planned, taken.at, _into_window(step, now, now, facts, policy, by_hand=True))
    earliest = _another_day(step, planned, left, policy.zone)
    if not step.is_before_due and step.after.unit != "s" and step.is_contact:
        settled_in = start_of_day((facts.delivered or facts.issued) + SETTLING_IN, policy.zone)
        earliest = max(earliest, settled_in)
    leaves = max(_into_window(step, earliest, now, facts, policy), now)
    if policy.budget is None or not facts.contacts or not step.is_contact:
        return Milestone(step, planned, earliest, leaves)
    return _within_budget(Milestone(step, planned, earliest, leaves), facts, policy, now)


def _within_budget(milestone: Milestone, facts: Facts, policy: Policy, now: datetime) -> Milestone:
    """Later, until both budget and window leave it free."""
    if policy.budget is None:
        return milestone
    step, leaves, zone = milestone.step, milestone.leaves_at, policy.zone
    if leaves - facts.contacts[-1].at > days_looked_at(policy.budget) * _DAY + _DAY:
        return milestone
    taken = facts.taken(step.key)
    own = (taken.notice_id or "") if taken else ""
    while True:
        day = local_date(leaves, zone)
        free = first_free_day(
            policy.budget, facts.contacts, day, zone, courtesy=step.is_courtesy, besides=own
        )
        if free == day:
            if leaves == milestone.leaves_at:
                return milestone
            return milestone._replace(leaves_at=leaves, over_budget=True)
        leaves = max(_into_window(step, start_of_day(free, zone), now, facts, policy), now)


def _another_day(step: Step, planned: datetime, left: _Left, zone: ZoneInfo) -> datetime:
    """No two contacts of one case on one day, however late they are; a ladder in seconds has no days."""
    if left.contact is None or _is_internal(step) or step.after.unit == "s":
        return planned
    return max(planned, start_of_day(local_date(left.contact, zone) + timedelta(days=1), zone))


def _into_window(
    step: Step, earliest: datetime, now: datetime, facts: Facts, policy: Policy, *, by_hand: bool = False
) -> datetime:
    """Into the send window; what a person asks for only into the hours that the law allows."""
    window = None if by_hand else policy.window
    if policy.law.contact_hours and facts.debtor_kind is not DebtorKind.BUSINESS:
        window = within_contact_hours(window)
    if window is None or _is_internal(step):
        return earliest
    at = window.opens if by_hand else slot(window, facts.debtor_id, facts.invoice_id)
    return sending_moment(earliest, now, window, policy.zone, facts.country, at)


def _is_internal(step: Step) -> bool:
    return step.channel is Channel.INTERNAL


def _later(one: datetime, other: datetime | None) -> datetime:
    return max(one, other) if other else one
