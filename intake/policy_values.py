"""The values that the parts of a policy are made of: durations, amounts, yes and no, debtors."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from yaml.nodes import MappingNode, Node

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.money import CURRENCIES, Money
from domain.policy import Duration
from intake.marked_yaml import Fields, Problems, Read, Refusal, matching, one_of, shown, text

LONGEST_DAYS: Final = 3650


def duration(node: Node) -> Duration:
    """`7d`, `-3d`, `5wd` or `5s`."""
    value = text(node)
    match = re.fullmatch(r"(-?\d{1,6})(d|wd|s)", value, re.ASCII)
    if not match:
        raise Refusal(node, f"'{shown(value)}' is not a duration such as 7d, -3d, 5wd or 5s")
    amount = int(match[1])
    if match[2] == "s":
        return Duration(amount, "s")
    if abs(amount) > LONGEST_DAYS:
        raise Refusal(node, f"'{value}' is longer than {LONGEST_DAYS} days")
    return Duration(amount, "wd" if match[2] == "wd" else "d")


def grace(node: Node) -> Duration:
    """Calendar days or seconds, none negative: nothing here knows a country whose working days to count."""
    value = duration(node)
    if value.amount < 0:
        raise Refusal(node, f"'{value}' is negative")
    if value.unit == "wd":
        raise Refusal(node, f"'{value}' must be in calendar days such as 3d")
    return value


def days(least: int) -> Read[Duration]:
    """Reads calendar days, `least` or more."""

    def read(node: Node) -> Duration:
        value = duration(node)
        if value.unit != "d":
            raise Refusal(node, f"'{value}' must be in calendar days such as 3d")
        if value.amount < least:
            raise Refusal(node, f"'{value}' is less than {least}d")
        return value

    return read


def whole(least: int, most: int) -> Read[int]:
    """Reads a whole number between two bounds, both included."""

    def read(node: Node) -> int:
        value = text(node)
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not least <= int(value) <= most:
            raise Refusal(node, f"'{shown(value)}' is not a whole number from {least} to {most}")
        return int(value)

    return read


def amount(node: Node) -> Decimal:
    """Zero or more, at most two decimals."""
    value = text(node)
    try:
        read = Money.parse(value, "EUR").amount  # any will do: all currencies have two decimals
    except DomainError as error:
        raise Refusal(node, error.message) from None
    if read < 0:
        raise Refusal(node, f"'{value}' is negative")
    return read


def positive_amount(node: Node) -> Decimal:
    value = amount(node)
    if not value:
        raise Refusal(node, "must be more than zero")
    return value


def amounts(node: Node, *, problems: Problems) -> dict[str, Decimal]:
    """An amount for at least one currency."""
    if not isinstance(node, MappingNode) or not node.value:
        raise Refusal(node, 'amounts per currency expected, such as {EUR: "10.00"}')
    fields = Fields(node, problems, "amounts per currency")
    read = {currency: fields.optional(currency, amount, None) for currency in sorted(CURRENCIES)}
    fields.close()
    return {currency: value for currency, value in read.items() if value is not None}


flag = one_of({"true": True, "false": False})
debtor_kind = one_of({kind.value: kind for kind in DebtorKind})
policy_name = matching(r"[a-z0-9][a-z0-9-]{0,62}", "a name of small letters, digits and hyphens")
