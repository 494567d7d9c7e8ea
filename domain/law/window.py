"""From the sending of a notice to the first day on which its costs may be claimed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.country import supported_country
from domain.law.legal_calendar import KNOWN_YEARS, LegalCalendar

_DAY: Final = timedelta(days=1)
_NO_POST: Final = frozenset({6, 0})
"""Dutch mail is delivered neither on Sundays nor on Mondays."""

EMAIL_DAYS: Final = 1
"""An e-mail counts as received on the day after sending; no rule says so, later is safe (not in Belgium)."""
POST_WORKING_DAYS: Final = 3
"""Belgium: Book XIX CEL. Germany, France and the United Kingdom: unverified, long enough to be safe."""


@dataclass(frozen=True, slots=True)
class Window:
    """The term a notice grants: `first_day` to `last_day`, both inclusive."""

    deemed_delivery: date
    first_day: date
    last_day: date
    costs_from: date


def legal_window(
    country: str,
    kind: DebtorKind,  # noqa: ARG001 -- decides whether a window is needed at all, not how it is counted
    channel: Literal["post", "email"],
    sent: date,
    *,
    days: int = 14,
    buffer_days: int = 0,
    safe: bool = False,
) -> Window:
    """The window of a notice that grants `days` from receipt; by default the 14-day letter or first reminder.

    `buffer_days` are calendar days by which delivery is taken to be later. `safe` also counts contested
    holidays and moves a last day on a Saturday, Sunday or holiday to the next working day.
    """
    calendar = LegalCalendar(supported_country(country))
    return window_in(calendar, channel, sent, days=days, buffer_days=buffer_days, safe=safe)


def window_in(
    calendar: LegalCalendar, channel: str, sent: date, *, days: int, buffer_days: int = 0, safe: bool = False
) -> Window:
    """`legal_window` by a given calendar."""
    for field, value, least in (("days", days, 1), ("buffer_days", buffer_days, 0)):
        if value < least:
            raise DomainError(
                "term_too_short", f"{field} is {value}; at least {least}", field=field, value=value
            )
    if sent.year not in KNOWN_YEARS:
        raise DomainError(
            "day_out_of_range",
            f"{sent} is outside {KNOWN_YEARS[0]} to {KNOWN_YEARS[-1]}, the years whose holidays are known",
            field="sent",
            value=str(sent),
        )
    if channel == "post":
        delivery, first_day = _by_post(calendar, sent, safe=safe)
    elif channel == "email":
        delivery = sent if calendar.country == "BE" else sent + EMAIL_DAYS * _DAY
        first_day = delivery + _DAY
    else:
        raise DomainError(
            "unknown_channel", f"unknown channel {channel!r}; post or email", field="channel", value=channel
        )
    first_day += buffer_days * _DAY
    last_day = first_day + (days - 1) * _DAY
    if safe:
        last_day = calendar.working_day_from(last_day, safe=True)
    return Window(delivery + buffer_days * _DAY, first_day, last_day, last_day + _DAY)


def _by_post(calendar: LegalCalendar, sent: date, *, safe: bool) -> tuple[date, date]:
    """When a letter counts as delivered, and the first day of the term."""
    if calendar.country == "NL":
        delivery = _second_delivery_day(calendar, sent, safe=safe)
        return delivery, delivery + _DAY
    delivery = calendar.working_days_after(sent, POST_WORKING_DAYS, safe=safe)
    return delivery, delivery if calendar.country == "BE" else delivery + _DAY


def _second_delivery_day(calendar: LegalCalendar, sent: date, *, safe: bool) -> date:
    """HR 25 November 2016, ECLI:NL:HR:2016:2704: the second day, not counting Sundays, Mondays and holidays."""
    day, left = sent, 2
    while left:
        day += _DAY
        left -= day.weekday() not in _NO_POST and not calendar.is_legal_holiday(day, safe=safe)
    return day
