"""Legal steps as they were really sent: their windows, and what they make possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal

from domain.facts import DebtorKind, Facts, StepState, StepTaken
from domain.law.legal_calendar import LegalCalendar
from domain.law.settings import LegalStep
from domain.law.window import Window, window_in
from domain.policy import Channel, Policy, Step

USUAL_TERM: Final = 14
"""Days that a legal notice grants when its step names no term; also the least a consumer must get."""

LETTER_BEFORE_COSTS: Final = {"NL": LegalStep.NL_14_DAY_LETTER, "BE": LegalStep.BE_FIRST_REMINDER}
"""Per country: the letter that a consumer must have had before anything is charged."""

_BY: Final[dict[Channel, Literal["post", "email"]]] = {Channel.LETTER: "post"}


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A notice that starts a window, with the day it really left."""

    step: Step
    sent: date
    window: Window


def must_warn_first(facts: Facts) -> LegalStep | None:
    """The letter without whose window nothing may be charged to this debtor."""
    if facts.debtor_kind is DebtorKind.BUSINESS:
        return None
    return LETTER_BEFORE_COSTS.get(facts.country)


def is_belgian_consumer(facts: Facts) -> bool:
    """Whether Book XIX of the Code of Economic Law holds."""
    return must_warn_first(facts) is LegalStep.BE_FIRST_REMINDER


def term_days(step: Step) -> int:
    return step.term.amount if step.term else USUAL_TERM


def window_of(step: Step, sent_at: datetime, facts: Facts, policy: Policy, channel: Channel | None) -> Window:
    """The window of a notice that left, or would leave, at `sent_at`: with the buffer and extensions of the policy."""
    return _window(
        facts.country,
        _BY.get(channel or step.channel, "email"),
        sent_at.astimezone(policy.zone).date(),
        term_days(step),
        policy.law.safety_buffer_days,
    )


def sent_letter(facts: Facts, policy: Policy, kind: LegalStep) -> SentLetter | None:
    """The latest letter of this kind in the current cycle that really left after the claim was due."""
    found = None
    for step in policy.steps:
        taken = facts.taken(step.key) if step.legal is kind else None
        if taken is None or taken.state is not StepState.DONE:
            continue
        sent = taken.at.astimezone(policy.zone).date()
        if sent > facts.due:
            found = SentLetter(step, sent, window_of(step, taken.at, facts, policy, _channel(taken)))
    return found


def _channel(taken: StepTaken) -> Channel | None:
    return Channel(taken.channel) if taken.channel else None


@lru_cache(maxsize=4096)
def _window(country: str, channel: Literal["post", "email"], sent: date, days: int, buffer: int) -> Window:
    return window_in(LegalCalendar(country), channel, sent, days=days, buffer_days=buffer, safe=True)
