"""What is known about one case. Plain frozen values: all is decided from these, and only these are stored.

All moments are aware datetimes; all dates are calendar dates in the policy's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.derived import derived
from domain.ledger import Entry, balance
from domain.money import Money


class DebtorKind(StrEnum):
    CONSUMER = "consumer"
    BUSINESS = "business"
    UNKNOWN = "unknown"  # treated as a consumer


class StepState(StrEnum):
    """How far a step has come. Done, collapsed, expired and rejected need nothing more: the ladder goes on."""

    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SENDING = "sending"  # committed, handed to the channel, outcome not known yet
    DEFERRED = "deferred"  # the channel could not take it; again at `retry_at`
    BLOCKED = "blocked"  # a person must help; see `reason`
    DONE = "done"
    COLLAPSED = "collapsed"  # merged into a later courtesy step
    BOUNCED = "bounced"  # left, and came back: again by its next channel
    REQUESTED = "requested"  # a person wants it taken now, whatever its day
    PRINTED = "printed"  # a letter that a person is to post
    EXPIRED = "expired"  # an announcement whose due date has passed
    REJECTED = "rejected"  # a person decided against it

    @property
    def is_finished(self) -> bool:
        return self in FINISHED


FINISHED = frozenset({StepState.DONE, StepState.COLLAPSED, StepState.EXPIRED, StepState.REJECTED})


REQUESTED: Final = StepState.REQUESTED.value
"""`reason` of a step that a person asked for and that has not left yet."""


class Ending(StrEnum):
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"


class DisputeOutcome(StrEnum):
    ACCEPTED = "accepted"  # the creditor gives up the disputed amount
    REJECTED = "rejected"  # chasing goes on


class PromiseOutcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    REPLACED = "replaced"


class PlanOutcome(StrEnum):
    COMPLETED = "completed"
    BROKEN = "broken"


class TaskKind(StrEnum):
    APPROVE = "approve"
    CALL = "call"
    REVIEW = "review"
    MEND_ADDRESS = "mend_address"
    CHECK_DELIVERY = "check_delivery"
    SEND_DOSSIER = "send_dossier"
    POST_LETTER = "post_letter"
    LIMITATION = "limitation"  # the claim will soon be time-barred


@dataclass(frozen=True, slots=True)
class Term:
    """A due date (inclusive: the debtor is late from the day after) and what falls due on it."""

    due: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Discount:
    """So much less when all else is paid by `until`, inclusive."""

    percent: Decimal
    until: date


@dataclass(frozen=True, slots=True)
class Contact:
    """One reaching out to the debtor, about whichever invoices."""

    at: datetime
    courtesy: bool
    ref: str
    """Id of the notice or task."""


@dataclass(frozen=True, slots=True)
class Dispute:
    id: str
    amount: Money | None
    """None: the whole claim."""
    opened_at: datetime
    resolved_at: datetime | None = None
    outcome: DisputeOutcome | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    id: str
    placed_at: datetime
    until: datetime | None
    """First moment at which the case is free again."""
    lifted_at: datetime | None = None
    term: int | None = None
    """Only while this term (counted from 1 by due date) is the one that is chased."""

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Promise:
    id: str
    amount: Money
    due: date | datetime
    """A date counts through its whole day; a moment to the second."""
    made_at: datetime
    open_then: Money
    """What was owed when it was made: kept once the open amount is down from there by `amount`."""
    ended_at: datetime | None = None
    outcome: PromiseOutcome | None = None


@dataclass(frozen=True, slots=True)
class PlanMembership:
    plan_id: str
    joined_at: datetime
    left_at: datetime | None = None
    outcome: PlanOutcome | None = None


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of one cycle: at most one for each, for ever."""

    cycle: int
    step: str
    state: StepState
    at: datetime
    """When it came into this state; for a mail that is done, when it was really sent."""
    planned_at: datetime
    """The milestone's own moment, before window, hold or outage moved it."""
    reason: str | None = None
    notice_id: str | None = None
    asked: Money | None = None
    attempts: int = 0
    first_tried_at: datetime | None = None
    retry_at: datetime | None = None
    channel: str | None = None
    """By which of its channels the step went; None: its first."""

    @property
    def is_by_hand(self) -> bool:
        """A person wanted it whatever its day; until it is done, also after an approval or a failed sending."""
        return self.state is StepState.REQUESTED or self.reason == REQUESTED


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    kind: TaskKind
    cycle: int
    step: str
    opened_at: datetime
    completed_at: datetime | None = None
    outcome: str | None = None


_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Facts:
    """All about one case, and of its debtor what planning needs. Sums are kept once they are computed."""

    invoice_id: str
    creditor_id: str
    debtor_id: str
    debtor_kind: DebtorKind
    country: str
    mailable: bool
    """The debtor has an e-mail address."""
    currency: str
    issued: date
    enrolled_at: datetime
    terms: tuple[Term, ...]
    entries: tuple[Entry, ...]
    credits: tuple[Entry, ...] = ()
    """What this invoice left over for the debtor: surpluses, negative when taken back."""
    disputes: tuple[Dispute, ...] = ()
    holds: tuple[Hold, ...] = ()
    promises: tuple[Promise, ...] = ()
    plans: tuple[PlanMembership, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    tasks: tuple[Task, ...] = ()
    ending: Ending | None = None
    delivered: date | None = None
    """First day on which the debtor had the invoice; None: its issue date."""
    discount: Discount | None = None
    letterable: bool = False
    """The debtor has a postal address."""
    segment: str = ""
    tags: frozenset[str] = frozenset()
    behaviour: str = ""
    mandate: bool = False
    """The debtor has given a direct debit mandate."""
    standing_holds: tuple[Hold, ...] = ()
    """On the debtor as a whole or on everything of the creditor."""
    contacts: tuple[Contact, ...] = ()
    """With the debtor in the days that the contact budget looks at, over all invoices, oldest first."""
    cash: Money | None = None
    """Unallocated cash of the debtor that would go to this claim, after those due before it; at most what is open."""
    statement_on: date | None = None
    """Date of the creditor's last bank statement; None: none is known."""

    @derived
    def open(self) -> Money:
        """What is owed now; never negative, since a surplus moves to the debtor's credit."""
        return balance(self.entries, self.currency)

    @derived
    def open_amount(self) -> Decimal:
        """The same without its currency, for decisions, which are many."""
        return sum([entry.amount.amount for entry in self.entries], _NOTHING)

    @derived
    def unpaid(self) -> tuple[tuple[Term, Decimal], ...]:
        """The terms in order of due date, each with what is left of it: money meets the earliest first."""
        ordered = sorted(self.terms, key=lambda term: term.due) if len(self.terms) > 1 else self.terms
        left, unpaid = self.open_amount, []
        for term in reversed(ordered):
            part = min(term.amount.amount, left)
            left -= part
            unpaid.append((term, part))
        if left:  # charges
            term, part = unpaid[-1]
            unpaid[-1] = (term, part + left)
        return tuple(reversed(unpaid))

    @derived
    def cycle(self) -> int:
        """The number of the term that is chased, from 1: the earliest that is not paid. Each has the ladder anew."""
        if len(self.terms) == 1:
            return 1
        numbers = (number for number, (_, part) in enumerate(self.unpaid, 1) if part)
        return next(numbers, len(self.terms))

    @derived
    def due(self) -> date:
        """Due date of the earliest term that is not paid; of the last when all are."""
        if len(self.terms) == 1:
            return self.terms[0].due
        return self.unpaid[self.cycle - 1][0].due

    def due_by(self, day: date) -> Money:
        """What is open of the terms that are overdue on `day`, and of the earliest in any case."""
        if len(self.terms) == 1:
            return self.open
        parts = (
            part
            for number, (term, part) in enumerate(self.unpaid, 1)
            if term.due < day or number == self.cycle
        )
        return Money(sum(parts, Decimal(0)), self.currency)

    def asked_on(self, day: date) -> Money:
        """What a notice of that day asks: what is due, less what is disputed or covered by unallocated cash."""
        zero = Money.zero(self.currency)
        asked = self.due_by(day)
        if self.disputes:
            asked = max(zero, asked - self.disputed)
        return max(zero, asked - self.cash) if self.cash else asked

    @derived
    def disputed(self) -> Money:
        """How much of the open amount is in dispute; at most all of it."""
        total = Money.zero(self.currency)
        for dispute in self.disputes:
            if dispute.resolved_at is None:
                total += self.open if dispute.amount is None else dispute.amount
        return min(total, self.open)

    @derived
    def chaseable(self) -> Money:
        """The open amount that is not in dispute: what a notice asks for."""
        return self.open - self.disputed if self.disputes else self.open

    @derived
    def _taken(self) -> dict[str, StepTaken]:
        return {taken.step: taken for taken in self.steps if taken.cycle == self.cycle}

    def taken(self, step: str) -> StepTaken | None:
        """The record of a step in the current cycle."""
        return self._taken.get(step)

    def is_approved(self, step: str) -> bool:
        return any(
            t.kind is TaskKind.APPROVE and (t.cycle, t.step, t.outcome) == (self.cycle, step, "approved")
            for t in self.tasks
        )

    def with_step(self, taken: StepTaken) -> Facts:
        key = (taken.cycle, taken.step)
        others = [t for t in self.steps if (t.cycle, t.step) != key]
        return self._but("steps", (*others, taken), stale="_taken")

    def with_contact(self, contact: Contact) -> Facts:
        return self.with_contacts((*(c for c in self.contacts if c.ref != contact.ref), contact))

    def with_contacts(self, contacts: tuple[Contact, ...]) -> Facts:
        return self._but("contacts", contacts)

    def with_task(self, task: Task) -> Facts:
        return self._but("tasks", (*(t for t in self.tasks if t.id != task.id), task))

    def with_tasks_closed(self, step: str, outcome: str, now: datetime) -> Facts:
        """The open tasks of a step of this cycle are over: what they asked for is done or not needed."""
        key = (self.cycle, step)
        if not any(t.completed_at is None and (t.cycle, t.step) == key for t in self.tasks):
            return self
        closed = (
            replace(t, completed_at=now, outcome=outcome)
            if t.completed_at is None and (t.cycle, t.step) == key
            else t
            for t in self.tasks
        )
        return self._but("tasks", tuple(closed))

    def _but(self, name: str, value: object, *, stale: str = "") -> Facts:
        """As `replace` of one field, and what is derived from the others need not be worked out again.

        `stale`: what is derived from it. A step taken would otherwise cost more here than its decision.
        """
        made = object.__new__(Facts)
        known = made.__dict__
        known.update(self.__dict__)
        known[name] = value
        known.pop(stale, None)
        return made
