"""When a debtor may be contacted, and when a case may leave the house: rules for ladders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.law.contact_hours import CLOSES, OPENS
from domain.law.lint_ladder import Finding, LintedLadder, whole_days
from domain.law.settings import LegalStep
from domain.policy import Anchor, Channel, SendWindow, Tone

_SUNDAY: Final = 6
_CONTACT: Final = frozenset({Channel.EMAIL, Channel.CALL_TASK})  # paper mail may come at any hour


def contact_hours(ladder: LintedLadder) -> Iterator[Finding]:
    """Art. 4.2 Bki, held against everyone unless the policy says otherwise."""
    contacts = any(not _CONTACT.isdisjoint(step.channels) for step in ladder.steps)
    if not ladder.policy.law.contact_hours or not contacts:
        return
    outside = ", ".join(_outside(ladder.policy.window))
    if outside:
        report = ladder.error if ladder.is_consumer else ladder.warning
        text = (
            f"mail may leave {outside}: narrow 'send_window' to {OPENS:%H:%M}-{CLOSES:%H:%M} without Sundays and"
            " holidays, or state 'law: {contact_hours: off}' where no such rule binds"
        )
        yield report("contact_hours", None, text)


def hand_over_too_early(ladder: LintedLadder) -> Iterator[Finding]:
    for at, step in enumerate(ladder.steps):
        if step.channel is not Channel.HAND_OVER:
            continue
        if ladder.is_consumer:
            needed = ladder.letter or LegalStep.FORMAL_NOTICE
            if not ladder.is_warned(at, {needed}):
                text = (
                    f"comes before the term of a notice with 'legal: {needed}' has surely run out: follow that"
                    " notice by a step with 'anchor: receipt, after: 1d', and hand over there or later"
                )
                yield ladder.error("hand_over_too_early", step, text)
            continue
        for notice, granting in enumerate(ladder.steps[:at]):
            after = ladder.steps[notice + 1 : at + 1]
            waited = sum(whole_days(s.after) for s in after)
            counted = all(s.anchor is Anchor.PREVIOUS for s in after)
            if granting.term and counted and waited < whole_days(granting.term):
                text = f"comes within the {granting.term} that step '{granting.key}' grants: use 'anchor: receipt'"
                yield ladder.error("hand_over_too_early", step, text)


def hand_over_without_notice(ladder: LintedLadder) -> Iterator[Finding]:
    """Consumers have a stricter rule: `hand_over_too_early`."""
    for at, step in enumerate(ladder.steps):
        noticed = any(s.tone is Tone.FORMAL or s.legal for s in ladder.steps[:at])
        if step.channel is Channel.HAND_OVER and not ladder.is_consumer and not noticed:
            text = "no formal notice comes before it: many agencies and every court ask for one"
            yield ladder.warning("hand_over_without_notice", step, text)


def approval(ladder: LintedLadder) -> Iterator[Finding]:
    """Art. 22 GDPR: a decision of such weight is not taken by a machine alone."""
    for step in ladder.steps:
        free = not step.requires_approval or any((step.approval_above or {}).values())
        if step.channel is Channel.HAND_OVER and free:
            yield ladder.error(
                "approval", step, "a hand-over always waits for a person: 'requires_approval: true'"
            )


def _outside(window: SendWindow | None) -> Iterator[str]:
    """How a window reaches beyond the days and hours of contact."""
    if window is None:
        yield "at any hour of any day"
        return
    if window.opens < OPENS:
        yield f"from {window.opens:%H:%M}"
    if window.closes > CLOSES:
        yield f"until {window.closes:%H:%M}"
    if _SUNDAY in window.days:
        yield "on Sundays"
    if not window.skip_holidays:
        yield "on public holidays"
