"""What the law has against a step at this moment."""

from __future__ import annotations

from datetime import date

from domain.facts import Facts
from domain.law.legal_step import must_warn_first, sent_letter
from domain.law.lint import lint_for
from domain.policy import Channel, Policy, Step


def is_unlawful(step: Step, facts: Facts, policy: Policy) -> bool:
    """Whether this step may never be taken against this debtor as things are: a person must look.

    Either the policy is not for debtors like this one, or a charge or hand-over has no valid letter before it.
    """
    findings = lint_for(policy, facts.country, facts.debtor_kind)
    # Consent is asked for by the ladder itself; what the law says is about what follows it.
    if any(f.is_error and f.step == step.key and f.rule != "approval" for f in findings):
        return True
    needed = must_warn_first(facts) if _needs_letter(step) else None
    return needed is not None and sent_letter(facts, policy, needed) is None


def window_ends(step: Step, facts: Facts, policy: Policy) -> date | None:
    """First day on which a charge or hand-over is possible after the letter it needs; None: it needs none."""
    needed = must_warn_first(facts) if _needs_letter(step) else None
    letter = sent_letter(facts, policy, needed) if needed else None
    return letter.window.costs_from if letter else None


def _needs_letter(step: Step) -> bool:
    """Interest alone runs by law from default; everything else must be announced."""
    return step.charges.costs or step.charges.fee is not None or step.channel is Channel.HAND_OVER
