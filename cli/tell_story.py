"""A simulated story as people read it: by day, then where each case ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from cli.output import screen, table
from domain.move import Reason
from domain.simulate.story import Line, Story

_STORY = ("day", "at", "invoice", "what", "channel", "asked", "open", "why")
_ENDS = ("invoice", "stage", "open", "next", "at", "why")


def tell_story(story: Story, numbers: Mapping[str, str]) -> None:
    """`numbers` are those of the invoices, by the scenario's ids."""
    console = screen()
    console.print(table(f"what happens ({story.zone})", _STORY, _days(story, numbers)))
    console.print()
    console.print(table("where each case ends", _ENDS, _ends(story, numbers)))


def _days(story: Story, numbers: Mapping[str, str]) -> list[tuple[str, ...]]:
    """A row for each line; each day is named once."""
    together: dict[str, list[str]] = defaultdict(list)
    for line in story.lines:
        if line.notice:
            together[line.notice].append(line.invoice)
    rows: list[tuple[str, ...]] = []
    last_day = ""
    for line in story.lines:
        at = line.at.astimezone(story.zone)
        day = f"{at:%a %Y-%m-%d}"
        beside = [numbers[other] for other in together[line.notice or ""] if other != line.invoice]
        rows.append(
            (
                "" if day == last_day else day,
                f"{at:%H:%M}",
                numbers[line.invoice],
                _what(line),
                line.channel or "",
                "" if line.asked is None else str(line.asked),
                "" if line.open is None else str(line.open),
                _why(line, beside, story.zone),
            )
        )
        last_day = day
    return rows


def _what(line: Line) -> str:
    subject = line.stage or line.step or ""
    return f"{line.kind} {subject}".strip()


def _why(line: Line, beside: list[str], zone: ZoneInfo) -> str:
    parts = [_said(line.reasons, zone)]
    if line.planned_at and line.planned_at.astimezone(zone).date() != line.at.astimezone(zone).date():
        parts.append(f"was planned for {line.planned_at.astimezone(zone):%a %Y-%m-%d}")
    if beside:
        parts.append(f"together with {', '.join(beside[:3])}{_more(len(beside) - 3)}")
    return "; ".join(filter(None, parts))


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _ends(story: Story, numbers: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            numbers[invoice],
            case.stage,
            str(case.open),
            case.next_step or "",
            _moment(case.next_at, story.zone) if case.next_at else "",
            _said(case.reasons, story.zone),
        )
        for invoice, case in story.cases.items()
    ]


def _said(reasons: Iterable[Reason], zone: ZoneInfo) -> str:
    return ", ".join(
        f"{reason.code} until {_moment(reason.until, zone)}" if reason.until else reason.code.value
        for reason in reasons
    )


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    """The hour only where it says something."""
    return moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M").removesuffix(" 00:00")
