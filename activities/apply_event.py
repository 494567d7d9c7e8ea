"""Book what a message says, once, and answer with the move that follows."""

from __future__ import annotations

from temporalio.service import RPCError

from activities.answer import answer
from activities.let_go import let_go
from activities.open_case import open_case
from activities.tools import Tools
from domain import apply_event as domain
from domain.applying import DoesNotFit
from domain.contract import ApplyEvent, NextMove, plan_workflow_id
from domain.errors import DomainError
from domain.events import parse_event
from domain.facts import Facts
from domain.next_move import next_move, stage_of
from domain.promises import settle_promises
from domain.stages import EventKind
from store.read_plan import covers
from store.record_event import mark_applied, record_promise_outcomes, storable
from store.save_case import save_decision, save_facts


async def apply_event(tools: Tools, request: ApplyEvent) -> NextMove:
    """One transaction. A message seen before changes nothing; one that does not fit is kept with the reason."""
    async with tools.engine.begin() as tx:
        message = storable(request.message)
        case = await open_case(tools, tx, request.invoice_id, message.event_id)
        before, policy = case.facts, case.policy
        now = tools.clock(request.at)()
        if case.event_known:
            return answer(before, policy, next_move(before, policy, now), now)
        refusal = None
        try:
            event = parse_event(EventKind(request.kind), message, before.currency)
            if event.kind is EventKind.PLAN_AGREED and not await covers(tx, event.ref, before.invoice_id):
                raise DoesNotFit("unknown_plan", "no such plan covers this invoice")
            after = domain.apply_event(before, event, policy, now)
        except DomainError as refused:
            refusal, after = refused.code, settle_promises(before, policy, now)
        move = next_move(after, policy, now)
        after = let_go(after, policy, move, now)
        await save_facts(tx, before, after)
        await record_promise_outcomes(tx, before, after, now)
        stages = (stage_of(before, policy, now), move.stage)
        await mark_applied(
            tx, request.invoice_id, request.kind, message, at=now, refusal=refusal, stages=stages
        )
        await save_decision(tx, after, policy, move, now)
    if after.open != before.open:
        await _tell_plans(tools, after)
    return answer(after, policy, move, now)


async def _tell_plans(tools: Tools, facts: Facts) -> None:
    """A plan that covers the invoice may be completed now. Only in good time: it looks at the ledger anyway."""
    for plan in facts.plans:
        if plan.left_at is None:
            handle = tools.client.get_workflow_handle(plan_workflow_id(facts.creditor_id, plan.plan_id))
            try:
                await handle.signal("facts_changed")
            except RPCError:
                continue
