"""A policy: a named, versioned ladder of steps with its calendar. docs/policies.md describes the language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo


class Anchor(StrEnum):
    """What a step's `after` counts from."""

    DUE = "due"
    PREVIOUS = "previous"  # the moment the previous step really left
    ENROLLED = "enrolled"  # the moment the invoice was handed to Termijn


class Channel(StrEnum):
    EMAIL = "email"
    CALL_TASK = "call_task"
    INTERNAL = "internal"
    HAND_OVER = "hand_over"


class Tone(StrEnum):
    FRIENDLY = "friendly"
    FIRM = "firm"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True)
class Duration:
    """`7d` are calendar days, `5s` seconds (demos and tests). Negative means before the anchor."""

    amount: int
    unit: Literal["d", "s"]

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Days end at 00:00 of the day in `zone`, whatever the hour of `moment`; seconds are exact."""
        if self.unit == "s":
            return moment.astimezone(UTC) + timedelta(seconds=self.amount)
        return start_of_day(moment.astimezone(zone).date() + timedelta(days=self.amount), zone)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class SendWindow:
    """When mail may leave, in the policy's zone: `opens` inclusive, `closes` exclusive."""

    days: frozenset[int]  # Monday is 0
    opens: time
    closes: time
    skip_holidays: bool  # of the debtor's country


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder."""

    key: str
    after: Duration
    anchor: Anchor
    channel: Channel
    tone: Tone = Tone.FRIENDLY
    template: str | None = None
    requires_approval: bool = False

    @property
    def is_courtesy(self) -> bool:
        """Courtesy steps may be merged when late and sent again after a crash; the others never are."""
        return self.channel is not Channel.HAND_OVER and self.tone is not Tone.FORMAL

    @property
    def is_before_due(self) -> bool:
        return self.anchor is Anchor.DUE and self.after.amount < 0


@dataclass(frozen=True, slots=True)
class Policy:
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

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def reference(self) -> str:
        return f"{self.name}/{self.version}"

    def position(self, step_key: str) -> int:
        """Index of a step. Raises KeyError for a key that the ladder does not have."""
        for index, step in enumerate(self.steps):
            if step.key == step_key:
                return index
        raise KeyError(step_key)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """00:00 in `zone`, given in UTC: arithmetic on local moments forgets the hour that summer time moves."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


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
