"""What a policy says about the law: the settings of `law`, and whom it is for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from yaml.nodes import Node

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.country import supported_country
from domain.law.settings import ClaimType, CreditorSize, DayCount, LawSettings
from domain.policy import Audience, Duration
from intake.marked_yaml import Fields, Problems, Refusal, matching, nullable, one_of, one_or_more, text
from intake.policy_values import days, debtor_kind, flag

_DEFAULTS: Final = LawSettings()


def law_settings(node: Node, *, problems: Problems) -> LawSettings:
    fields = Fields(node, problems, "the law")
    settings = LawSettings(
        creditor_size=fields.optional(
            "creditor_size", one_of({size.value: size for size in CreditorSize}), _DEFAULTS.creditor_size
        ),
        costs_clause=fields.optional("costs_clause", flag, _DEFAULTS.costs_clause),
        contractual_rate=fields.optional("contractual_rate", nullable(_percent), None),
        day_count=fields.optional(
            "day_count", one_of({count.value: count for count in DayCount}), _DEFAULTS.day_count
        ),
        vat_on_costs=fields.optional("vat_on_costs", flag, _DEFAULTS.vat_on_costs),
        safety_buffer_days=fields.optional(
            "safety_buffer", days(0), Duration(_DEFAULTS.safety_buffer_days, "d")
        ).amount,
        claim_type=fields.optional(
            "claim_type", one_of({kind.value: kind for kind in ClaimType}), _DEFAULTS.claim_type
        ),
        recurring=fields.optional("recurring", flag, _DEFAULTS.recurring),
        contact_hours=fields.optional(
            "contact_hours", one_of({"on": True, "off": False}), _DEFAULTS.contact_hours
        ),
    )
    fields.close()
    return settings


def audience(node: Node, *, problems: Problems) -> Audience:
    fields = Fields(node, problems, "an audience")
    told = Audience(
        countries=fields.optional("countries", one_or_more(_country), None),
        kinds=fields.optional("kinds", one_or_more(debtor_kind), None),
    )
    fields.close()
    return told


def audience_of(name: str) -> Audience:
    """Whom a policy is for by its name: `nl-business`, `be-consumer`, `uk-late`; any other name is for everyone."""
    country, hyphen, _ = name.partition("-")
    try:
        countries = frozenset({supported_country(country)}) if hyphen else None
    except DomainError:
        countries = None
    kind = re.search(r"-(consumer|business)$", name)
    return Audience(countries, frozenset({DebtorKind(kind[1])}) if kind else None)


def _percent(node: Node) -> Decimal:
    value = Decimal(matching(r"\d{1,3}(\.\d{1,4})?", "a percentage a year such as 12.5")(node))
    if value > 100:
        raise Refusal(node, f"'{value}' is more than 100 percent a year")
    return value


def _country(node: Node) -> str:
    try:
        return supported_country(text(node))
    except DomainError as error:
        raise Refusal(node, error.message) from None
