"""What another policy would make of open cases, before it is applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.bundle import Case
from domain.foresee import foresee
from domain.law.lint import Finding, lint_for
from domain.move import Move
from domain.next_move import next_move
from domain.policy import Channel, Policy
from domain.promises import settle_promises

HORIZON: Final = timedelta(days=14)
"""In which notices are counted."""
_NOTICES: Final = frozenset({Channel.EMAIL, Channel.LETTER})


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One case: what is decided about it now by its policy, and what by the other."""

    invoice_id: str
    policy: str
    """The present one, as name/version."""
    before: Move
    after: Move
    unlawful: tuple[Finding, ...]
    """What the law of this debtor has against the other policy: then it is not applied."""

    @property
    def differs(self) -> bool:
        return _told(self.before) != _told(self.after)


@dataclass(frozen=True, slots=True)
class DebtorComparison:
    changes: tuple[PolicyChange, ...]
    notices_before: int
    """Mails and letters to the debtor within the horizon, about whatever invoices."""
    notices_after: int


def compare_policies(
    cases: Sequence[Case], chosen: Collection[str], other: Policy, now: datetime
) -> DebtorComparison:
    """`cases` are all open ones of a debtor; the `chosen` invoices of them would be chased by `other`."""
    changes, then = [], []
    for case in cases:
        moved = case
        if case.facts.invoice_id in chosen:
            changes.append(_change(case, other, now))
            if not changes[-1].unlawful:
                moved = Case(case.facts, other)
        then.append(moved)
    return DebtorComparison(tuple(changes), _notices(cases, now), _notices(then, now))


def _change(case: Case, other: Policy, now: datetime) -> PolicyChange:
    found = lint_for(other, case.facts.country, case.facts.debtor_kind)
    return PolicyChange(
        invoice_id=case.facts.invoice_id,
        policy=case.policy.reference,
        before=_decided(case, now),
        after=_decided(Case(case.facts, other), now),
        unlawful=tuple(finding for finding in found if finding.is_error),
    )


def _decided(case: Case, now: datetime) -> Move:
    return next_move(settle_promises(case.facts, case.policy, now), case.policy, now)


def _told(move: Move) -> tuple[object, ...]:
    return (move.stage, move.step, move.wake_at)


def _notices(cases: Sequence[Case], now: datetime) -> int:
    last_day = (now + HORIZON).date()
    return sum(d.channel in _NOTICES for d in foresee(cases, now, last_day=last_day).departures)
