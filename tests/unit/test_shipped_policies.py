"""The ladders that ship read well and keep their promises."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from domain.policy import Anchor, Channel, Policy, Tone
from intake.find_policies import load_policies

POLICIES: Final = load_policies(Path(__file__).parents[2] / "policies")


def rungs(name: str) -> list[str]:
    return [f"{step.after} {step.channel} {step.tone}" for step in POLICIES[name].steps]


def test_four_ladders_ship() -> None:
    assert POLICIES.keys() == {"friendly", "standard", "strict", "demo"}


def test_the_standard_ladder() -> None:
    assert rungs("standard") == [
        "7d email friendly",
        "14d email firm",
        "5d call_task firm",
        "7d email formal",
        "16d hand_over friendly",
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
def test_no_hand_over_without_a_formal_notice_and_a_person(policy: Policy) -> None:
    for index, step in enumerate(policy.steps):
        if step.channel is Channel.HAND_OVER:
            assert step.requires_approval
            assert any(earlier.tone is Tone.FORMAL for earlier in policy.steps[:index])


def test_the_demo_is_over_within_a_minute_and_late_for_nobody_at_once() -> None:
    demo = POLICIES["demo"]
    assert demo.steps[0].anchor is Anchor.ENROLLED
    assert demo.window is None
    assert {step.after.unit for step in demo.steps} == {"s"}
    assert sum(step.after.amount for step in demo.steps) < 60
