"""The sample invoices, made to fit today and the policy whose steps are seconds apart."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

POLICY = "demo"


def portfolio(file: Path, today: date) -> bytes:
    """The file with policy `demo`, all dates moved by one span so that the last due date was yesterday."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    newest = max(date.fromisoformat(row["due_date"]) for row in rows)
    moved = today - timedelta(days=1) - newest
    for row in rows:
        for column in ("issue_date", "due_date"):
            row[column] = (date.fromisoformat(row[column]) + moved).isoformat()
        row["policy"] = POLICY
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode()
