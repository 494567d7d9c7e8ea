"""What became of a scenario: line by line, and where each case ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from domain.money import Money
from domain.move import Reason

LineKind = Literal["notice", "task", "charge", "stage", "skipped", "escalation"]
"""A call is a task, a hand-over an escalation; skipped is a step or an event that did not fit."""


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    invoice: str
    """The scenario's id."""
    kind: LineKind
    step: str | None
    channel: str | None
    notice: str | None
    """Lines with the same one went out together."""
    open: Money | None
    """Owed afterwards, with what has been charged."""
    asked: Money | None
    planned_at: datetime | None
    """The step's own moment, before window, budget, hold or outage moved it."""
    reasons: tuple[Reason, ...]
    stage: str | None = None
    """The new one, in a line of kind stage."""


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """Where a case stands when the scenario is over."""

    stage: str
    open: Money
    next_step: str | None
    next_at: datetime | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Story:
    lines: tuple[Line, ...]
    """In order of time."""
    cases: Mapping[str, CaseEnd]
    """By the scenario's id of the invoice."""
    zone: ZoneInfo
