"""A window for people: each day from sending to delivery, and whether it counts; then the days of the term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from cli.output import screen, table
from domain.law.country import supported_country
from domain.law.legal_calendar import LegalCalendar
from domain.law.settings import SAFETY_BUFFER_DAYS
from domain.law.window import Window

_DAY: Final = timedelta(days=1)
_TERM: Final = timedelta(days=13)
"""From the first to the last of 14 days."""
_NOT_COUNTED: Final = {"NL": {6: "Sunday", 0: "Monday"}, "BE": {5: "Saturday", 6: "Sunday"}}


def explain_window(window: Window, country: str, channel: str, sent: str, *, safe: bool) -> None:
    code = supported_country(country)
    rows = _rows(window, code, channel, date.fromisoformat(sent), safe=safe)
    screen().print(
        table(f"{code}, consumer", ("day", "", "why"), [(f"{d:%a %Y-%m-%d}", *rest) for d, *rest in rows])
    )


def _rows(
    window: Window, country: str, channel: str, sent: date, *, safe: bool
) -> Iterator[tuple[date, str, str]]:
    buffer = SAFETY_BUFFER_DAYS if safe else 0
    presumed = window.deemed_delivery - buffer * _DAY
    yield sent, "sent", f"by {channel}"
    delivery = "presumed delivery" if buffer else "deemed delivery"
    if channel == "email":
        yield presumed, delivery, "the day after sending" if presumed > sent else "the day of sending"
    else:
        counted = 0
        for number in range(1, (presumed - sent).days + 1):
            day = sent + number * _DAY
            reason = _not_counted(day, country, safe=safe)
            counted += not reason
            why = f"does not count: a {reason}" if reason else f"counts: day {counted}"
            yield day, delivery if day == presumed else "", why
    if buffer:
        yield window.deemed_delivery, "deemed delivery", f"{buffer} days of safety buffer later"
    yield window.first_day, "first day", "of 14"
    last = window.first_day + _TERM
    yield last, "last day" if last == window.last_day else "", "of 14"
    if window.last_day > last:
        yield window.last_day, "last day", "the first working day from then on"
    yield window.costs_from, "costs from", "the window is closed: costs may be claimed"


def _not_counted(day: date, country: str, *, safe: bool) -> str:
    """Why; empty for a day that counts."""
    if weekday := _NOT_COUNTED[country].get(day.weekday()):
        return weekday
    return "holiday" if LegalCalendar(country).is_legal_holiday(day, safe=safe) else ""
