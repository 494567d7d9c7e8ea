"""What workflows, activities and senders of messages agree on: names and wire values.

Opaque ids, codes, amounts and dates only: all of it is kept in Temporal's histories and shown in its UI.
New fields need a default, because workers of two versions run side by side during a deployment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.events import Message

INVOICE_WORKFLOW: Final = "InvoiceWorkflow"
PLAN_WORKFLOW: Final = "PaymentPlanWorkflow"
RECONCILE_WORKFLOW: Final = "ReconcileWorkflow"

TAKE_NEXT_STEP: Final = "take_next_step"
APPLY_EVENT: Final = "apply_event"
ADVANCE_PLAN: Final = "advance_plan"
RECONCILE: Final = "reconcile"

STAGE: Final = "Stage"
STEP: Final = "Step"
NEXT_ACTION_AT: Final = "NextActionAt"
CREDITOR_REF: Final = "CreditorRef"
DEBTOR_REF: Final = "DebtorRef"


def case_workflow_id(creditor_id: str, invoice_id: str) -> str:
    return f"invoice/{creditor_id}/{invoice_id}"


def plan_workflow_id(creditor_id: str, plan_id: str) -> str:
    return f"plan/{creditor_id}/{plan_id}"


@dataclass(frozen=True, slots=True)
class NextMove:
    """What a case does now, as its workflow needs to know it."""

    stage: str
    closed: bool
    wake_at: datetime | None
    """When to ask again; None: only a message changes anything."""
    step: str | None
    summary: str
    """One line for Temporal's UI: what the case waits for and until when."""
    details: str = ""
    """Markdown for Temporal's UI: steps past and planned."""


@dataclass(frozen=True, slots=True)
class Envelope:
    kind: str
    message: Message


@dataclass(frozen=True, slots=True)
class CaseStart:
    """Input of an invoice workflow. Without `move` it plans from the facts, after the messages it was started with."""

    invoice_id: str
    move: NextMove | None = None
    longest_history: int = 0
    """Events after which to continue as new; 0: when the server suggests it. For tests."""


@dataclass(frozen=True, slots=True)
class TakeStep:
    invoice_id: str
    at: datetime
    """The workflow's clock: an activity never acts as if it were earlier."""


@dataclass(frozen=True, slots=True)
class ApplyEvent:
    invoice_id: str
    kind: str
    message: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanStart:
    plan_id: str
    longest_history: int = 0


@dataclass(frozen=True, slots=True)
class AdvancePlan:
    plan_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanNext:
    state: str
    closed: bool
    wake_at: datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class Reconcile:
    everything: bool = False
    """Start every open case again (harmless where it runs), not only what is known to be missing."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    started: int = 0
    plans_started: int = 0
    delivered: int = 0
    examples: list[str] = field(default_factory=list)
    """Ids of up to ten invoices that were started."""
    warned: int = 0
    """Claims of which a person was told that they will soon be time-barred."""
