"""How commands print: JSON for machines, tables for people, progress for whoever waits at a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from domain.money import Money

Cell = str | int | datetime | date | Money | None


class Advance(Protocol):
    def __call__(self, done: int) -> None: ...


def screen() -> Console:
    """Standard output; as wide as a line may be where it goes into a file or a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 240)


def show_json(value: object) -> None:
    print(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def warn(text: str) -> None:
    print(text, file=sys.stderr)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """A table of plain values; moments in the machine's zone."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(escape(said(cell)) for cell in row))
    return made


def said(value: Cell) -> str:
    """A value as people read it; None is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        seconds = ":%S" if value.second else ""
        return value.astimezone().strftime(f"%a %Y-%m-%d %H:%M{seconds}")
    return str(value)


@contextmanager
def progress(what: str, total: int | None, *, quiet: bool) -> Iterator[Advance]:
    """A bar on standard error that is told how much is done; nothing when nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda done: None  # noqa: ARG005
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | timedelta):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
