"""Days and hours on which mail may leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

import holidays

from domain.law.contact_hours import CLOSES, OPENS
from domain.law.legal_calendar import LegalCalendar
from domain.policy import Duration, SendWindow, start_of_day

_CONTACT_DAYS = frozenset(range(6))
"""All but Sunday."""

_DAY = timedelta(days=1)
_LONGEST_CLOSURE = 400
"""Days to look ahead; a window has at least one weekday, so a sending day is never this far away."""


@lru_cache(maxsize=4096)
def is_public_holiday(day: date, country: str) -> bool:
    """Whether `day` is a public holiday in the country (ISO 3166 alpha-2); False where none are known."""
    try:
        return day in _public_holidays(country)
    except NotImplementedError:
        return False


@lru_cache(maxsize=64)
def _public_holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


@lru_cache(maxsize=16384)
def is_sending_day(day: date, window: SendWindow, country: str) -> bool:
    if day.weekday() not in window.days:
        return False
    if window.skip_legal_holidays and LegalCalendar(country).is_legal_holiday(day, safe=True):
        return False
    return not (window.skip_holidays and is_public_holiday(day, country))


@lru_cache(maxsize=256)
def within_contact_hours(window: SendWindow | None) -> SendWindow:
    """The part of a window in which a debtor may be contacted; without one, every hour in which that is so."""
    if window is None:
        return SendWindow(_CONTACT_DAYS, OPENS, CLOSES, skip_holidays=True, skip_legal_holidays=True)
    opens, closes = max(window.opens, OPENS), min(window.closes, CLOSES)
    return SendWindow(
        days=window.days & _CONTACT_DAYS or _CONTACT_DAYS,
        opens=opens if opens < closes else OPENS,
        closes=closes if opens < closes else CLOSES,
        skip_holidays=True,
        skip_legal_holidays=True,
    )


def is_open(window: SendWindow | None, now: datetime, zone: ZoneInfo, country: str) -> bool:
    """Whether mail may leave at this moment."""
    if window is None:
        return True
    local = now.astimezone(zone)
    return window.opens <= local.time() < window.closes and is_sending_day(local.date(), window, country)


def moment_after(duration: Duration, moment: datetime, zone: ZoneInfo, country: str) -> datetime:
    """As `Duration.after`, with working days of the country: Monday to Friday but for public holidays."""
    if duration.unit != "wd":
        return duration.after(moment, zone)
    day, step = moment.astimezone(zone).date(), 1 if duration.amount >= 0 else -1
    left = abs(duration.amount)
    while left:
        day += timedelta(days=step)
        left -= day.weekday() < 5 and not is_public_holiday(day, country)
    return start_of_day(day, zone)


def slot(window: SendWindow, debtor_id: str, invoice_id: str) -> timedelta:
    """The debtor's own minute of the window, and the invoice's second in it, on the clock since 00:00.

    Invoices of one debtor wake together and debtors spread over the window. Its last tenth is free for mail
    that has to be sent again.
    """
    minute = window.opening_minute + crc32(debtor_id.encode()) % window.minutes_of_slots
    return timedelta(0, minute * 60 + crc32(invoice_id.encode()) % 60)


def sending_moment(
    earliest: datetime, now: datetime, window: SendWindow | None, zone: ZoneInfo, country: str, at: timedelta
) -> datetime:
    """When something due at `earliest` leaves, in UTC: on the first sending day in the debtor's slot `at`.

    If that has passed: unchanged while the window is open, as it may leave now; else the next day's slot.
    """
    if window is None:
        return earliest
    moment = _next_slot(earliest, window, zone, country, at)
    if moment >= now or is_open(window, now, zone, country):
        return moment
    return _next_slot(now, window, zone, country, at)


def _next_slot(
    earliest: datetime, window: SendWindow, zone: ZoneInfo, country: str, at: timedelta
) -> datetime:
    day = _sending_day_from(earliest, window, zone, country)
    moment = day.begins + at if day.has_24_hours else _by_the_clock(day.date, at, zone)
    return max(earliest, moment)


class _SendingDay(NamedTuple):
    date: date
    begins: datetime
    """In UTC, since Python compares moments of one zone by the clock on the wall."""
    has_24_hours: bool


@lru_cache(maxsize=65536)
def _sending_day_from(earliest: datetime, window: SendWindow, zone: ZoneInfo, country: str) -> _SendingDay:
    """The day of `earliest` unless its window has closed, or the next on which mail may leave."""
    local = earliest.astimezone(zone)
    day = local.date()
    if local.time() >= window.closes:
        day += _DAY
    for _ in range(_LONGEST_CLOSURE):
        if is_sending_day(day, window, country):
            begins = start_of_day(day, zone)
            return _SendingDay(day, begins, start_of_day(day + _DAY, zone) - begins == _DAY)
        day += _DAY
    raise AssertionError("a send window without sending days passed validation")


def _by_the_clock(day: date, at: timedelta, zone: ZoneInfo) -> datetime:
    return (datetime.combine(day, time(0)) + at).replace(tzinfo=zone).astimezone(UTC)
