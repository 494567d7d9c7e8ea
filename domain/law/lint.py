"""Holds a policy against the law of those it is for. An error refuses the policy; a warning is only shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Final

from domain.countries import country_code
from domain.facts import DebtorKind
from domain.law import lint_charges, lint_contact, lint_notices
from domain.law.country import SUPPORTED
from domain.law.lint_ladder import Finding, LintedLadder
from domain.policy import Audience, Policy

__all__ = ["RULES", "Finding", "lint_for", "lint_policy"]

RULES: Final[tuple[Callable[[LintedLadder], Iterator[Finding]], ...]] = (
    lint_notices.legal_step_of_another_country,
    lint_notices.before_default,
    lint_notices.term_too_short,
    lint_notices.not_written,
    lint_notices.receipt_without_window,
    lint_charges.nl_letter_charges,
    lint_charges.nl_charges_before_letter,
    lint_charges.nl_fee,
    lint_charges.be_first_reminder_charges,
    lint_charges.be_no_clause,
    lint_charges.be_fee,
    lint_charges.costs_above_cap,
    lint_charges.consumer_costs,
    lint_charges.charge_before_default,
    lint_charges.no_law_for_country,
    lint_charges.vat_not_applicable,
    lint_contact.hand_over_too_early,
    lint_contact.hand_over_without_notice,
    lint_contact.approval,
    lint_contact.contact_hours,
)


def lint_policy(policy: Policy) -> tuple[Finding, ...]:
    """For everyone the policy is for, errors first. One finding per rule and step; its message says for whom."""
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for country, kind in _everyone(policy.audience):
        for finding in lint_for(policy, country, kind):
            groups.setdefault((finding.rule, finding.step), []).append(finding)
    return tuple(sorted((_merged(group) for group in groups.values()), key=lambda found: not found.is_error))


@lru_cache(maxsize=1024)
def lint_for(policy: Policy, country: str, kind: DebtorKind) -> tuple[Finding, ...]:
    """For one debtor, whether the policy is meant for them or not. A debtor of unknown kind is a consumer."""
    ladder = LintedLadder(policy, country_code(country) or country, kind)
    return tuple(finding for rule in RULES for finding in rule(ladder))


def _everyone(audience: Audience) -> Iterator[tuple[str, DebtorKind]]:
    countries = SUPPORTED if audience.countries is None else sorted(audience.countries)
    kinds = frozenset(DebtorKind) if audience.kinds is None else audience.kinds
    if DebtorKind.CONSUMER in kinds:
        kinds |= {DebtorKind.UNKNOWN}
    return product(countries, (kind for kind in DebtorKind if kind in kinds))


def _merged(group: list[Finding]) -> Finding:
    """The first of the gravest, with all whom they are about."""
    gravest = [finding for finding in group if finding.is_error] or group
    countries = ", ".join(dict.fromkeys(finding.country for finding in gravest))
    kinds = ", ".join(dict.fromkeys(finding.kind.value for finding in gravest))
    return replace(gravest[0], message=f"{gravest[0].message} ({countries}; {kinds})")
