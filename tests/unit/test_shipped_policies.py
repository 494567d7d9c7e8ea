"""The ladders that ship read well and keep their promises."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from domain.facts import DebtorKind
from domain.law.lint import lint_for, lint_policy
from domain.law.settings import LegalStep
from domain.policy import Anchor, Channel, Policy, Tone
from intake.find_policies import load_policies
from intake.read_policy import read_policy

ROOT: Final = Path(__file__).parents[2]
POLICIES: Final = load_policies(ROOT / "policies")
LAST_TERM_DAYS: Final = 14
"""What a formal notice grants."""


def rungs(name: str) -> list[str]:
    return [f"{step.after} {step.channel} {step.tone}" for step in POLICIES[name].steps]


def test_eight_ladders_ship() -> None:
    by_country = {"nl-consumer", "nl-business", "be-consumer", "be-business"}
    assert POLICIES.keys() == by_country | {"friendly", "standard", "strict", "demo"}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_the_law_has_nothing_against_what_ships(policy: Policy) -> None:
    assert lint_policy(policy) == ()


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("nl-consumer", LegalStep.NL_14_DAY_LETTER),
        ("nl-business", LegalStep.FORMAL_NOTICE),
        ("be-consumer", LegalStep.BE_FIRST_REMINDER),
        ("be-business", LegalStep.FORMAL_NOTICE),
    ],
)
def test_a_ladder_of_a_country_has_its_letter_and_grants_its_term(name: str, letter: LegalStep) -> None:
    steps = POLICIES[name].steps
    (at,) = [index for index, step in enumerate(steps) if step.legal is letter]
    assert str(steps[at].term) == f"{LAST_TERM_DAYS}d"
    assert steps[at + 1].anchor is Anchor.RECEIPT
    assert steps[0].channels[0] is Channel.EMAIL
    assert steps[-1].channel is Channel.HAND_OVER


def test_a_belgian_consumer_gets_the_free_first_reminder_first_and_is_charged_nothing() -> None:
    """Without a clause in the contract nothing is owed beside the principal."""
    steps = POLICIES["be-consumer"].steps
    assert steps[0].legal is LegalStep.BE_FIRST_REMINDER
    assert not any(step.charges for step in steps)


def test_the_clause_that_the_belgian_ladder_speaks_of_makes_its_charges_lawful() -> None:
    text = (ROOT / "policies" / "be-consumer.yaml").read_text(encoding="utf-8")
    charging = text.replace(
        "formal_notice, term: 14d", "formal_notice, charges: {interest: true, costs: true}"
    )
    assert {found.rule for found in lint_policy(read_policy(charging, "be"))} == {"be_no_clause"}
    agreed = charging.replace("steps:", "law: {creditor_size: sme, costs_clause: true}\nsteps:")
    assert lint_policy(read_policy(agreed, "be")) == ()


@pytest.mark.parametrize("name", ["standard", "strict", "nl-business"])
def test_a_ladder_for_businesses_hands_over_nobody_who_may_be_a_consumer(name: str) -> None:
    found = lint_for(POLICIES[name], "NL", DebtorKind.UNKNOWN)
    assert ("hand_over_too_early", "hand-over") in {(f.rule, f.step) for f in found}


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
        "2d hand_over friendly",
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
            after = policy.steps[notices[-1] + 1 : index + 1]
            waited = any(s.anchor is Anchor.RECEIPT for s in policy.steps[: index + 1])
            assert policy.name == "demo" or waited or sum(s.after.amount for s in after) > LAST_TERM_DAYS


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
