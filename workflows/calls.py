"""Everything a workflow can do to the world, with every timeout and retry policy. One place, on purpose."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.contract import (
    ADVANCE_PLAN,
    APPLY_EVENT,
    RECONCILE,
    TAKE_NEXT_STEP,
    AdvancePlan,
    ApplyEvent,
    Envelope,
    NextMove,
    PlanNext,
    Reconcile,
    Reconciled,
    TakeStep,
)

LONGEST_ATTEMPT: Final = timedelta(seconds=60)
"""Longer than the longest sending (25 s) plus waiting for a debtor's lock."""
LOST_AFTER: Final = timedelta(seconds=8)
"""A worker that died is noticed after this. The beat costs nothing: an activity that is done before never beats."""
LONGEST_RECONCILIATION: Final = timedelta(minutes=30)

UNTIL_IT_WORKS: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=2)
)
"""The database may be away for a while. What the outside world refuses is not retried here: it is planned anew."""
NEXT_TIME: Final = RetryPolicy(maximum_attempts=3)
"""The schedule runs it again anyway."""


async def take_next_step(invoice_id: str, step: str | None) -> NextMove:
    """Decide again from the facts and act on it."""
    answer: NextMove = await workflow.execute_activity(
        TAKE_NEXT_STEP,
        TakeStep(invoice_id, workflow.now()),
        result_type=NextMove,
        start_to_close_timeout=LONGEST_ATTEMPT,
        heartbeat_timeout=LOST_AFTER,
        retry_policy=UNTIL_IT_WORKS,
        summary=step or "plan",
    )
    return answer


async def apply_event(invoice_id: str, envelope: Envelope) -> NextMove:
    """Book what the message says and answer with the move that follows."""
    answer: NextMove = await workflow.execute_activity(
        APPLY_EVENT,
        ApplyEvent(invoice_id, envelope.kind, envelope.message, workflow.now()),
        result_type=NextMove,
        start_to_close_timeout=LONGEST_ATTEMPT,
        heartbeat_timeout=LOST_AFTER,
        retry_policy=UNTIL_IT_WORKS,
        summary=envelope.kind,
    )
    return answer


async def advance_plan(plan_id: str) -> PlanNext:
    """Decide on the plan from the ledger and act on it."""
    answer: PlanNext = await workflow.execute_activity(
        ADVANCE_PLAN,
        AdvancePlan(plan_id, workflow.now()),
        result_type=PlanNext,
        start_to_close_timeout=LONGEST_ATTEMPT,
        heartbeat_timeout=LOST_AFTER,
        retry_policy=UNTIL_IT_WORKS,
        summary="instalment",
    )
    return answer


async def reconcile(request: Reconcile) -> Reconciled:
    """Bring Temporal in line with PostgreSQL."""
    answer: Reconciled = await workflow.execute_activity(
        RECONCILE,
        request,
        result_type=Reconciled,
        start_to_close_timeout=LONGEST_RECONCILIATION,
        heartbeat_timeout=LOST_AFTER,
        retry_policy=NEXT_TIME,
        summary="everything" if request.everything else "what is missing",
    )
    return answer
