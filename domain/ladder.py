"""Where a case stands on its ladder, and when each coming step is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.calendar import moment_after, sending_moment, slot, within_contact_hours
from domain.conditions import holds_for
from domain.contact_budget import first_free_day, longest_memory
from domain.facts import FINISHED, Contact, DebtorKind, Facts, StepState, StepTaken
from domain.law.legal_step import window_of
from domain.policy import Anchor, Channel, EntryRule, Policy, Step, days_after, local_date, start_of_day

SETTLING_IN: Final = 2
"""Days: no overdue reminder within two days of the first delivery of an invoice."""


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


StepAt = tuple[Step, datetime]
"""A step and its own moment."""


class Ahead(NamedTuple):
    """What lies ahead of a case on its ladder."""

    steps: tuple[Step, ...]
    """All that are not finished and not expired."""
    first: Milestone | None
    """The one to take next; None when the ladder is exhausted."""
    absorbed: tuple[StepAt, ...]
    """Courtesy steps that are overdue together with `first` and merge into it."""
    expired: tuple[StepAt, ...]
    """Announcements of a due date that has passed."""
    begun: tuple[Step, StepTaken] | None = None
    """The lowest of `steps` that was begun."""


class _Left(NamedTuple):
    """When the steps so far left: the last of any kind, and the last that a debtor could notice."""

    any: datetime | None = None
    contact: datetime | None = None

    def then(self, step: Step, at: datetime) -> _Left:
        return _Left(_later(at, self.any), self.contact if step.is_internal else _later(at, self.contact))


class _Behind(NamedTuple):
    """What lies behind a case in this cycle."""

    position: int = 0
    """Of the lowest step above all that are finished."""
    left: _Left = _Left()
    """A step that a person rejected counts from the decision."""
    requested: Step | None = None
    """What a person wants taken now."""
    begun: bool = False
    """A step was begun and is not finished."""


# Names for what every decision asks after: on the class of an enumeration they are looked up slowly.
_DUE: Final = Anchor.DUE
_PREVIOUS: Final = Anchor.PREVIOUS
_BUSINESS: Final = DebtorKind.BUSINESS
_FIRST: Final = EntryRule.FIRST
_REQUESTED: Final = StepState.REQUESTED
_NOTHING_BEHIND: Final = _Behind()
_WENT: Final = frozenset({StepState.DONE, StepState.REJECTED})


def look_ahead(facts: Facts, policy: Policy, now: datetime) -> Ahead:
    """The next step, as if every step before it had left at its own moment.

    Courtesy steps that are past due collapse into the latest one, but for one that a person approved. A formal
    step or hand-over is never passed over, and a courtesy step before it leaves first. Internal steps neither
    absorb nor are absorbed: no debtor sees them. What a person asks for is next, whatever is due.
    """
    behind = _behind(facts, policy) if facts.steps else _NOTHING_BEHIND
    steps = unfinished = _unfinished(behind, facts, policy)
    if policy.announces:
        steps = tuple(s for s in unfinished if not is_expired(s, facts, policy, now))
    if behind.requested and not _may_be_next(behind.requested, steps):
        behind = behind._replace(requested=None)
    absorbed, expired = _due_together(unfinished, behind, facts, policy, now)
    first = begun = None
    if absorbed:
        first = _milestone(*absorbed.pop(), behind.left, facts, policy, now=now)
    if behind.begun:
        begun = next(((step, taken) for step in steps if (taken := facts.taken(step.key))), None)
    return Ahead(steps, first, tuple(absorbed), tuple(expired), begun)


def _may_be_next(requested: Step, steps: tuple[Step, ...]) -> bool:
    """A formal step before it that came back goes first."""
    return requested in steps and all(s.is_courtesy for s in steps[: steps.index(requested)])


def _due_together(
    unfinished: tuple[Step, ...], behind: _Behind, facts: Facts, policy: Policy, now: datetime
) -> tuple[list[StepAt], list[StepAt]]:
    """The steps of which the last is to be taken and the others merge into it; and those that have expired."""
    chosen: list[StepAt] = []
    expired: list[StepAt] = []
    would = _Left(behind.left.any)  # had every step left at its own moment
    merging = policy.entry is not _FIRST or bool(facts.steps)
    for step in unfinished:
        if chosen:
            last, planned = chosen[-1]
            may_merge = merging and last.merges and step.merges and not facts.is_approved(last.key)
            if not behind.requested and not may_merge:
                break
            would = would.then(last, _would_leave(last, planned, would, facts, policy))
        planned = _planned(step, would.any, facts, policy)
        if step.is_before_due and _is_too_late(step, planned, behind.left, facts, policy, now=now):
            if not chosen:
                expired.append((step, planned))
            would = would.then(step, planned)
        elif behind.requested:
            chosen.append((step, planned))
            if step is behind.requested:
                break
        elif planned > now or (chosen and _would_leave(step, planned, would, facts, policy) > now):
            if not chosen:
                chosen.append((step, planned))
            break
        else:
            chosen.append((step, planned))
    return chosen, expired


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
    left = _behind(facts, policy).left
    for step in ahead.steps[ahead.steps.index(ahead.first.step) + 1 :]:
        before = milestones[-1]
        left = left.then(before.step, before.leaves_at)
        if policy.budget and before.step.is_contact:
            made = Contact(before.leaves_at, before.step.is_courtesy, "")
            facts = replace(facts, contacts=(*facts.contacts, made))
        planned = _planned(step, left.any, facts, policy)
        if not _is_too_late(step, planned, left, facts, policy, now=now):
            after = _milestone(step, planned, left, facts, policy, now=now)
            # None overtakes the one before it, even if nothing else keeps it.
            milestones.append(after._replace(leaves_at=max(after.leaves_at, before.leaves_at)))
    return milestones


def expires_at(step: Step, facts: Facts, policy: Policy) -> datetime | None:
    """First moment at which an announcement of the due date has lost its sense; None for other steps."""
    if not (step.is_before_due and step.is_courtesy):
        return None
    return days_after(facts.due, 1, policy.zone)


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


def _behind(facts: Facts, policy: Policy) -> _Behind:
    position, left, contact, requested, begun = 0, None, None, None, False
    cycle = facts.cycle
    for taken in facts.steps:
        if taken.cycle != cycle or (step := policy.find(taken.step)) is None:
            continue
        state = taken.state
        if state in FINISHED:
            position = max(position, policy.position(step.key) + 1)
            if state in _WENT:
                left = _later(taken.at, left)
                contact = contact if step.is_internal else _later(taken.at, contact)
            continue
        begun = True
        if state is _REQUESTED:
            requested = requested or step
    return _Behind(position, _Left(left, contact), requested, begun)


def _unfinished(behind: _Behind, facts: Facts, policy: Policy) -> tuple[Step, ...]:
    """The steps above the highest one that is finished in this cycle, without those whose condition is not met."""
    steps = policy.steps[behind.position :]
    if policy.is_conditional:
        steps = tuple(s for s in steps if s.when is None or facts.taken(s.key) or holds_for(s.when, facts))
    return steps


def _planned(step: Step, left: datetime | None, facts: Facts, policy: Policy) -> datetime:
    """The step's own moment; one that was begun keeps the moment it had."""
    begun = facts.taken(step.key) if facts.steps else None
    if begun and (left is None or begun.planned_at >= left or begun.is_by_hand):
        return begun.planned_at
    anchor = step.anchor
    if anchor is _DUE and step.after.unit == "d":
        return days_after(facts.due, step.after.amount, policy.zone)
    if anchor is _DUE:
        since = start_of_day(facts.due, policy.zone)
    elif anchor is _PREVIOUS:
        since = left or facts.enrolled_at
    elif anchor is Anchor.RECEIPT:
        since = _window_closes(step, left or facts.enrolled_at, facts, policy)
    else:
        since = facts.enrolled_at
    return moment_after(step.after, since, policy.zone, facts.country)


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
    taken = facts.taken(step.key) if facts.steps else None
    if taken and taken.is_by_hand:
        return Milestone(step, planned, taken.at, _into_window(step, now, now, facts, policy, by_hand=True))
    earliest = _another_day(step, planned, left, policy.zone)
    if step.is_contact and not step.is_before_due and step.after.unit != "s":
        settled_in = days_after(facts.delivered or facts.issued, SETTLING_IN, policy.zone)
        earliest = _later(earliest, settled_in)
    leaves = _later(_into_window(step, earliest, now, facts, policy), now)
    if policy.budget is None or not facts.contacts or not step.is_contact:
        return Milestone(step, planned, earliest, leaves)
    return _within_budget(Milestone(step, planned, earliest, leaves), facts, policy, now)


def _within_budget(milestone: Milestone, facts: Facts, policy: Policy, now: datetime) -> Milestone:
    """Later, until both budget and window leave it free."""
    if policy.budget is None:
        return milestone
    step, leaves, zone = milestone.step, milestone.leaves_at, policy.zone
    if leaves - facts.contacts[-1].at > longest_memory(policy.budget):
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
    if left.contact is None or step.is_internal or step.after.unit == "s":
        return planned
    return _later(planned, days_after(local_date(left.contact, zone), 1, zone))


def _into_window(
    step: Step, earliest: datetime, now: datetime, facts: Facts, policy: Policy, *, by_hand: bool = False
) -> datetime:
    """Into the send window; what a person asks for only into the hours that the law allows."""
    window = None if by_hand else policy.window
    if facts.debtor_kind is not _BUSINESS and policy.law.contact_hours:
        window = within_contact_hours(window)
    if window is None or step.is_internal:
        return earliest
    at = window.opening if by_hand else slot(window, facts.debtor_id, facts.invoice_id)
    return sending_moment(earliest, now, window, policy.zone, facts.country, at)


def _later(one: datetime, other: datetime | None) -> datetime:
    return one if other is None or one >= other else other
