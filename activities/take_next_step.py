"""Perform the step that is due: claim it, commit, send, record. The heart of 'exactly once in effect'.

What a crash leaves behind: before the commit nothing; after it records that are `sending`, one for each invoice in the
notice. A courtesy notice is then sent again with the same Message-ID; one with legal effect waits until no attempt can
be under way and becomes a task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.answer import answer
from activities.draft_notice import draft_notice, reason_of
from activities.hand_to_mail import Delivery, Outcome, hand_to_mail
from activities.let_go import let_go
from activities.open_case import OpenCase, open_case, open_cases, others_of
from activities.tools import Tools
from activities.write_notice import Notice
from domain.bundle import Case, Line, bundle, is_claimed_for, leads_sending
from domain.contract import NextMove, TakeStep
from domain.errors import DomainError
from domain.facts import Contact, Facts, StepState
from domain.move import Move, MoveKind, Reason, ReasonCode
from domain.next_move import next_move
from domain.policy import Channel
from domain.promises import settle_promises
from domain.take_step import block, defer, has_left, needs_no_channel, park, print_letter
from store.record_contact import contact_write, forget_contact
from store.record_event import record_promise_outcomes
from store.record_notice import current_attempts, notice_writes, sent_write, until_judged
from store.save_case import decision_write, save_all_facts
from store.write_together import Write

_log = structlog.get_logger()

Change = tuple[Facts, Case]
"""The facts as stored, and the case as it becomes. The first of several is the one whose turn it is."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a move changes before anything leaves, and the notice to send if there is one."""

    changes: list[Change]
    notice: Notice | None = None
    beside: tuple[Write, ...] = ()
    """What is kept together with the facts: the notice, and that it counts as a contact."""


async def take_next_step(
    tools: Tools, request: TakeStep, *, resuming: bool, queued: timedelta = timedelta(0)
) -> NextMove:
    """Decide again from the facts, and act on it. `resuming`: an earlier attempt of this activity did not report.
    `queued`: how long this one waited for a worker, when somebody else may have taken over."""
    clock = tools.clock(request.at)
    since = clock() - queued if resuming else None
    answered = await _take_turn(tools, request.invoice_id, clock, since=since)
    if answered is None:
        # A line of a notice that is just being sent: its outcome is worth a little patience, but no more.
        await until_judged(tools.engine, request.invoice_id)
        answered = await _take_turn(tools, request.invoice_id, clock, since=None, waited=True)
    if answered is None:
        raise RuntimeError("a case that has waited plans what comes next")
    return answered


async def _take_turn(
    tools: Tools,
    invoice_id: str,
    clock: Callable[[], datetime],
    *,
    since: datetime | None,
    waited: bool = False,
) -> NextMove | None:
    """None: another case is sending a notice with a line of this one, and we have not `waited` for it yet.

    `since`: when the attempt before this one was over; None: this is the first.
    """
    async with tools.engine.begin() as tx:
        opened = await open_case(tools, tx, invoice_id)
        policy, now = opened.policy, clock()
        # What an earlier attempt left is ours to send again; not what another case is sending, perhaps in our place.
        resuming = since is not None and leads_sending(opened.facts, before=since)
        settled = settle_promises(opened.facts, policy, now)
        move = next_move(settled, policy, now, resuming=resuming)
        if _is_in_flight(move) and not waited and not leads_sending(opened.facts):
            return None
        lead = Case(let_go(settled, policy, move, now), policy)
        begun = await _begin(tools, tx, opened, lead, move, now, resuming=resuming)
        cases, changed = _apart(begun.changes)
        for before, after in changed:
            await record_promise_outcomes(tx, before, after, now)
        notice = begun.notice
        if notice is None or notice.mail is None:
            decided, answered = _decided(cases, now)
            await save_all_facts(tx, changed, *begun.beside, decided)
            return answered
        await save_all_facts(tx, changed, *begun.beside)
    delivery = await hand_to_mail(tools, notice.mail, notice.stored.id)
    return await _record(tools, invoice_id, cases, notice, delivery, clock)


async def _record(
    tools: Tools,
    invoice_id: str,
    claimed: Sequence[Case],
    notice: Notice,
    delivery: Delivery,
    clock: Callable[[], datetime],
) -> NextMove:
    """Keep what became of the notice, for every case of which this attempt was the last."""
    id_, outcome = notice.stored.id, delivery.outcome
    async with tools.engine.begin() as tx:
        current = await _still_current(tools, tx, claimed, id_, left=outcome is Outcome.SENT)
        done = [_changed(case.facts, case, _after(case, id_, outcome, clock())) for case in current]
        if done and outcome not in (Outcome.SENT, Outcome.UNCERTAIN):
            await forget_contact(tx, id_)
        cases, changed = _apart(done)
        ours = [case for case in cases if case.facts.invoice_id == invoice_id]
        if not ours:
            opened = await open_case(tools, tx, invoice_id)
            ours = [Case(opened.facts, opened.policy)]
        others = [case for case in cases if case.facts.invoice_id != invoice_id]
        decided, answered = _decided([*ours, *others], clock())
        sent = [sent_write(id_, clock(), delivery.server_reply)] if done and outcome is Outcome.SENT else []
        await save_all_facts(tx, changed, *sent, decided)
        return answered


async def _begin(
    tools: Tools,
    tx: AsyncConnection,
    opened: OpenCase,
    lead: Case,
    move: Move,
    now: datetime,
    *,
    resuming: bool,
) -> Begun:
    """Begin to make the move; nothing is written yet."""
    facts, policy = lead.facts, lead.policy
    if move.kind in (MoveKind.ASK_APPROVAL, MoveKind.BLOCK):
        return Begun(await _park(tools, tx, opened, lead, move, now))
    if move.kind is not MoveKind.PERFORM or move.step is None:
        return Begun([(opened.facts, lead)])
    others = await others_of(tools, tx, opened)
    stored = {case.facts.invoice_id: case.facts for case in others} | {facts.invoice_id: opened.facts}
    lines = bundle(lead, move, [_settled(case, now) for case in others], now, resuming=resuming)
    try:
        return await _take(tools, tx, stored, lines, now)
    except DomainError as refused:
        _log.warning("notice_refused", invoice_id=facts.invoice_id, step=move.step, code=refused.code)
        reason = Reason(reason_of(refused))
        blocked = move._replace(kind=MoveKind.BLOCK, reasons=(reason,))
        return Begun([_changed(opened.facts, lead, park(facts, blocked, policy, now))])


async def _park(
    tools: Tools, tx: AsyncConnection, opened: OpenCase, lead: Case, move: Move, now: datetime
) -> list[Change]:
    """For a person: the case alone or, of a notice of which nobody knows whether it left, every line of it."""
    changes = [_changed(opened.facts, lead, park(lead.facts, move, lead.policy, now))]
    taken = lead.facts.taken(move.step or "")
    if taken and taken.notice_id and move.reasons[0].code is ReasonCode.DELIVERY_UNCERTAIN:
        for other in await others_of(tools, tx, opened):
            facts, policy = other.facts, other.policy
            theirs = next_move(facts, policy, now)
            if theirs.kind is MoveKind.BLOCK and is_claimed_for(other, taken.notice_id):
                changes.append(_changed(facts, other, park(facts, theirs, policy, now)))
    return changes


async def _take(
    tools: Tools, tx: AsyncConnection, stored: dict[str, Facts], lines: Sequence[Line], now: datetime
) -> Begun:
    """Take the step of each line that has one. Raises DomainError when that cannot be done or written."""
    step = lines[0].step
    if step is None:
        raise ValueError("the first line of a notice makes its move")
    if needs_no_channel(step, lines[0].move):
        return _give_to_a_person(stored, lines, now)
    draft = await draft_notice(tx, lines, now, mail_from_domain=tools.mail_from_domain)
    id_, lead = draft.notice.stored.id, draft.cases[0]
    beside = notice_writes(draft.notice.stored)
    changes = [
        (stored[case.facts.invoice_id], case)
        for line, case in zip(lines, draft.cases, strict=True)
        if line.move
    ]
    if draft.channel is Channel.HAND_OVER and draft.notice.mail is None:
        blocked = block(lead.facts, step.key, ReasonCode.NO_AGENCY, now)
        return Begun([_changed(changes[0][0], lead, blocked)], beside=tuple(beside))
    if draft.channel is not Channel.HAND_OVER:
        channel, contact = draft.channel.value, Contact(now, step.is_courtesy, id_)
        beside.append(contact_write(lead.facts.debtor_id, id_, now, channel, courtesy=contact.courtesy))
        changes = [(before, Case(case.facts.with_contact(contact), case.policy)) for before, case in changes]
    if draft.notice.mail is None:
        changes = [_changed(before, case, _printed(case, id_, now)) for before, case in changes]
    return Begun(changes, draft.notice, tuple(beside))


def _give_to_a_person(stored: dict[str, Facts], lines: Sequence[Line], now: datetime) -> Begun:
    """One task for all: the first case has it, the others have taken their step with it."""
    changes: list[Change] = []
    for line in lines:
        if line.move:
            case = line.case
            parked = park(case.facts, line.move, case.policy, now, with_task=not changes)
            changes.append(_changed(stored[case.facts.invoice_id], case, parked))
    first, step = changes[0][1].facts, lines[0].step
    if not step or step.channel is Channel.INTERNAL:
        return Begun(changes)
    task, by = first.tasks[-1].id, Channel.CALL_TASK.value
    return Begun(changes, beside=(contact_write(first.debtor_id, task, now, by, courtesy=step.is_courtesy),))


def _printed(case: Case, notice: str, now: datetime) -> Facts:
    step = next(t.step for t in case.facts.steps if t.notice_id == notice and t.cycle == case.facts.cycle)
    return print_letter(case.facts, step, now)


def _after(case: Case, notice: str, outcome: Outcome, now: datetime) -> Facts:
    """The facts after a sending that succeeded or did not, or of which nobody knows."""
    facts = case.facts
    taken = next(t for t in facts.steps if t.notice_id == notice)
    if outcome is Outcome.SENT:
        return has_left(facts, taken, now)
    if taken.cycle != facts.cycle:  # its term was paid meanwhile
        return facts.with_step(replace(taken, state=StepState.DEFERRED, at=now, retry_at=now))
    if outcome is Outcome.REFUSED:
        return block(facts, taken.step, ReasonCode.DELIVERY_FAILED, now)
    step = next((s for s in case.policy.steps if s.key == taken.step), None)
    if outcome is Outcome.UNCERTAIN and not (step and step.is_courtesy):
        return block(facts, taken.step, ReasonCode.DELIVERY_UNCERTAIN, now)
    return defer(facts, taken.step, now)


async def _still_current(
    tools: Tools, tx: AsyncConnection, claimed: Sequence[Case], notice: str, *, left: bool
) -> list[Case]:
    """Of the cases in the notice those whose attempt still counts. With several, messages may have reached the others
    meanwhile, so they are read anew under the debtor's lock. `left`: also those that were let go meanwhile."""
    debtor_of = claimed[0].facts.invoice_id if len(claimed) > 1 else None
    attempts = await current_attempts(tx, notice, let_go=left, debtor_of=debtor_of)
    current = [
        case
        for case in claimed
        if any((case.facts.invoice_id, t.cycle, t.step, t.attempts) in attempts for t in case.facts.steps)
    ]
    if len(claimed) == 1 or not current:
        return current
    fresh = await open_cases(tools, tx, [case.facts.invoice_id for case in current])
    return [fresh[case.facts.invoice_id] for case in current]


def _is_in_flight(move: Move) -> bool:
    return any(reason.code is ReasonCode.IN_FLIGHT for reason in move.reasons)


def _settled(case: Case, now: datetime) -> Case:
    return Case(settle_promises(case.facts, case.policy, now), case.policy)


def _changed(before: Facts, case: Case, facts: Facts) -> Change:
    return before, Case(facts, case.policy)


def _apart(changes: Sequence[Change]) -> tuple[list[Case], list[tuple[Facts, Facts]]]:
    """The cases as they become, and what is different in them."""
    return [case for _, case in changes], [(before, case.facts) for before, case in changes]


def _decided(cases: Sequence[Case], now: datetime) -> tuple[Write, NextMove]:
    """The decisions that follow, to be kept, and the answer with that of the first case."""
    decided = [(case.facts, case.policy, next_move(case.facts, case.policy, now)) for case in cases]
    facts, policy, move = decided[0]
    return decision_write(decided, now), answer(facts, policy, move, now)
