"""How much leaves on each day, as commands tell it."""

from __future__ import annotations

from collections.abc import Sequence

from cli.output import Cell, screen, table
from domain.policy import Channel
from domain.volume import DayVolume


def plain_volume(days: Sequence[DayVolume]) -> list[dict[str, object]]:
    """Every day with its date, total, how many need an approval, and the count of each channel that is used."""
    return [
        {"on": day.on, "total": day.total, "approvals": day.approvals}
        | {channel.value: day.by_channel[channel] for channel in Channel if day.by_channel[channel]}
        for day in days
    ]


def print_volume(title: str, days: Sequence[DayVolume]) -> None:
    """Only days on which something leaves, and channels that are used."""
    used = [channel for channel in Channel if any(day.by_channel[channel] for day in days)]
    if not used:
        print(f"{title}: nothing")
        return
    columns = ["on", *(channel.value.replace("_", " ") for channel in used), "total", "need an approval"]
    rows: list[list[Cell]] = [
        [
            f"{day.on:%a %Y-%m-%d}",
            *(day.by_channel[channel] or "" for channel in used),
            day.total,
            day.approvals or "",
        ]
        for day in days
        if day.total
    ]
    screen().print(table(title, columns, rows))
