"""Holds as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from cli.output import Cell, table

Row = Mapping[str, Any]


def holds_table(rows: Sequence[Row]) -> Table:
    """As `list_holds` gives them: what each is on, until when, why and by whom."""
    columns = ("placed", "on", "until", "lifted", "by", "reason", "hold")
    return table("holds", columns, [_cells(row) for row in rows])


def _cells(row: Row) -> tuple[Cell, ...]:
    held = row["invoice"] or row["debtor"] or row["creditor"]
    on = f"term {row['term']} of {held}" if row["term"] else f"{row['scope']} {held}"
    return row["placed_at"], on, row["until"], row["lifted_at"], row["actor"], row["reason"], row["hold_id"]
