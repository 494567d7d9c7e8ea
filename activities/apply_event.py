"""Book what a message says, once, and answer with the move that follows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.service import RPCError

from activities.answer import answer
from activities.deliver import deliver_event
from activities.let_go import let_go
from activities.open_case import open_case
from activities.tools import Tools
from domain import apply_event as domain
from domain.applying import DoesNotFit
from domain.contract import ApplyEvent, NextMove, plan_workflow_id
from domain.errors import DomainError
from domain.events import Event, Message, parse_event
from domain.facts import Facts, StepState
from domain.next_move import next_move, stage_of
from domain.policy import Policy
from domain.promises import settle_promises
from domain.stages import EventKind
from store.change_policy import change_policy, is_known_policy
from store.posted_letter import mark_posted
from store.read_plan import covers
from store.record_contact import forget_contact
from store.record_event import add_event, mark_applied, record_promise_outcomes, storable
from store.record_hold_change import record_hold_changes
from store.save_case import save_decision, save_facts


async def apply_event(tools: Tools, request: ApplyEvent) -> NextMove:
    """One transaction. A message seen before changes nothing; one that does not fit is kept with the reason."""
    told: list[str] = []
    async with tools.engine.begin() as tx:
        message = storable(request.message)
        case = await open_case(tools, tx, request.invoice_id, message.event_id)
        before, policy = case.facts, case.policy
        now = tools.clock(request.at)()
        if case.event_known:
            return answer(before, policy, next_move(before, policy, now), now)
        refusal, stage_before = None, stage_of(before, policy, now)
        try:
            event = parse_event(EventKind(request.kind), message, before.currency)
            await _refuse_unknown(tx, event, before)
            after = domain.apply_event(before, event, policy, now)
            if event.kind is EventKind.POLICY_CHANGED:
                policy = await _other_policy(tools, tx, before, event.ref)
            told = await _together(tx, before, after, now)
        except DomainError as refused:
            refusal, after = refused.code, settle_promises(before, policy, now)
        move = next_move(after, policy, now)
        after = let_go(after, policy, move, now)
        await save_facts(tx, before, after)
        await record_promise_outcomes(tx, before, after, now)
        stages = (stage_before, move.stage)
        await mark_applied(
            tx, request.invoice_id, request.kind, message, at=now, refusal=refusal, stages=stages
        )
        await record_hold_changes(tx, before, after, message.event_id)
        await save_decision(tx, after, policy, move, now)
    for event_id in told:
        await deliver_event(tools.engine, tools.client, tools.task_queue, event_id)
    if after.open != before.open:
        await _tell_plans(tools, after)
    return answer(after, policy, move, now)


async def _refuse_unknown(tx: AsyncConnection, event: Event, facts: Facts) -> None:
    if event.kind is EventKind.PLAN_AGREED and not await covers(tx, event.ref, facts.invoice_id):
        raise DoesNotFit("unknown_plan", "no such plan covers this invoice")
    if event.kind is EventKind.POLICY_CHANGED:
        name, _, version = event.ref.rpartition("/")
        known = version.isascii() and version.isdigit() and len(version) < 10
        if not known or not await is_known_policy(tx, name, int(version)):
            raise DoesNotFit("unknown_policy", "no such version of a policy is stored", field="ref")


async def _other_policy(tools: Tools, tx: AsyncConnection, facts: Facts, reference: str) -> Policy:
    name, _, version = reference.rpartition("/")
    await change_policy(tx, facts.invoice_id, name, int(version))
    return await tools.policy(tx, name, int(version))


async def _together(tx: AsyncConnection, before: Facts, after: Facts, now: datetime) -> list[str]:
    """What concerns more than this case: a contact that reached nobody, a letter posted for several invoices.

    The ids of the messages by which the other cases are told.
    """
    told: list[str] = []
    for taken in after.steps:
        was = next((t for t in before.steps if (t.cycle, t.step) == (taken.cycle, taken.step)), None)
        if was is None or was.state is taken.state or not taken.notice_id:
            continue
        if taken.state is StepState.BOUNCED:
            await forget_contact(tx, taken.notice_id)
        if was.state is StepState.PRINTED and taken.state is StepState.DONE:
            event_id = f"posted/{taken.notice_id}"
            for invoice_id in await mark_posted(tx, taken.notice_id, after.invoice_id, now):
                await add_event(tx, invoice_id, EventKind.FACTS_CHANGED, Message(event_id))
                told = [event_id]
    return told


async def _tell_plans(tools: Tools, facts: Facts) -> None:
    """A plan that covers the invoice may be completed now. Only in good time: it looks at the ledger anyway."""
    for plan in facts.plans:
        if plan.left_at is None:
            handle = tools.client.get_workflow_handle(plan_workflow_id(facts.creditor_id, plan.plan_id))
            try:
                await handle.signal("facts_changed")
            except RPCError:
                continue
