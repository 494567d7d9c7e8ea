"""A debtor and the cases against them, while a scenario runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, get_args

from domain.bundle import Case
from domain.contact_budget import days_looked_at
from domain.cover import cover
from domain.facts import Contact, Facts, Hold
from domain.ledger import balance
from domain.money import Money
from domain.move import Move, Reason
from domain.plan_instalments import Instalment
from domain.policy import Policy, start_of_day
from domain.simulate.story import Line, LineKind
from domain.stages import Stage

NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)
ALL_KINDS: Final[frozenset[LineKind]] = frozenset(get_args(LineKind))
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A payment plan that is running."""

    id: str
    agreed_at: datetime
    open_then: Money
    instalments: tuple[Instalment, ...]


@dataclass(slots=True, eq=False)
class Living:
    """One case."""

    id: str
    """The scenario's."""
    facts: Facts
    policy: Policy
    wake: datetime
    """Nothing happens to it by itself before; first when it is enrolled."""
    stage: Stage | None = None
    """The one last told; None: it is not enrolled yet."""
    plan: Plan | None = None
    payments: list[tuple[Money, str]] = field(default_factory=list)
    """Amount and id of every payment that was not reversed."""
    seen: datetime | None = None
    """When it was last decided about."""

    @property
    def is_open(self) -> bool:
        return self.stage is not None and not self.stage.is_closed

    def next_late_day(self, now: datetime) -> datetime:
        """The next day from which a term is overdue: then stage and amounts may change by themselves."""
        zone = self.policy.zone
        days = (start_of_day(term.due + _DAY, zone) for term in self.facts.terms)
        return min((day for day in days if day > now), default=NEVER)


class Debtor:
    """What the cases of one debtor share. Nothing here concerns another debtor."""

    def __init__(
        self,
        id_: str,
        cases: Iterable[Living],
        tell: Callable[[Line], None],
        *,
        kinds: frozenset[LineKind] = ALL_KINDS,
        approves: bool = False,
    ) -> None:
        """`kinds` of lines are told. `approves`: whatever needs approval has it at once."""
        self.cases = list(cases)
        self.by_invoice = {living.facts.invoice_id: living for living in self.cases}
        self.by_id = {living.id: living for living in self.cases}
        self.holds: tuple[Hold, ...] = ()
        self.contacts: tuple[Contact, ...] = ()
        self.cash: dict[str, Money] = {}
        """Received and unallocated, by currency."""
        self._spread: dict[str, Money] = {}
        """What was last allotted."""
        self.notices: dict[str, list[Living]] = {}
        """Who has a line in it."""
        self.approves = approves
        self.kinds = kinds
        self._id = id_
        self._tell = tell
        self._refs = 0

    def new_ref(self) -> str:
        """Unique among all debtors."""
        self._refs += 1
        return f"{self._id}/{self._refs}"

    def inform(self, living: Living) -> None:
        """Into the facts of a case with what concerns the debtor as a whole."""
        facts = living.facts
        if facts.standing_holds is not self.holds:
            facts = replace(facts, standing_holds=self.holds)
        if facts.contacts is not self.contacts:
            facts = facts.with_contacts(self.contacts)
        living.facts = facts

    def wake_all(self, now: datetime) -> None:
        for living in self.cases:
            if living.stage is not None:
                living.wake = min(living.wake, now)

    def spread_cash(self, now: datetime) -> None:
        """Allot what is unallocated to the open cases; those for which that changes are to be looked at now."""
        unallocated = self._unallocated()
        if not unallocated and not self._spread:
            return
        self._spread = unallocated
        open_ = [living.facts for living in self.cases if living.is_open or living.wake <= now]
        covered = {id_: part for cash in unallocated.values() for id_, part in cover(open_, cash).items()}
        for living in self.cases:
            part = covered.get(living.facts.invoice_id)
            if not living.policy.stale_money.hold_when_covered:
                part = None
            if living.facts.cash != part:
                living.facts = replace(living.facts, cash=part)
                if living.stage is not None:
                    living.wake = min(living.wake, now)

    def _unallocated(self) -> dict[str, Money]:
        """By currency: what came in unallocated, and what invoices left over."""
        unallocated = self.cash
        for living in self.cases:
            if living.facts.credits:
                currency = living.facts.currency
                left_over = balance(living.facts.credits, currency)
                unallocated = unallocated | {
                    currency: unallocated.get(currency, Money.zero(currency)) + left_over
                }
        return unallocated

    def add_contact(self, contact: Contact) -> None:
        """Forgets those that no budget looks at any more."""
        budgets = {living.policy.budget for living in self.cases}
        oldest = contact.at - (max((days_looked_at(b) for b in budgets if b), default=0) + 1) * _DAY
        self.contacts = (*(c for c in self.contacts if c.at > oldest), contact)

    def tell(
        self,
        living: Living,
        at: datetime,
        kind: LineKind,
        *,
        step: str | None = None,
        channel: str | None = None,
        notice: str | None = None,
        asks: bool = False,
        planned_at: datetime | None = None,
        reasons: tuple[Reason, ...] = (),
        stage: str | None = None,
    ) -> None:
        """`asks`: what is asked for belongs in the line."""
        if kind not in self.kinds:
            return
        facts = living.facts
        asked = facts.asked_on(self.today(living, at)) if asks else None
        self._tell(
            Line(
                at=at,
                invoice=living.id,
                kind=kind,
                step=step,
                channel=channel,
                notice=notice,
                open=facts.open,
                asked=asked,
                planned_at=planned_at,
                reasons=reasons,
                stage=stage,
            )
        )

    def tell_stage(self, living: Living, move: Move, now: datetime) -> None:
        """Only when it changes."""
        if living.stage not in (None, move.stage):
            self.tell(living, now, "stage", reasons=move.reasons, stage=move.stage.value)
        living.stage = move.stage

    def today(self, living: Living, now: datetime) -> date:
        return now.astimezone(living.policy.zone).date()

    def case(self, living: Living) -> Case:
        return Case(living.facts, living.policy)
