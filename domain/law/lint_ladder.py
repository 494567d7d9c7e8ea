"""A ladder as one kind of debtor in one country meets it, and what is found wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from domain.facts import DebtorKind
from domain.law.country import as_consumer
from domain.law.legal_step import LETTER_BEFORE_COSTS, term_days
from domain.law.settings import LegalStep
from domain.policy import Anchor, Condition, Duration, Policy, Step

LONGEST_WAY: Final = 13
"""Days from sending to the first day of a term, and from its last day to the next working day, at the most."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a policy that the law forbids, or about which it makes one careful."""

    rule: str
    step: str | None
    """None: the policy as a whole."""
    message: str
    """What is wrong and what to do about it."""
    country: str
    kind: DebtorKind
    is_error: bool


@dataclass(frozen=True)
class LintedLadder:
    policy: Policy
    country: str
    kind: DebtorKind

    def error(self, rule: str, step: Step | None, message: str) -> Finding:
        return Finding(rule, step.key if step else None, message, self.country, self.kind, is_error=True)

    def warning(self, rule: str, step: Step | None, message: str) -> Finding:
        return replace(self.error(rule, step, message), is_error=False)

    @cached_property
    def is_consumer(self) -> bool:
        return as_consumer(self.kind)

    @cached_property
    def letter(self) -> LegalStep | None:
        """The letter that this debtor must have had before anything is charged."""
        return LETTER_BEFORE_COSTS.get(self.country) if self.is_consumer else None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps whose conditions let this debtor through, or may do so."""
        return tuple(step for step in self.policy.steps if self._is_reached_by(step.when))

    def charging(self) -> Iterator[tuple[int, Step]]:
        return ((at, step) for at, step in enumerate(self.steps) if step.charges)

    def legal(self, *kinds: LegalStep) -> Iterator[tuple[int, Step]]:
        """The steps with one of these legal effects; with any, if none is named."""
        return ((at, s) for at, s in enumerate(self.steps) if s.legal and s.legal in (kinds or LegalStep))

    def is_warned(self, at: int, notices: Collection[LegalStep]) -> bool:
        """Whether one of these notices has surely left and run out when step `at` leaves."""
        before = enumerate(self.steps[:at])
        return any(s.legal in notices and self._is_sure(s, at) and self.has_run_out(n, at) for n, s in before)

    def has_run_out(self, notice: int, at: int) -> bool:
        """Whether the term of a notice is surely over when step `at` leaves."""
        between = [step for step in self.steps[notice + 1 : at + 1] if self._is_sure(step, at)]
        if between and between[0] is self.steps[notice + 1] and between[0].anchor is Anchor.RECEIPT:
            return between[0].after.unit != "s" and between[0].after.amount >= 1
        waited = sum(whole_days(step.after) for step in between if step.anchor is Anchor.PREVIOUS)
        term = term_days(self.steps[notice]) + self.policy.law.safety_buffer_days
        return waited >= term + LONGEST_WAY

    def days_late(self, at: int) -> int | None:
        """Days after the due date on which step `at` leaves at the earliest; None: its ladder does not say."""
        late: int | None = None
        for step in self.steps[: at + 1]:
            if not self._is_sure(step, at):
                continue
            own = whole_days(step.after)
            if step.anchor is Anchor.DUE:
                late = own if late is None else max(late, own)
            elif step.anchor is not Anchor.ENROLLED and late is not None:
                late += own
        return late

    def _is_reached_by(self, when: Condition | None) -> bool:
        if when is None:
            return True
        in_country = when.countries is None or self.country in when.countries
        # Whoever is not known to be a business meets what is meant for consumers.
        kinds = {self.kind} if self.kind is not DebtorKind.UNKNOWN else {self.kind, DebtorKind.CONSUMER}
        return in_country and (when.kinds is None or not kinds.isdisjoint(when.kinds))

    def _is_sure(self, step: Step, at: int) -> bool:
        """Whether `step` is taken whenever step `at` is: it asks nothing, or the same."""
        when = step.when
        if when is None or when == self.steps[at].when:
            return True
        return replace(when, countries=None, kinds=None) == Condition()


def whole_days(duration: Duration) -> int:
    """Calendar days at the least; working days are no fewer."""
    return duration.amount // 86_400 if duration.unit == "s" else duration.amount
