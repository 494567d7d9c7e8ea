"""One payment plan over one or more invoices of a debtor: it announces instalments and watches the ledger."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.contract import PLAN_WORKFLOW, PlanNext, PlanStart
    from workflows import calls
    from workflows.alarm import Alarm


@workflow.defn(name=PLAN_WORKFLOW)
class PaymentPlanWorkflow:
    """Wakes when an instalment is to be announced or has become late, and when the facts changed."""

    @workflow.init
    def __init__(self, plan: PlanStart) -> None:
        self._plan = plan
        self._facts_changed = False
        self._alarm = Alarm()

    @workflow.run
    async def run(self, plan: PlanStart) -> PlanNext:
        while True:
            self._facts_changed = False
            move = await calls.advance_plan(plan.plan_id)
            workflow.set_current_details(f"**{move.state}**\n\n{move.summary}")
            if move.closed and not self._facts_changed:
                return move
            if workflow.info().is_continue_as_new_suggested() and not self._facts_changed:
                workflow.continue_as_new(plan)
            await self._wait(move)

    async def _wait(self, move: PlanNext) -> None:
        if move.wake_at is not None and move.wake_at <= workflow.now():
            return
        self._alarm.set(move.wake_at, move.summary)
        await workflow.wait_condition(lambda: self._facts_changed or self._alarm.rang_for(move.wake_at))
        if self._alarm.rang_for(move.wake_at):
            self._alarm.clear()

    @workflow.signal(description="Money came in, or the plan was cancelled: look at the facts again.")
    def facts_changed(self) -> None:
        self._facts_changed = True
