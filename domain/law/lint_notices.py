"""What makes a notice with legal effect a valid one: rules for ladders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.law.legal_step import LETTER_BEFORE_COSTS, USUAL_TERM
from domain.law.lint_ladder import Finding, LintedLadder
from domain.law.settings import LegalStep
from domain.policy import Anchor, Channel

_WRITTEN: Final = frozenset({Channel.EMAIL, Channel.LETTER})
_HOME: Final = {letter: country for country, letter in LETTER_BEFORE_COSTS.items()}
_PREFIX: Final = {
    LegalStep.NL_14_DAY_LETTER: "nl_letter",
    LegalStep.BE_FIRST_REMINDER: "be_first_reminder",
    LegalStep.FORMAL_NOTICE: "formal_notice",
}


def legal_step_of_another_country(ladder: LintedLadder) -> Iterator[Finding]:
    for _, step in ladder.legal(*_HOME):
        if step.legal and _HOME[step.legal] != ladder.country:
            text = (
                f"{step.legal} is of {_HOME[step.legal]} and means nothing in {ladder.country}:"
                " narrow the policy by 'applies_to' or the step by 'when'"
            )
            yield ladder.error("legal_step_of_another_country", step, text)


def before_default(ladder: LintedLadder) -> Iterator[Finding]:
    for at, step in ladder.legal():
        late = ladder.days_late(at)
        if step.legal and late is not None and late < 1:
            text = "has no effect before the debtor is late: let it leave 1d after the due date or later"
            yield ladder.error(f"{_PREFIX[step.legal]}_before_default", step, text)


def term_too_short(ladder: LintedLadder) -> Iterator[Finding]:
    """The consumer's letter: one day short, and no waiting makes it good."""
    for _, step in ladder.legal():
        term = step.term if step.legal is ladder.letter else None
        if step.legal and term and (term.unit != "d" or term.amount < USUAL_TERM):
            text = f"grants {term}: the law asks for at least {USUAL_TERM} calendar days from receipt"
            yield ladder.error(f"{_PREFIX[step.legal]}_term", step, text)


def not_written(ladder: LintedLadder) -> Iterator[Finding]:
    for _, step in ladder.legal():
        spoken = [channel for channel in step.channels if channel not in _WRITTEN]
        if step.legal and spoken:
            text = f"must be in writing: '{spoken[0]}' is neither email nor letter"
            yield ladder.error(f"{_PREFIX[step.legal]}_channel", step, text)


def receipt_without_window(ladder: LintedLadder) -> Iterator[Finding]:
    for at, step in enumerate(ladder.steps):
        opens = at > 0 and (ladder.steps[at - 1].legal or ladder.steps[at - 1].term)
        if step.anchor is Anchor.RECEIPT and not opens:
            text = "counts from the end of a term, but the step before it grants none: give that one 'legal' or 'term'"
            yield ladder.error("receipt_without_window", step, text)
