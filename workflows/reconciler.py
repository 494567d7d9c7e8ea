"""Brings Temporal in line with PostgreSQL; started by a schedule, and by hand with everything=True."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.contract import RECONCILE_WORKFLOW, Reconcile, Reconciled
    from workflows import calls


@workflow.defn(name=RECONCILE_WORKFLOW)
class ReconcileWorkflow:
    @workflow.run
    async def run(self, request: Reconcile) -> Reconciled:
        return await calls.reconcile(request)
