"""The demo on the screen: a table that changes in a terminal, plain lines where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.demo.board import Board
from cli.demo.outcome import Difference, asked_so_far, in_words
from cli.output import said, table
from domain.policy import Policy
from store.overview import CaseSeen


class Show(Protocol):
    def __call__(self) -> None:
        """Show the board as it is now."""


@contextmanager
def on_screen(console: Console, board: Board, head: Sequence[str]) -> Iterator[Show]:
    """What is printed within is the board: changing in place, or line by line as the log grows."""
    if not console.is_terminal:
        for line in head:
            console.print(line, markup=False)

        def lines() -> None:
            for line in board.news():
                console.print(line, markup=False)

        yield lines
        lines()
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:

        def picture() -> None:
            room = console.height - len(head) - len(board.cases) - 4
            live.update(_picture(board, head, max(room, 0)), refresh=True)

        yield picture
        picture()


def _picture(board: Board, head: Sequence[str], lines: int) -> RenderableType:
    """The log gets what room the table leaves."""
    newest = board.log[-lines:] if lines else []
    log = Text("\n".join(newest), no_wrap=True, overflow="ellipsis", style="dim")
    return Group(Text("\n".join(head)), cases_now(board.cases), log)


def cases_now(cases: Mapping[str, CaseSeen]) -> Table:
    columns = ("invoice", "debtor", "open", "stage", "last step", "next step at", "why")
    made = table("", columns, [_row(case) for case in cases.values()])
    for column in made.columns:
        column.no_wrap, column.overflow = True, "ellipsis"
    return made


def _row(case: CaseSeen) -> tuple[str, ...]:
    last = next((s for s in reversed(case.steps) if s.state != "sending"), None)
    at = f"{case.next_at.astimezone():%H:%M:%S} {case.next_step or ''}" if case.next_at else ""
    steps = f"{last.step} {'' if last.state == 'done' else last.state}".strip() if last else ""
    return case.number, case.debtor, str(case.open), case.stage, steps, at, ", ".join(case.reasons)


def outcome_table(cases: Mapping[str, CaseSeen], policy: Policy) -> Table:
    rows = [
        (
            c.number,
            c.debtor,
            c.stage,
            str(c.open),
            in_words(asked_so_far(c, policy)),
            "yes" if c.did("hand-over") else "",
        )
        for c in cases.values()
    ]
    return table("where every case ended", ("invoice", "debtor", "stage", "open", "notices", "dossier"), rows)


def differences_table(found: Sequence[Difference]) -> Table:
    rows = [(d.where, d.what, d.expected, d.found) for d in found]
    return table(
        "not as it should be",
        ("where", "what", "expected", "found"),
        [[said(c) for c in row] for row in rows],
    )
