"""Decide on a payment plan from the ledger and act: announce an instalment, or tell the invoices how it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.deliver import deliver_event
from activities.hand_to_mail import Outcome, hand_to_mail
from activities.tools import Tools
from activities.write_notice import letter_parts, to_store
from channels.email.compose import ComposedMail, compose
from channels.letter import InstalmentNotice
from domain.contract import AdvancePlan, PlanNext
from domain.errors import DomainError
from domain.plan_instalments import Instalment, NoticeState, PlanMove, PlanMoveKind, PlanState, next_plan_move
from domain.policy import Policy
from domain.stages import EventKind
from domain.take_step import retry_delay
from store.read_case import read_case
from store.read_letterhead import read_letterhead
from store.read_plan import StoredPlan, lock_plan, read_plan
from store.record_notice import add_notice, sent_write
from store.save_plan import end_plan, save_instalment
from store.write_together import write_together

_ENDS: Final = {PlanMoveKind.COMPLETE: PlanState.COMPLETED, PlanMoveKind.BREAK: PlanState.BROKEN}


async def advance_plan(tools: Tools, request: AdvancePlan) -> PlanNext:
    """One decision and its effect. An announcement is a courtesy: after a crash it leaves again, with the same
    Message-ID."""
    clock = tools.clock(request.at)
    mail = None
    async with tools.engine.begin() as tx:
        plan, policy = await _open_plan(tools, tx, request.plan_id)
        now = clock()
        move = next_plan_move(plan.facts, policy, now)
        if move.kind in _ENDS:
            await end_plan(tx, request.plan_id, _ENDS[move.kind], plan.invoice_ids, now)
        elif move.kind is PlanMoveKind.ANNOUNCE and move.instalment:
            move, mail = await _announce(tools, tx, plan, policy, move, now)
    if mail and move.instalment:
        delivery = await hand_to_mail(tools, mail, str(notice_id(request.plan_id, move.instalment)))
        async with tools.engine.begin() as tx:
            plan, policy = await _open_plan(tools, tx, request.plan_id)
            now = clock()
            if delivery.outcome is Outcome.SENT:
                id_ = notice_id(request.plan_id, move.instalment)
                await write_together(tx, [sent_write(id_, now, delivery.server_reply)])
            await save_instalment(tx, request.plan_id, _after(move.instalment, delivery.outcome, now))
    async with tools.engine.begin() as tx:
        plan, policy = await _open_plan(tools, tx, request.plan_id)
        move = next_plan_move(plan.facts, policy, clock())
    if move.kind is PlanMoveKind.CLOSE:
        # Also when an earlier attempt ended the plan and died before it could tell.
        for kind in (EventKind.PLAN_COMPLETED, EventKind.PLAN_BROKEN):
            event_id = f"{kind.value}/{request.plan_id}"
            await deliver_event(tools.engine, tools.client, tools.task_queue, event_id)
    return _told(plan, move, policy)


def notice_id(plan_id: str, instalment: Instalment) -> str:
    return str(uuid5(UUID(plan_id), f"instalment/{instalment.number}"))


async def _open_plan(tools: Tools, tx: AsyncConnection, plan_id: str) -> tuple[StoredPlan, Policy]:
    await lock_plan(tx, plan_id)
    plan = await read_plan(tx, plan_id)
    if plan is None:
        raise DomainError("unknown_plan", "no payment plan has this id", plan_id=plan_id)
    return plan, await tools.policy(tx, plan.policy_name, plan.policy_version)


async def _announce(
    tools: Tools, tx: AsyncConnection, plan: StoredPlan, policy: Policy, move: PlanMove, now: datetime
) -> tuple[PlanMove, ComposedMail | None]:
    """Claim the announcement and write its mail; without an address there is nothing to write, and that is kept."""
    instalment = move.instalment
    if instalment is None:
        return move, None
    if not plan.facts.mailable:
        await save_instalment(
            tx, plan.facts.plan_id, replace(instalment, announced=NoticeState.BLOCKED, at=now)
        )
        return move, None
    claimed = replace(instalment, announced=NoticeState.SENDING, at=now, attempts=instalment.attempts + 1)
    id_ = notice_id(plan.facts.plan_id, instalment)
    cases = [case for i in plan.invoice_ids if (case := await read_case(tx, i))]
    parts = [
        letter_parts(await read_letterhead(tx, c.facts.invoice_id), c.facts, policy, id_, now) for c in cases
    ]
    lines = tuple(line for part in parts for line in part["lines"])
    letter = InstalmentNotice(
        **(parts[0] | {"lines": lines}),
        position=instalment.number,
        count=len(plan.facts.instalments),
        amount=instalment.amount,
        due=instalment.due.astimezone(policy.zone).date()
        if isinstance(instalment.due, datetime)
        else instalment.due,
        plan_total=plan.facts.open_then,
        plan_paid=plan.facts.paid,
    )
    try:
        mail = compose(letter, message_id_domain=tools.mail_from_domain, at=now)
    except DomainError:
        await save_instalment(tx, plan.facts.plan_id, replace(claimed, announced=NoticeState.BLOCKED))
        return move, None
    await add_notice(tx, to_store(cases[0].facts, id_, "instalment", "email", mail))
    await save_instalment(tx, plan.facts.plan_id, claimed)
    return replace(move, instalment=claimed), mail


def _after(instalment: Instalment, outcome: Outcome, now: datetime) -> Instalment:
    if outcome is Outcome.SENT:
        return replace(instalment, announced=NoticeState.DONE, at=now, retry_at=None)
    if outcome is Outcome.REFUSED:
        return replace(instalment, announced=NoticeState.BLOCKED, at=now, retry_at=None)
    retry_at = now + retry_delay(instalment.attempts)
    return replace(instalment, announced=NoticeState.DEFERRED, at=now, retry_at=retry_at)


def _told(plan: StoredPlan, move: PlanMove, policy: Policy) -> PlanNext:
    closed = move.kind is PlanMoveKind.CLOSE
    state = plan.facts.state.value
    if closed or move.instalment is None or move.wake_at is None:
        return PlanNext(state, closed, None, state)
    local = move.wake_at.astimezone(policy.zone)
    which = f"instalment {move.instalment.number} of {len(plan.facts.instalments)}"
    return PlanNext(state, closed, move.wake_at, f"{which}, look again at {local:%Y-%m-%d %H:%M:%S}")
