"""What another policy would make of open cases, as it is shown."""

from __future__ import annotations

from activities.change_policies import NamedChange, PolicyChanges
from api.schemas.policy_changes import CaseChangeView, Decided, PolicyChangesView, PolicyTotals
from domain.move import Move


def show_policy_changes(found: PolicyChanges, event_id: str | None) -> PolicyChangesView:
    """`event_id`: of the messages by which it is applied; None: this is a preview."""
    return PolicyChangesView(
        policy=found.policy,
        applied=event_id is not None,
        event_id=event_id,
        changes=[_change(named) for named in found.changes],
        without_effect=list(found.without),
        totals=PolicyTotals(
            cases=len(found.changes),
            differ=sum(named.change.differs for named in found.changes),
            refused=len(found.changes) - len(found.lawful),
            notices_before=found.notices_before,
            notices_after=found.notices_after,
        ),
    )


def _change(named: NamedChange) -> CaseChangeView:
    change = named.change
    return CaseChangeView(
        invoice=change.invoice_id,
        number=named.number,
        policy=change.policy,
        before=_decided(change.before),
        after=_decided(change.after),
        differs=change.differs,
        refused=[f"{found.rule}: {found.message}" for found in change.unlawful],
    )


def _decided(move: Move) -> Decided:
    return Decided(stage=move.stage.value, step=move.step, at=move.wake_at)
