"""The decision for a payment plan: announce an instalment, wait, or declare the plan completed or broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import sending_moment, slot
from domain.errors import DomainError
from domain.money import Money
from domain.policy import Duration, Policy, deadline, start_of_day


class PlanState(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    BROKEN = "broken"
    CANCELLED = "cancelled"


class NoticeState(StrEnum):
    """How far the announcement of an instalment has come."""

    PENDING = "pending"
    SENDING = "sending"
    DEFERRED = "deferred"
    DONE = "done"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Instalment:
    number: int  # from 1, in order of date
    due: date | datetime
    """A date counts through its day plus the policy's grace; a moment (demos and tests) plus its seconds."""
    amount: Money
    announced: NoticeState = NoticeState.PENDING
    at: datetime | None = None
    attempts: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    plan_id: str
    debtor_id: str
    country: str
    mailable: bool
    state: PlanState
    agreed_at: datetime
    open_then: Money
    """What the covered invoices owed together when the plan was agreed."""
    open_now: Money
    instalments: tuple[Instalment, ...]

    @property
    def paid(self) -> Money:
        """What came in on the covered invoices since then; credit notes count."""
        return self.open_then - self.open_now


class PlanMoveKind(StrEnum):
    ANNOUNCE = "announce"
    WAIT = "wait"
    COMPLETE = "complete"
    BREAK = "break"
    CLOSE = "close"  # it ended before


@dataclass(frozen=True, slots=True)
class PlanMove:
    kind: PlanMoveKind
    instalment: Instalment | None = None
    wake_at: datetime | None = None


def check_instalments(
    instalments: tuple[Instalment, ...], owed: Money, now: datetime, policy: Policy
) -> None:
    """Raises DomainError when a plan cannot stand: none, out of order, in the past, or a wrong sum."""
    if not instalments:
        raise DomainError("no_instalments", "a plan needs at least one instalment", field="instalments")
    total = Money.zero(owed.currency)
    for instalment in instalments:
        if not instalment.amount.is_positive:
            raise DomainError("amount_not_positive", "an instalment must be above zero", field="instalments")
        if _end(instalment, Duration(0, "d"), policy) <= now:
            raise DomainError(
                "in_the_past", f"instalment {instalment.number} is already past", field="instalments"
            )
        total += instalment.amount
    ends = [_end(i, Duration(0, "d"), policy) for i in instalments]
    if ends != sorted(set(ends)):
        raise DomainError("out_of_order", "instalments must be in order of their dates", field="instalments")
    if total != owed:
        text = f"the instalments add up to {total}, but {owed} is open"
        raise DomainError("sum_differs", text, field="instalments", expected=str(owed), value=str(total))


def next_plan_move(plan: PlanFacts, policy: Policy, now: datetime) -> PlanMove:
    if plan.state is not PlanState.ACTIVE:
        return PlanMove(PlanMoveKind.CLOSE)
    unpaid = _first_unpaid(plan)
    if unpaid is None or not plan.open_now:
        return PlanMove(PlanMoveKind.COMPLETE)
    late_from = _end(unpaid, policy.plan_grace, policy)
    if late_from <= now:
        return PlanMove(PlanMoveKind.BREAK, unpaid)
    announce_at = _announce_at(unpaid, plan, policy, now)
    if announce_at is not None and announce_at <= now:
        return PlanMove(PlanMoveKind.ANNOUNCE, unpaid)
    return PlanMove(PlanMoveKind.WAIT, unpaid, min(late_from, announce_at or late_from))


def _first_unpaid(plan: PlanFacts) -> Instalment | None:
    """The first instalment up to which the money that came in does not reach."""
    needed = Money.zero(plan.open_then.currency)
    for instalment in plan.instalments:
        needed += instalment.amount
        if plan.paid < needed:
            return instalment
    return None


def _announce_at(instalment: Instalment, plan: PlanFacts, policy: Policy, now: datetime) -> datetime | None:
    """When the announcement leaves; None when it left, needs a person, or would come after the due date."""
    if instalment.announced in (NoticeState.DONE, NoticeState.BLOCKED):
        return None
    notice = Duration(-policy.instalment_notice.amount, policy.instalment_notice.unit)
    due = (
        instalment.due if isinstance(instalment.due, datetime) else start_of_day(instalment.due, policy.zone)
    )
    earliest = max(notice.after(due, policy.zone), plan.agreed_at)
    if instalment.retry_at and instalment.announced is NoticeState.DEFERRED:
        earliest = max(earliest, instalment.retry_at)
    at = slot(policy.window, plan.debtor_id, plan.plan_id) if policy.window else timedelta()
    leaves = sending_moment(earliest, now, policy.window, policy.zone, plan.country, at)
    return leaves if max(leaves, now) < _end(instalment, Duration(0, "d"), policy) else None


def _end(instalment: Instalment, grace: Duration, policy: Policy) -> datetime:
    return deadline(instalment.due, grace, policy.zone)
