"""Policies in a few lines, and what is said about them when they are refused."""

from __future__ import annotations

from typing import Final

import pytest

from domain.policy import Policy
from intake.read_policy import InvalidPolicy, read_policy

HEAD: Final = "name: p\nversion: 1\ntime_zone: Europe/Brussels\n"
STEP: Final = "  - {key: a, after: 7d, channel: email}\n"

BY_THE_BOOK: Final = """\
name: nl-business
version: 3
time_zone: Europe/Amsterdam
send_window: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", holidays: skip}
contact_budget: {per_day: 1, per_seven_days: 3, courtesy_gap: 5d}
minimum: {EUR: "10.00"}
tolerance: {EUR: "0.05"}
discount_tolerance: 1d
entry: latest_courtesy
bundling: {include: due_today}
stale_money: {statement_age: 3d, unallocated: hold_when_covered}
steps:
  - {key: reminder-1, after: 7d, anchor: due, channel: email, tone: friendly}
  - {key: reminder-2, after: 14d, anchor: previous, channel: [email, letter, call_task], tone: firm,
     repeat: {every: 10d, times: 2}}
  - {key: notice, after: 10d, anchor: previous, channel: letter, tone: formal, legal: formal_notice, term: 14d,
     charges: {interest: true, costs: true}}
  - {key: agency, after: 1d, anchor: receipt, channel: hand_over, requires_approval: {above: {EUR: "0.00"}}}
"""
"""The example of the language as it was agreed."""


def reasons(text: str) -> list[str]:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy(text, "p.yaml")
    return [str(problem) for problem in caught.value.problems]


def ladder(*steps: str) -> str:
    """Steps as the inside of a mapping; the first stands on line 5."""
    return HEAD + "steps:\n" + "".join(f"  - {{{step}}}\n" for step in steps)


def with_key(line: str) -> Policy:
    """A policy with one more key, on line 4."""
    return read_policy(HEAD + line + "\nsteps:\n" + STEP, "p.yaml")


def reasons_of_key(line: str) -> list[str]:
    return reasons(HEAD + line + "\nsteps:\n" + STEP)
