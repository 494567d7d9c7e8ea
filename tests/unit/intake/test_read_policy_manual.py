"""The manual of the language and what reads it agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from domain.law.settings import ClaimType, CreditorSize, DayCount, LegalStep
from domain.money import CURRENCIES
from domain.policy import Anchor, Bundling, Channel, EntryRule, Tone
from intake.read_policy import read_policy
from tests.unit.intake.policy_texts import ladder, reasons, reasons_of_key

MANUAL: Final = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
NAMED: Final = frozenset(
    word for code in re.findall(r"`([^`\n]+)`", MANUAL) for word in re.split(r"[^\w/-]+", code)
)
STEP: Final = "key: a, after: 7d, channel: email, "
FIELDS: Final = {
    "a policy": "zzz: 1",
    "law": "law: {zzz: 1}",
    "applies_to": "applies_to: {zzz: 1}",
    "send_window": "send_window: {zzz: 1}",
    "contact_budget": "contact_budget: {zzz: 1}",
    "bundling": "bundling: {include: off, zzz: 1}",
    "stale_money": "stale_money: {zzz: 1}",
    "agency": "agency: {email: a@b.example, zzz: 1}",
}
STEP_FIELDS: Final = {
    "a step": "zzz: 1",
    "charges": "charges: {zzz: 1}",
    "when": "when: {zzz: 1}",
    "amount": "when: {amount: {zzz: 1}}",
    "repeat": "repeat: {every: 1d, times: 1, zzz: 1}",
    "requires_approval": "requires_approval: {above: {EUR: 1}, zzz: 1}",
}


def known_keys(told: list[str]) -> set[str]:
    """What is said to be known when a key is not."""
    assert len(told) == 1
    return set(told[0].partition("known are ")[2].split(", "))


@pytest.mark.parametrize("where", FIELDS)
def test_every_key_of_a_policy_is_in_the_manual(where: str) -> None:
    assert known_keys(reasons_of_key(FIELDS[where])) <= NAMED


@pytest.mark.parametrize("where", STEP_FIELDS)
def test_every_key_of_a_step_is_in_the_manual(where: str) -> None:
    assert known_keys(reasons(ladder(STEP + STEP_FIELDS[where]))) <= NAMED


@pytest.mark.parametrize(
    "words", [Anchor, Channel, Tone, EntryRule, Bundling, LegalStep, CreditorSize, DayCount, ClaimType]
)
def test_every_word_is_in_the_manual(words: type[Anchor]) -> None:
    assert {word.value for word in words} <= NAMED


def test_every_currency_is_in_the_manual() -> None:
    assert CURRENCIES <= NAMED


def test_the_example_climbs_as_it_reads() -> None:
    example = MANUAL.partition("```yaml\n")[2].partition("```")[0]
    assert [step.key for step in read_policy(example, "manual").steps] == [
        "upcoming",
        "reminder-1",
        "reminder-2",
        "reminder-2.1",
        "reminder-2.2",
        "call",
        "notice",
        "agency",
    ]
