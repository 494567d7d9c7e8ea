"""One plugin for client, worker and replayer, so that they cannot differ."""

from __future__ import annotations

from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from worker.heartbeat import HeartbeatInterceptor
from workflows.invoice import InvoiceWorkflow
from workflows.payment_plan import PaymentPlanWorkflow
from workflows.reconciler import ReconcileWorkflow

WORKFLOWS = (InvoiceWorkflow, PaymentPlanWorkflow, ReconcileWorkflow)

# Failure messages and stack traces travel as payloads, so that a payload codec encrypts them too.
CONVERTER = DataConverter(failure_converter_class=DefaultFailureConverterWithEncodedAttributes)


def plugin(*, sandboxed: bool = True) -> SimplePlugin:
    """Workflows, data conversion and heartbeat.

    `sandboxed`: refuse what is not deterministic while it runs. Tests and replays are; a production worker is not
    unless it is told to be, since the SDK enters the sandbox for every payload it encodes
    (docs/decisions/0009-sandbox-in-tests.md).
    """
    return SimplePlugin(
        "termijn",
        data_converter=CONVERTER,
        workflows=WORKFLOWS,
        interceptors=[HeartbeatInterceptor()],
        workflow_runner=_SANDBOXED if sandboxed else UnsandboxedWorkflowRunner(),
    )


# Our own pure modules are shared between cases: importing them anew costs ten times the memory.
_SANDBOXED = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("domain", "workflows")
)
