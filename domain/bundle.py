"""One contact instead of five: what else of a debtor goes into the notice that leaves."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.facts import Facts, StepState
from domain.move import Move, MoveKind, ReasonCode
from domain.next_move import next_move, stage_of
from domain.policy import Bundling, Channel, Policy, Step, Tone
from domain.stages import Stage
from domain.take_step import notice_id, own_notice_id

_CHASED: Final = frozenset({Stage.CHASING, Stage.AWAITING_APPROVAL})
_LATER_TODAY: Final = frozenset(
    {ReasonCode.SEND_WINDOW, ReasonCode.SCHEDULED, ReasonCode.NOT_DUE, ReasonCode.AWAITING_WINDOW}
)
_RANK: Final = {Tone.FRIENDLY: 0, Tone.FIRM: 1, Tone.FORMAL: 2}


@dataclass(frozen=True, slots=True)
class Case:
    """A case with the rules it is chased by."""

    facts: Facts
    policy: Policy

    def step(self, key: str) -> Step:
        return self.policy.steps[self.policy.position(key)]


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice in a notice. `move` None: it is only named, and keeps its place on its own ladder."""

    case: Case
    move: Move | None

    @property
    def step(self) -> Step | None:
        return self.case.step(self.move.step) if self.move and self.move.step else None


def bundle(
    lead: Case, move: Move, others: Iterable[Case], now: datetime, *, resuming: bool = False
) -> tuple[Line, ...]:
    """The lines of the notice by which `lead` makes its `move`: itself first, then the others in their order.

    What is due today for the same channel and a compatible step takes its step with it: that is what makes a notice
    leave, and what else it names is the policy's `bundling`. A legal letter names every other due claim, as the law
    asks. `others` are open cases of the same debtor and creditor. `resuming`: an earlier attempt at this notice died;
    what it had claimed is claimed again.
    """
    own = lead.step(move.step or "")
    lines = [Line(lead, move)]
    if move.channel in (None, Channel.HAND_OVER, Channel.INTERNAL):
        return tuple(lines)
    taken = lead.facts.taken(own.key)
    notice = taken.notice_id if taken and taken.state is StepState.SENDING else None
    rule = lead.policy.bundling
    for other in others:
        if other.facts.invoice_id == lead.facts.invoice_id:
            continue
        same_notice = resuming and notice is not None and is_claimed_for(other, notice)
        joins = (
            None if rule is Bundling.OFF and not own.legal else _due_today(other, now, resuming=same_notice)
        )
        if joins and joins.channel is move.channel and _sort(other.step(joins.step or "")) == _sort(own):
            if not own.legal or other.facts.currency == lead.facts.currency:
                lines.append(Line(other, joins))
        elif _is_named(own, rule, lead, other, now):
            lines.append(Line(other, None))
    return tuple(lines)


def heading_step(lines: Iterable[Line]) -> Step:
    """The step whose words the notice uses: of those it takes, the one of the highest tone."""
    steps = [line.step for line in lines if line.step]
    return max(steps, key=lambda step: _RANK[step.tone])


def notice_of(lines: Sequence[Line], channel: Channel) -> str:
    """The id of the notice over these lines: a sending that is tried again keeps the one it had.

    Unless the case it is named after is not in it any more: that one's own sending would have the same id.
    """
    ids = [
        (
            notice_id(line.case.facts, line.step.key, channel),
            own_notice_id(line.case.facts, line.step.key, channel),
        )
        for line in lines
        if line.step
    ]
    kept, own = ids[0]
    return kept if any(theirs == kept for _, theirs in ids) else own


def leads_sending(facts: Facts, *, before: datetime | None = None) -> bool:
    """Whether a sending of this case that nobody has judged, begun `before`, is of a notice named after it."""
    return any(
        t.state is StepState.SENDING
        and t.notice_id == own_notice_id(facts, t.step, Channel(t.channel or Channel.EMAIL))
        for t in facts.steps
        if t.cycle == facts.cycle and (before is None or t.at <= before)
    )


def _due_today(case: Case, now: datetime, *, resuming: bool) -> Move | None:
    """The case's move if it can be made now, or would be later today by its slot in the send window."""
    move = next_move(case.facts, case.policy, now, resuming=resuming)
    if move.kind is MoveKind.WAIT and move.wake_at and move.reasons[0].code in _LATER_TODAY:
        zone = case.policy.zone
        if move.wake_at.astimezone(zone).date() == now.astimezone(zone).date():
            move = next_move(case.facts, case.policy, move.wake_at)
    elif move.reasons and move.reasons[0].code is ReasonCode.UNALLOCATED_CASH:
        # Alone it would not be asked for; beside others it is shown, with nothing left to pay.
        move = next_move(replace(case.facts, cash=None), case.policy, now)
    return move if move.kind is MoveKind.PERFORM else None


def is_claimed_for(case: Case, notice: str) -> bool:
    """Whether the case has a line in this notice, which is being sent."""
    return any(t.state is StepState.SENDING and t.notice_id == notice for t in case.facts.steps)


def _is_named(own: Step, rule: Bundling, lead: Case, other: Case, now: datetime) -> bool:
    if own.legal:
        if other.facts.currency != lead.facts.currency:
            return False
    elif rule is not Bundling.ALL_OVERDUE or own.is_before_due or not own.is_courtesy:
        return False
    today = now.astimezone(other.policy.zone).date()
    return bool(other.facts.asked_on(today)) and stage_of(other.facts, other.policy, now) in _CHASED


def _sort(step: Step) -> Hashable:
    """Steps of one sort may share a notice."""
    if step.is_before_due:
        return "announcement"
    if step.is_courtesy:
        return "courtesy"
    return (step.legal, step.tone, bool(step.charges), step.term)
