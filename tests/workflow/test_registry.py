"""What workers offer is exactly what senders and sleeping cases know by name."""

from __future__ import annotations

from typing import cast

from temporalio import activity, workflow

from activities.registry import all_activities
from activities.tools import Tools
from domain.stages import EventKind
from worker.plugin import WORKFLOWS

BY_ITSELF = {EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN}
"""Nobody tells a case so: it finds out from the ledger and the clock."""


def test_no_workflow_and_no_activity_is_lost_or_renamed() -> None:
    assert {_workflow(one).name for one in WORKFLOWS} == {
        "InvoiceWorkflow",
        "PaymentPlanWorkflow",
        "ReconcileWorkflow",
    }
    names = {activity._Definition.must_from_callable(one).name for one in all_activities(cast("Tools", None))}
    assert names == {"take_next_step", "apply_event", "advance_plan", "reconcile"}


def test_the_messages_of_a_case_are_the_vocabulary_of_events() -> None:
    case, plan, reconciler = map(_workflow, WORKFLOWS)
    assert set(case.signals) == {kind.value for kind in set(EventKind) - BY_ITSELF}
    assert set(case.updates) == {"record"}
    assert (set(plan.signals), set(plan.updates)) == ({"facts_changed"}, set())
    assert (set(reconciler.signals), set(reconciler.updates)) == (set(), set())


def test_every_message_says_what_it_needs() -> None:
    assert all(signal.description for signal in _workflow(WORKFLOWS[0]).signals.values())


def _workflow(one: type) -> workflow._Definition:
    return workflow._Definition.must_from_class(one)
