"""The values that scenarios are made of: days, moments, money, and ids that must be known."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from yaml.nodes import Node

from domain.money import CURRENCIES, Money
from domain.policy import start_of_day
from intake.marked_yaml import Read, Refusal, one_of, shown, text
from intake.policy_values import positive_amount

HOUR_OF_DAY: Final = time(8)
"""When something happens of which only the date is told."""
_YEARS: Final = range(1900, 2200)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)

currency = one_of({code: code for code in sorted(CURRENCIES)})


def day(node: Node) -> date:
    value = text(node)
    if not _DAY.fullmatch(value):
        raise Refusal(node, f"'{shown(value)}' is not a date such as 2026-01-31")
    try:
        read = date.fromisoformat(value)
    except ValueError:
        raise Refusal(node, f"'{value}' is not a date that exists") from None
    if read.year not in _YEARS:
        raise Refusal(node, f"'{value}' is not between {_YEARS[0]} and {_YEARS[-1]}")
    return read


def day_or_moment(zone: ZoneInfo) -> Read[date | datetime]:
    """Reads a date, or a moment (given in UTC); one without an offset is by the clock of `zone`."""

    def read(node: Node) -> date | datetime:
        value = text(node)
        if not _MOMENT.fullmatch(value):
            return day(node)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Refusal(node, f"'{value}' is not a moment that exists") from None
        if moment.year not in _YEARS:
            raise Refusal(node, f"'{value}' is not between {_YEARS[0]} and {_YEARS[-1]}")
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    return read


def moment(zone: ZoneInfo) -> Read[datetime]:
    """Reads when something happens: a date without an hour means 08:00."""

    def read(node: Node) -> datetime:
        when = day_or_moment(zone)(node)
        return when if isinstance(when, datetime) else morning(when, zone)

    return read


def end(zone: ZoneInfo) -> Read[datetime]:
    """Reads the first moment after something: a date means 00:00 of it."""

    def read(node: Node) -> datetime:
        when = day_or_moment(zone)(node)
        return when if isinstance(when, datetime) else start_of_day(when, zone)

    return read


def last_moment(zone: ZoneInfo) -> Read[datetime]:
    """Reads the first moment after something that lasts to the end of the day named."""

    def read(node: Node) -> datetime:
        when = day_or_moment(zone)(node)
        return when if isinstance(when, datetime) else start_of_day(when + timedelta(days=1), zone)

    return read


def morning(on: date, zone: ZoneInfo) -> datetime:
    """In UTC."""
    return datetime.combine(on, HOUR_OF_DAY, zone).astimezone(UTC)


def money(code: str) -> Read[Money]:
    """Reads a positive amount in a currency."""
    return lambda node: Money(positive_amount(node), code)


def known(what: str, ids: Container[str]) -> Read[str]:
    """Reads one of the ids."""

    def read(node: Node) -> str:
        value = text(node)
        if value not in ids:
            raise Refusal(node, f"there is no {what} '{shown(value)}'")
        return value

    return read
