"""Perform the step that is due: claim it, commit, send, record. The heart of 'exactly once in effect'.

What a crash leaves behind: before the commit nothing; after it a record that is `sending`. A courtesy step is then sent
again with the same Message-ID; a step with legal effect waits until no attempt can be under way and becomes a task.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.answer import answer
from activities.charge import charge
from activities.hand_to_mail import Outcome, hand_to_mail
from activities.let_go import let_go
from activities.open_case import open_case
from activities.other_due_claims import other_due_claims
from activities.tools import Tools
from activities.write_notice import Notice, write_dossier, write_notice
from domain.contract import NextMove, TakeStep
from domain.errors import DomainError
from domain.facts import Facts
from domain.move import Move, MoveKind, Reason, ReasonCode
from domain.next_move import next_move
from domain.policy import Channel, Policy
from domain.promises import settle_promises
from domain.take_step import block, claim, defer, finish, needs_no_channel, park
from store.record_event import record_promise_outcomes
from store.record_notice import add_notice, is_current_attempt, mark_sent
from store.save_case import save_decision, save_facts

_log = structlog.get_logger()

_REFUSALS = {
    "rate_not_known_yet": ReasonCode.RATE_UNKNOWN,
    "rate_not_known": ReasonCode.RATE_UNKNOWN,
    "before_rate_table": ReasonCode.RATE_UNKNOWN,
    "legal_term_too_short": ReasonCode.LETTER_INCOMPLETE,
    "legal_letter_before_default": ReasonCode.LETTER_INCOMPLETE,
    "no_company_number": ReasonCode.LETTER_INCOMPLETE,
}
"""By the code of what refused to write the notice."""


async def take_next_step(tools: Tools, request: TakeStep, *, resuming: bool) -> NextMove:
    """Decide again from the facts, and act on it. `resuming`: an earlier attempt of this activity did not report."""
    clock = tools.clock(request.at)
    async with tools.engine.begin() as tx:
        case = await open_case(tools, tx, request.invoice_id)
        policy, now = case.policy, clock()
        settled = settle_promises(case.facts, policy, now)
        move = next_move(settled, policy, now, resuming=resuming)
        settled = let_go(settled, policy, move, now)
        claimed, notice = await _begin(tools, tx, settled, policy, move, now)
        await save_facts(tx, case.facts, claimed)
        await record_promise_outcomes(tx, case.facts, claimed, now)
        if notice is None:
            return await _decided(tx, claimed, policy, now)
    reply, facts = await _send(tools, claimed, notice, clock)
    async with tools.engine.begin() as tx:
        taken = claimed.taken(notice.step.key)
        if taken is None or not await is_current_attempt(tx, request.invoice_id, taken):
            case = await open_case(tools, tx, request.invoice_id)
            return answer(case.facts, policy, next_move(case.facts, policy, clock()), clock())
        await save_facts(tx, claimed, facts)
        if reply is not None:
            await mark_sent(tx, notice.stored.id, clock(), reply)
        return await _decided(tx, facts, policy, clock())


async def _begin(
    tools: Tools, tx: AsyncConnection, facts: Facts, policy: Policy, move: Move, now: datetime
) -> tuple[Facts, Notice | None]:
    """What the move changes before anything leaves, and the notice to send if there is one."""
    if move.kind in (MoveKind.ASK_APPROVAL, MoveKind.BLOCK):
        return park(facts, move, policy, now), None
    if move.kind is not MoveKind.PERFORM or move.step is None:
        return facts, None
    step = policy.steps[policy.position(move.step)]
    if needs_no_channel(step):
        return park(facts, move, policy, now), None  # the linter lets no call charge anything
    try:
        charged, account = await charge(tx, facts, policy, step, now.astimezone(policy.zone).date())
        claimed = claim(charged, move, now, step.channel)
        if step.channel is Channel.HAND_OVER and not policy.agency_email:
            await add_notice(tx, await write_dossier(tx, claimed, policy, step, now))
            return block(claimed, step.key, ReasonCode.NO_AGENCY, now), None
        cases = [claimed, *await other_due_claims(tools, tx, facts, policy, step, now)]
        notice = await write_notice(tools, tx, cases, policy, step, account, now)
    except DomainError as refused:
        _log.warning("notice_refused", invoice_id=facts.invoice_id, step=step.key, code=refused.code)
        reason = Reason(_REFUSALS.get(refused.code, ReasonCode.DELIVERY_FAILED))
        return park(facts, replace(move, kind=MoveKind.BLOCK, reasons=(reason,)), policy, now), None
    await add_notice(tx, notice.stored)
    return claimed, notice


async def _send(
    tools: Tools, facts: Facts, notice: Notice, clock: Callable[[], datetime]
) -> tuple[str | None, Facts]:
    """The server's words and the facts after a sending; no words when it did not, or not certainly, succeed."""
    delivery = await hand_to_mail(tools, notice.mail, notice.stored.id)
    step, now = notice.step, clock()
    if delivery.outcome is Outcome.SENT:
        return delivery.server_reply, finish(facts, step.key, now)
    if delivery.outcome is Outcome.REFUSED:
        return None, block(facts, step.key, ReasonCode.DELIVERY_FAILED, now)
    if delivery.outcome is Outcome.UNCERTAIN and not step.is_courtesy:
        return None, block(facts, step.key, ReasonCode.DELIVERY_UNCERTAIN, now)
    return None, defer(facts, step.key, now)


async def _decided(tx: AsyncConnection, facts: Facts, policy: Policy, now: datetime) -> NextMove:
    move = next_move(facts, policy, now)
    await save_decision(tx, facts, policy, move, now)
    return answer(facts, policy, move, now)
