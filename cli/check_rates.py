"""`termijn rates check`: which rates are due, missing or weakly sourced."""

from __future__ import annotations

from datetime import UTC, date, datetime

import typer

from cli.output import screen, show_json, table
from domain.law.rates import RATE_TABLES, Cadence
from domain.law.rates.check import check_rates


def show_rate_check(*, as_json: bool = False) -> None:
    """Exit code 1 when a table has run out: nothing is computed from it for today."""
    today = datetime.now(UTC).date()
    warnings, out = check_rates(today), _run_out(today)
    if as_json:
        known = {name: found.known_until for name, found in RATE_TABLES.items()}
        show_json({"known_until": known, "run_out": out, "warnings": warnings})
    else:
        rows = [
            (found.name, found.first, found.known_until, "has run out" if found.name in out else "")
            for found in RATE_TABLES.values()
        ]
        screen().print(table(f"rates on {today}", ("table", "from", "known until", ""), rows))
        for warning in warnings:
            print(f"{warning.code}: {warning.message}")
    if out:
        raise typer.Exit(1)


def _run_out(today: date) -> list[str]:
    # A table that has only what sources were found for has gaps anyway; it limits a rate and yields none.
    complete = [found for found in RATE_TABLES.values() if found.cadence is not Cadence.KNOWN_HALF_YEARS]
    return [found.name for found in complete if found.known_until < today]
