"""One plugin for client, worker and replayer, so that they cannot differ."""

from __future__ import annotations

from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from worker.heartbeat import HeartbeatInterceptor
from workflows.invoice import InvoiceWorkflow
from workflows.payment_plan import PaymentPlanWorkflow
from workflows.reconciler import ReconcileWorkflow

WORKFLOWS = (InvoiceWorkflow, PaymentPlanWorkflow, ReconcileWorkflow)

# Failure messages and stack traces travel as payloads, so that a payload codec encrypts them too.
CONVERTER = DataConverter(failure_converter_class=DefaultFailureConverterWithEncodedAttributes)


def plugin() -> SimplePlugin:
    """Workflows, data conversion, sandbox and heartbeat."""
    return SimplePlugin(
        "termijn",
        data_converter=CONVERTER,
        workflows=WORKFLOWS,
        interceptors=[HeartbeatInterceptor()],
        workflow_runner=_sandboxed,
    )


def _sandboxed(_: WorkflowRunner | None) -> WorkflowRunner:
    """The sandbox, with our own pure modules shared between cases: importing them anew costs ten times the memory."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules("domain", "workflows")
    return SandboxedWorkflowRunner(restrictions=restrictions)
