"""A policy: a named, versioned ladder of steps with its calendar. docs/policies.md describes the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from domain.derived import derived
from domain.facts import DebtorKind
from domain.law.settings import LawSettings, LegalStep


class Anchor(StrEnum):
    """What a step's `after` counts from."""

    DUE = "due"
    PREVIOUS = "previous"  # the moment the previous step really left
    RECEIPT = "receipt"  # the last day of the previous step's legal window
    ENROLLED = "enrolled"  # the moment the invoice was handed to Termijn


class Channel(StrEnum):
    EMAIL = "email"
    LETTER = "letter"
    CALL_TASK = "call_task"
    INTERNAL = "internal"
    HAND_OVER = "hand_over"


class Tone(StrEnum):
    FRIENDLY = "friendly"
    FIRM = "firm"
    FORMAL = "formal"


class EntryRule(StrEnum):
    """Where an invoice that arrives late steps onto the ladder."""

    LATEST_COURTESY = "latest_courtesy"  # overdue courtesy steps collapse into the latest
    FIRST = "first"  # at the first step, whatever is overdue
    NONE = "none"  # not at all: a person decides


class Bundling(StrEnum):
    """What else of the debtor goes into a notice that leaves."""

    DUE_TODAY = "due_today"
    ALL_OVERDUE = "all_overdue"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Duration:
    """`7d` are calendar days, `5wd` working days, `5s` seconds (demos and tests). Negative: before the anchor."""

    amount: int
    unit: Literal["d", "wd", "s"]

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Days end at 00:00 of the day in `zone`, whatever the hour of `moment`; seconds are exact.

        Working days need a country: see `calendar.working_days_after`.
        """
        if self.unit == "s":
            return moment.astimezone(UTC) + timedelta(seconds=self.amount)
        return days_after(local_date(moment, zone), self.amount, zone)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class Charges:
    """What a step adds to the claim when it leaves."""

    interest: bool = False
    """Interest to the day of sending, as the law or the contract allows."""
    costs: bool = False
    """The collection costs that are due by then."""
    fee: Decimal | None = None
    """A fixed amount in the currency of the invoice."""

    def __bool__(self) -> bool:
        return self.interest or self.costs or self.fee is not None


@dataclass(frozen=True, slots=True)
class Condition:
    """A step is passed over unless everything named here is true of the case. None: not asked."""

    amount_at_least: Mapping[str, Decimal] | None = field(default=None, hash=False)
    amount_below: Mapping[str, Decimal] | None = field(default=None, hash=False)
    kinds: frozenset[DebtorKind] | None = None
    countries: frozenset[str] | None = None
    segments: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    """Any of these."""
    behaviours: frozenset[str] | None = None
    mandate: bool | None = None
    """Whether the debtor has given a direct debit mandate."""


@dataclass(frozen=True, slots=True)
class ContactBudget:
    """How often one debtor may be contacted, over all invoices and channels. None: no limit."""

    per_day: int | None = 1
    per_seven_days: int | None = 3
    """In any seven days, rolling."""
    courtesy_gap: Duration | None = Duration(5, "d")
    """Between two courtesy contacts: the fifth day after is free again."""


@dataclass(frozen=True, slots=True)
class StaleMoney:
    """When not to trust what the ledger says is owed."""

    statement_age: Duration | None = None
    """How old the last bank statement may be; None: any age."""
    hold_when_covered: bool = True
    """Unallocated cash of the debtor that covers the claim blocks a step."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a policy is for; None: everyone. The law of each of them is held against it."""

    countries: frozenset[str] | None = None
    kinds: frozenset[DebtorKind] | None = None


@dataclass(frozen=True)
class SendWindow:
    """When mail may leave, in the policy's zone: `opens` inclusive, `closes` exclusive."""

    days: frozenset[int]  # Monday is 0
    opens: time
    closes: time
    skip_holidays: bool  # of the debtor's country
    skip_legal_holidays: bool = False
    """Also those that the law counts and offices may not."""

    @derived
    def opening(self) -> timedelta:
        """On the clock, since 00:00."""
        return timedelta(hours=self.opens.hour, minutes=self.opens.minute, seconds=self.opens.second)

    @derived
    def opening_minute(self) -> int:
        """Of the day."""
        return self.opens.hour * 60 + self.opens.minute

    @derived
    def minutes_of_slots(self) -> int:
        """How many minutes from the opening on are given to debtors: nine tenths of the window."""
        closing = self.closes.hour * 60 + self.closes.minute
        return max(1, (closing - self.opening_minute) * 9 // 10)

    @derived
    def _hash(self) -> int:
        return hash((self.days, self.opens, self.closes, self.skip_holidays, self.skip_legal_holidays))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True)
class Step:
    """One rung of the ladder."""

    key: str
    after: Duration
    anchor: Anchor
    channel: Channel
    tone: Tone = Tone.FRIENDLY
    template: str | None = None
    requires_approval: bool = False
    approval_above: Mapping[str, Decimal] | None = field(default=None, hash=False)
    """Per currency: nobody is asked about an open amount up to this. None, or another currency: always asked."""
    fallbacks: tuple[Channel, ...] = ()
    """Channels to try after `channel`, in order."""
    legal: LegalStep | None = None
    term: Duration | None = None
    """Payment term that the notice grants, counted from receipt."""
    charges: Charges = Charges()
    when: Condition | None = None

    @derived
    def is_courtesy(self) -> bool:
        """Courtesy steps may be merged when late and sent again after a crash; the others never are."""
        formal = self.tone is Tone.FORMAL or self.legal is not None or bool(self.charges)
        return self.channel is not Channel.HAND_OVER and not formal

    @derived
    def channels(self) -> tuple[Channel, ...]:
        return (self.channel, *self.fallbacks)

    @derived
    def merges(self) -> bool:
        """Whether the step, when it is late, may become one with another."""
        return self.is_courtesy and self.channel is not Channel.INTERNAL

    @derived
    def is_internal(self) -> bool:
        return self.channel is Channel.INTERNAL

    @derived
    def is_contact(self) -> bool:
        """Whether the debtor notices the step."""
        return self.channel not in (Channel.INTERNAL, Channel.HAND_OVER)

    @derived
    def is_before_due(self) -> bool:
        return self.anchor is Anchor.DUE and self.after.amount < 0


@dataclass(frozen=True)
class Policy:
    """Compared by value; what is derived from it is computed once, since every decision needs it."""

    name: str
    version: int
    time_zone: str
    steps: tuple[Step, ...]
    window: SendWindow | None = None
    """None: at any hour of any day (demos and tests)."""
    promise_grace: Duration = Duration(0, "d")
    plan_grace: Duration = Duration(2, "d")
    instalment_notice: Duration = Duration(3, "d")
    """How long before an instalment falls due it is announced."""
    agency_email: str | None = None
    law: LawSettings = field(default_factory=LawSettings)
    audience: Audience = Audience()
    budget: ContactBudget | None = None
    """None: no limit at all."""
    minimum: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    """Per currency: an invoice whose open amount is strictly below is not chased."""
    tolerance: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    """Per currency: an open amount up to this counts as paid."""
    discount_tolerance: Duration = Duration(0, "d")
    entry: EntryRule = EntryRule.LATEST_COURTESY
    bundling: Bundling = Bundling.DUE_TODAY
    stale_money: StaleMoney = StaleMoney()

    @derived
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @derived
    def announces(self) -> bool:
        """Whether any step lies before the due date."""
        return any(step.is_before_due for step in self.steps)

    @derived
    def is_conditional(self) -> bool:
        """Whether any step depends on what the case is like."""
        return any(step.when for step in self.steps)

    @derived
    def _hash(self) -> int:
        return hash(
            (self.name, self.version, self.time_zone, self.steps, self.window, self.law, self.audience)
        )

    def __hash__(self) -> int:
        return self._hash

    @derived
    def _positions(self) -> dict[str, int]:
        return {step.key: index for index, step in enumerate(self.steps)}

    @property
    def reference(self) -> str:
        return f"{self.name}/{self.version}"

    @derived
    def _by_key(self) -> dict[str, Step]:
        return {step.key: step for step in self.steps}

    def find(self, step_key: str) -> Step | None:
        """The step of this key; None when the ladder does not have it."""
        return self._by_key.get(step_key)

    def position(self, step_key: str) -> int:
        """Index of a step. Raises KeyError for a key that the ladder does not have."""
        return self._positions[step_key]


@lru_cache(maxsize=16384)
def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The day that it is in `zone`. One decision asks several times about the same few moments."""
    return moment.astimezone(zone).date()


@lru_cache(maxsize=16384)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """00:00 in `zone`, given in UTC: arithmetic on local moments forgets the hour that summer time moves."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


@lru_cache(maxsize=16384)
def days_after(day: date, days: int, zone: ZoneInfo) -> datetime:
    """00:00 in `zone` so many days later, in UTC."""
    return start_of_day(day + timedelta(days=days), zone)


def deadline(when: date | datetime, grace: Duration, zone: ZoneInfo) -> datetime:
    """First moment at which something promised for `when` is late.

    A date counts through its day, then through `grace`; a moment (demos and tests) counts to the second.
    A grace in days does not apply to a moment, since a moment is meant exactly.
    """
    if isinstance(when, datetime):
        return when.astimezone(UTC) + timedelta(seconds=grace.amount if grace.unit == "s" else 0)
    if grace.unit == "s":
        return start_of_day(when + timedelta(days=1), zone) + timedelta(seconds=grace.amount)
    return start_of_day(when + timedelta(days=1 + grace.amount), zone)
