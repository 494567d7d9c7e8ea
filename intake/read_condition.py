"""The key `when` of a step: of which cases it is a step at all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from yaml.nodes import MappingNode, Node

from domain.countries import country_code
from domain.policy import Condition
from intake.marked_yaml import Fields, Problems, Refusal, one_or_more, shown, text
from intake.policy_values import amounts, debtor_kind, flag

Amounts = Mapping[str, Decimal] | None


def condition(node: Node, *, problems: Problems) -> Condition:
    if isinstance(node, MappingNode) and not node.value:
        raise Refusal(node, "no condition named")
    fields = Fields(node, problems, "a condition")
    at_least, below = fields.optional("amount", partial(_bounds, problems=problems), (None, None))
    asked = Condition(
        amount_at_least=at_least,
        amount_below=below,
        kinds=fields.optional("kind", one_or_more(debtor_kind), None),
        countries=fields.optional("country", one_or_more(_country), None),
        segments=fields.optional("segment", one_or_more(text), None),
        tags=fields.optional("tags", one_or_more(text), None),
        behaviours=fields.optional("behaviour", one_or_more(text), None),
        mandate=fields.optional("mandate", flag, None),
    )
    fields.close()
    return asked


def _bounds(node: Node, *, problems: Problems) -> tuple[Amounts, Amounts]:
    if isinstance(node, MappingNode) and not node.value:
        raise Refusal(node, "neither 'at_least' nor 'below' named")
    fields = Fields(node, problems, "an amount")
    at_least = fields.optional("at_least", partial(amounts, problems=problems), None)
    below = fields.optional("below", partial(amounts, problems=problems), None)
    fields.close()
    for currency in (at_least or {}).keys() & (below or {}).keys():
        if at_least and below and at_least[currency] >= below[currency]:
            reason = f"no amount is at least {at_least[currency]} and below {below[currency]} {currency}"
            raise Refusal(node, reason)
    return at_least, below


def _country(node: Node) -> str:
    value = text(node)
    if (code := country_code(value)) is None:
        raise Refusal(node, f"'{shown(value)}' is not a country code such as NL")
    return code
