"""The ladders that ship read well and keep their promises."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from domain.policy import Anchor, Channel, Policy, Tone
from intake.find_policies import load_policies
from intake.read_policy import read_policy

ROOT: Final = Path(__file__).parents[2]
POLICIES: Final = load_policies(ROOT / "policies")
LAST_TERM_DAYS: Final = 14
"""What a formal notice grants."""


def rungs(name: str) -> list[str]:
    return [f"{step.after} {step.channel} {step.tone}" for step in POLICIES[name].steps]


def test_four_ladders_ship() -> None:
    assert POLICIES.keys() == {"friendly", "standard", "strict", "demo"}


def test_the_standard_ladder() -> None:
    assert rungs("standard") == [
        "7d email friendly",
        "14d email firm",
        "10d email formal",
        "8d call_task firm",
        "8d hand_over friendly",
    ]


def test_the_strict_ladder() -> None:
    assert rungs("strict") == [
        "1d email friendly",
        "7d email firm",
        "7d email formal",
        "16d hand_over friendly",
    ]


def test_the_friendly_ladder_never_threatens() -> None:
    assert all(step.is_courtesy for step in POLICIES["friendly"].steps)
    assert POLICIES["friendly"].steps[0].is_before_due


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_a_hand_over_needs_a_person_and_follows_the_last_term_of_a_formal_notice(policy: Policy) -> None:
    for index, step in enumerate(policy.steps):
        if step.channel is Channel.HAND_OVER:
            assert step.requires_approval
            notices = [i for i, s in enumerate(policy.steps[:index]) if s.tone is Tone.FORMAL]
            between = sum(s.after.amount for s in policy.steps[notices[-1] + 1 : index + 1])
            assert policy.name == "demo" or between > LAST_TERM_DAYS


def test_the_manual_shows_a_policy_that_is_read() -> None:
    manual = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    example = manual.partition("```yaml\n")[2].partition("```")[0]
    assert read_policy(example, "manual").name == "builders"
    assert all(f"`{name}`" in manual for name in POLICIES)


def test_the_demo_is_over_within_a_minute_and_late_for_nobody_at_once() -> None:
    demo = POLICIES["demo"]
    assert demo.steps[0].anchor is Anchor.ENROLLED
    assert demo.window is None
    assert {step.after.unit for step in demo.steps} == {"s"}
    assert sum(step.after.amount for step in demo.steps) < 60
