"""Days and hours on which mail may leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
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


def slot(window: SendWindow, debtor_id: str, invoice_id: str) -> time:
    """The debtor's own minute of the window, and the invoice's second in it.

    Invoices of one debtor wake together and debtors spread over the window. Its last tenth is free for mail
    that has to be sent again.
    """
    opens = window.opens.hour * 60 + window.opens.minute
    minutes = window.closes.hour * 60 + window.closes.minute - opens
    minute = opens + _hash(debtor_id) % max(1, minutes * 9 // 10)
    return time(minute // 60, minute % 60, _hash(invoice_id) % 60)


def _hash(text: str) -> int:
    return crc32(text.encode())


def sending_moment(
    earliest: datetime, now: datetime, window: SendWindow | None, zone: ZoneInfo, country: str, at: time
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


def _next_slot(earliest: datetime, window: SendWindow, zone: ZoneInfo, country: str, at: time) -> datetime:
    local = earliest.astimezone(zone)
    day, clock = local.date(), local.time()
    if clock >= window.opens:
        if clock < window.closes and is_sending_day(day, window, country):
            return max(earliest, _moment(day, at, zone))
        day += _DAY
    return _moment(_sending_day_from(day, window, country), at, zone)


@lru_cache(maxsize=16384)
def _sending_day_from(day: date, window: SendWindow, country: str) -> date:
    for _ in range(_LONGEST_CLOSURE):
        if is_sending_day(day, window, country):
            return day
        day += _DAY
    raise AssertionError("a send window without sending days passed validation")


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """In UTC, since Python compares moments of one zone by the clock on the wall."""
    if _is_of_24_hours(day, zone):
        return start_of_day(day, zone) + timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
    return datetime.combine(day, at, zone).astimezone(UTC)


@lru_cache(maxsize=16384)
def _is_of_24_hours(day: date, zone: ZoneInfo) -> bool:
    return start_of_day(day + _DAY, zone) - start_of_day(day, zone) == _DAY
