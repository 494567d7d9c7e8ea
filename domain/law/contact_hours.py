"""When a debtor may be contacted electronically, in person or by telephone; paper mail is free.

Art. 4.2 Besluit kwaliteit incassodienstverlening, which binds Dutch agencies; Termijn keeps it for everyone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.law.legal_calendar import LegalCalendar

OPENS: Final = time(7)
CLOSES: Final = time(20)
_SUNDAY: Final = 6


def may_contact(moment: datetime, zone: ZoneInfo, country: str) -> bool:
    """From 07:00 until before 20:00 in `zone`, but not on Sundays and holidays, days of decrees included."""
    local = moment.astimezone(zone)
    return OPENS <= local.time() < CLOSES and _is_contact_day(local.date(), country)


def next_contact_moment(moment: datetime, zone: ZoneInfo, country: str) -> datetime:
    """The first moment from `moment` on at which contact is allowed, in UTC."""
    if may_contact(moment, zone, country):
        return moment.astimezone(UTC)
    local = moment.astimezone(zone)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while not _is_contact_day(day, country):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, zone).astimezone(UTC)


def _is_contact_day(day: date, country: str) -> bool:
    return day.weekday() != _SUNDAY and not LegalCalendar(country).is_legal_holiday(day, safe=True)
