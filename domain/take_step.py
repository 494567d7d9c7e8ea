"""What taking a step changes: pure transitions of its record, from claim to outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from domain.facts import REQUESTED, Facts, StepState, StepTaken, Task, TaskKind
from domain.move import Move, MoveKind, ReasonCode
from domain.policy import Channel, Policy, Step

FIRST_RETRY: Final = timedelta(seconds=2)
LONGEST_RETRY: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(hours=24)
"""A mail server that refuses for this long needs a person."""

_UNDER_WAY: Final = frozenset({StepState.SENDING, StepState.DEFERRED})
_TASK_FOR_CHANNEL: Final = {Channel.CALL_TASK: TaskKind.CALL, Channel.INTERNAL: TaskKind.REVIEW}
_TASK_FOR_REASON: Final = {
    ReasonCode.NO_ADDRESS: TaskKind.MEND_ADDRESS,
    ReasonCode.DELIVERY_FAILED: TaskKind.CHECK_DELIVERY,
    ReasonCode.DELIVERY_UNCERTAIN: TaskKind.CHECK_DELIVERY,
    ReasonCode.NO_AGENCY: TaskKind.SEND_DOSSIER,
    ReasonCode.UNLAWFUL: TaskKind.REVIEW,
    ReasonCode.RATE_UNKNOWN: TaskKind.REVIEW,
    ReasonCode.LETTER_INCOMPLETE: TaskKind.REVIEW,
}


def notice_id(facts: Facts, step: str, channel: Channel = Channel.EMAIL) -> str:
    """One for each step, cycle and channel, so that a mail that is repeated keeps its Message-ID.

    A sending that is under way, perhaps as a line of another case's notice, keeps the notice it has.
    """
    taken = facts.taken(step)
    if taken and taken.notice_id and taken.state in _UNDER_WAY:
        return taken.notice_id
    return own_notice_id(facts, step, channel)


def own_notice_id(facts: Facts, step: str, channel: Channel = Channel.EMAIL) -> str:
    """Of the notice in which this case's line is the first."""
    by = "" if channel is Channel.EMAIL else f"/{channel.value}"
    return str(uuid5(UUID(facts.invoice_id), f"notice/{facts.cycle}/{step}{by}"))


def claim(facts: Facts, move: Move, policy: Policy, now: datetime, notice: str = "") -> Facts:
    """The step is being sent: its record exists before anything leaves the house.

    `notice`: the notice in which it has a line; its own when empty.
    """
    step, planned = _named(move)
    channel = move.channel or Channel.EMAIL
    before = facts.taken(step)
    tries = before if before and _still_trying(before, now) else None
    # Whatever a person was asked to mend for this step is mended, or it could not be sent.
    return (
        _pass_over(facts, move, now)
        .with_tasks_closed(step, "mended", now)
        .with_step(
            StepTaken(
                cycle=facts.cycle,
                step=step,
                state=StepState.SENDING,
                at=now,
                planned_at=planned,
                notice_id=notice or notice_id(facts, step, channel),
                asked=facts.asked_on(now.astimezone(policy.zone).date()),
                attempts=tries.attempts + 1 if tries else 1,
                first_tried_at=tries.first_tried_at if tries else now,
                channel=channel.value,
                reason=REQUESTED if before and before.is_by_hand else None,
            )
        )
    )


def finish(facts: Facts, step: str, at: datetime) -> Facts:
    """The channel has taken it at `at`: the moment from which the next step counts."""
    taken = _record(facts, step)
    return facts.with_step(replace(taken, state=StepState.DONE, at=at, reason=None, retry_at=None))


def has_left(facts: Facts, taken: StepTaken, at: datetime) -> Facts:
    """The same of one line of a notice: its case may have had messages meanwhile, by which its sending was let go."""
    after = facts.with_step(replace(taken, state=StepState.DONE, at=at, reason=None, retry_at=None))
    return after.with_tasks_closed(taken.step, "sent", at) if taken.state is StepState.BLOCKED else after


def defer(facts: Facts, step: str, now: datetime) -> Facts:
    """The channel could not take it: again later, each time four times as late, until a person must look."""
    taken = _record(facts, step)
    first = taken.first_tried_at or now
    if now - first >= GIVE_UP_AFTER:
        return block(facts, step, ReasonCode.DELIVERY_FAILED, now)
    again = now + retry_delay(taken.attempts)
    return facts.with_step(replace(taken, state=StepState.DEFERRED, at=now, retry_at=again))


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts (at least one) have failed."""
    return min(FIRST_RETRY * 4.0 ** min(attempts - 1, 8), LONGEST_RETRY)


def block(facts: Facts, step: str, reason: ReasonCode, now: datetime) -> Facts:
    """The step cannot be taken without a person: it stops here, and the task says why."""
    taken = _record(facts, step)
    blocked = replace(taken, state=StepState.BLOCKED, at=now, reason=reason.value, retry_at=None)
    return facts.with_step(blocked).with_task(_new_task(facts, _TASK_FOR_REASON[reason], step, now))


def _still_trying(before: StepTaken, now: datetime) -> bool:
    """Whether a new attempt belongs to the series of `before`; after a hold or an outage another begins."""
    return before.first_tried_at is not None and now - (before.retry_at or before.at) < GIVE_UP_AFTER


def print_letter(facts: Facts, step: str, now: datetime) -> Facts:
    """The letter is written; it counts as sent when a person says that it is posted."""
    taken = replace(_record(facts, step), state=StepState.PRINTED, at=now)
    return facts.with_step(taken).with_task(_new_task(facts, TaskKind.POST_LETTER, step, now))


def park(facts: Facts, move: Move, policy: Policy, now: datetime, *, with_task: bool = True) -> Facts:
    """Carry out a move that needs no channel: ask for approval, block, or give a person a call or review.

    `with_task` False: the task of another case covers this one too.
    """
    key, planned = _named(move)
    step = policy.steps[policy.position(key)]
    facts = _pass_over(facts, move, now)
    taken = facts.taken(key) or StepTaken(facts.cycle, key, StepState.DONE, now, planned)
    if move.kind is MoveKind.ASK_APPROVAL:
        waiting = replace(taken, state=StepState.AWAITING_APPROVAL, at=now)
        return facts.with_step(waiting).with_task(_new_task(facts, TaskKind.APPROVE, key, now))
    if move.kind is MoveKind.BLOCK:
        return block(facts.with_step(taken), key, move.reasons[0].code, now)
    channel = move.channel or step.channel
    done = replace(
        taken,
        state=StepState.DONE,
        at=now,
        reason=None,
        asked=facts.asked_on(now.astimezone(policy.zone).date()),
        channel=channel.value,
    )
    if not with_task:
        return facts.with_step(done)
    return facts.with_step(done).with_task(_new_task(facts, _TASK_FOR_CHANNEL[channel], key, now))


def needs_no_channel(step: Step, move: Move | None = None) -> bool:
    """Whether taking the step is nothing but a task for a person."""
    return ((move.channel if move else None) or step.channel) in _TASK_FOR_CHANNEL


def _new_task(facts: Facts, kind: TaskKind, step: str, now: datetime) -> Task:
    earlier = sum(t.kind is kind and (t.cycle, t.step) == (facts.cycle, step) for t in facts.tasks)
    name = f"task/{facts.cycle}/{step}/{kind.value}/{earlier + 1}"
    return Task(str(uuid5(UUID(facts.invoice_id), name)), kind, facts.cycle, step, now)


def _pass_over(facts: Facts, move: Move, now: datetime) -> Facts:
    for over in move.passed_over:
        begun = facts.taken(over.step) or StepTaken(facts.cycle, over.step, over.state, now, over.planned_at)
        finished = replace(begun, state=over.state, at=now, reason=f"for {move.step}", retry_at=None)
        facts = facts.with_step(finished).with_tasks_closed(over.step, over.state.value, now)
    return facts


def _named(move: Move) -> tuple[str, datetime]:
    if move.step is None or move.planned_at is None:
        raise ValueError(f"a move of kind {move.kind} names no step")
    return move.step, move.planned_at


def _record(facts: Facts, step: str) -> StepTaken:
    taken = facts.taken(step)
    if taken is None:
        raise ValueError(f"step {step} was never begun")
    return taken
