"""`termijn import invoices`: store what is good, name what is not, and start the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.reconcile import start_cases
from cli.errors import CommandError
from cli.output import Advance, progress, screen, show_json, table, warn
from cli.session import configuration, known_policies, open_engine, reach_temporal, run
from domain.policy import Policy
from intake.amounts import Locale
from intake.read_invoices_csv import (
    InvalidInvoiceFile,
    InvoiceFile,
    ReadRow,
    RowProblem,
    read_invoices_csv,
)
from store.add_invoices import AddedInvoice, Verdict, add_invoices
from worker.temporal_config import Configuration

AT_ONCE = 500
"""Invoices in one transaction."""

Outcomes = list[tuple[ReadRow, AddedInvoice]]


class _Refused(Exception):  # noqa: N818 - rolls a strict import back
    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__()
        self.outcomes = outcomes


def import_invoices(file: Path, *, locale: Locale, strict: bool, as_json: bool = False) -> None:
    """Exit code 1 if a row was refused or differs from what is known."""
    config = configuration("database_url")
    read = read_file(file, locale, config.settings.import_max_bytes)
    outcomes: Outcomes = []
    undone = strict and bool(read.problems)
    if not undone:
        with progress("stored", len(read.rows), quiet=as_json) as advance:
            try:
                outcomes = run(_store(config, read.rows, advance, strict=strict))
            except _Refused as refused_rows:
                outcomes, undone = refused_rows.outcomes, True
    started, warning = 0, None
    if not undone and any(added.verdict is Verdict.ADDED for _, added in outcomes):
        with progress("cases started", None, quiet=as_json) as advance:
            started, warning = run(start_added(config, advance))
    _report(file, read.problems, outcomes, undone=undone, started=started, warning=warning, as_json=as_json)


def read_file(file: Path, locale: Locale, largest: int) -> InvoiceFile:
    """Raises CommandError for a file that cannot be read as a whole, or has more bytes than `largest`."""
    if file.stat().st_size > largest:
        raise CommandError(f"{file}: larger than IMPORT_MAX_BYTES ({largest}); split it")
    try:
        return read_invoices_csv(file.read_bytes(), today=datetime.now(UTC).date(), locale=locale)
    except InvalidInvoiceFile as refused:
        raise CommandError("\n".join(_placed(file, problem) for problem in refused.problems)) from None


async def _store(
    config: Configuration, rows: Sequence[ReadRow], advance: Advance, *, strict: bool
) -> Outcomes:
    """A transaction for each few hundred, or one for all where a single bad row undoes them."""
    async with open_engine(config.settings) as engine:
        policies = await known_policies(engine)
        outcomes: Outcomes = []
        for chunk in [rows] if strict else chunks(rows):
            outcomes += await _store_at_once(engine, chunk, policies, advance, len(outcomes), strict=strict)
        return outcomes


async def _store_at_once(
    engine: AsyncEngine,
    rows: Sequence[ReadRow],
    policies: Mapping[str, Policy],
    advance: Advance,
    done: int,
    *,
    strict: bool,
) -> Outcomes:
    outcomes: Outcomes = []
    async with engine.begin() as tx:
        for chunk in chunks(rows):
            added = await add_invoices(tx, [row.invoice for row in chunk], policies, datetime.now(UTC))
            outcomes += zip(chunk, added, strict=True)
            advance(done + len(outcomes))
        if strict and any(added.verdict in (Verdict.REFUSED, Verdict.DIFFERS) for _, added in outcomes):
            raise _Refused(outcomes)
    return outcomes


def chunks(rows: Sequence[ReadRow]) -> Iterator[Sequence[ReadRow]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


async def start_added(config: Configuration, advance: Advance) -> tuple[int, str | None]:
    """How many cases were started, and why others could not be; what is stored is never lost."""
    async with open_engine(config.settings) as engine:
        try:
            client = await reach_temporal(config)
        except CommandError as away:
            return 0, str(away)
        return len(await start_cases(engine, client, config.settings.task_queue, advance)), None


def count_verdicts(problems: Sequence[RowProblem], outcomes: Outcomes) -> dict[Verdict, int]:
    counts = {verdict: sum(added.verdict is verdict for _, added in outcomes) for verdict in Verdict}
    counts[Verdict.REFUSED] += len({problem.line for problem in problems})
    return counts


def problems_in_order(problems: Sequence[RowProblem], outcomes: Outcomes) -> list[tuple[int, str, str]]:
    """(line, column, reason)"""
    told = [(p.line, p.column, p.reason) for p in problems]
    told += [(row.line, field, reason) for row, added in outcomes for field, reason in added.problems]
    return sorted(told, key=lambda problem: problem[0])


def warn_of_problems(file: Path, told: Sequence[tuple[int, str, str]]) -> None:
    for line, column, reason in told:
        warn(f"{file}:{line}: {f'{column}: ' if column else ''}{reason}")


def _report(
    file: Path,
    problems: Sequence[RowProblem],
    outcomes: Outcomes,
    *,
    undone: bool,
    started: int,
    warning: str | None,
    as_json: bool,
) -> None:
    counts = count_verdicts(problems, outcomes)
    told = problems_in_order(problems, outcomes)
    stored = 0 if undone else counts[Verdict.ADDED]
    if undone:
        counts[Verdict.ADDED] = 0
    if as_json:
        show_json(
            {"file": str(file), "stored": stored, "cases_started": started, "warning": warning}
            | {verdict.value: count for verdict, count in counts.items()}
            | {
                "problems": [
                    {"line": line, "column": column, "reason": reason} for line, column, reason in told
                ]
            }
        )
    else:
        warn_of_problems(file, told)
        screen().print(table(str(file), [v.value for v in Verdict], [[counts[v] for v in Verdict]]))
        if undone:
            warn("nothing was stored (--strict): mend the rows above and import the file again")
        elif warning:
            later = "the worker or `termijn reconcile` starts their cases"
            warn(f"{warning}\n{stored} invoices are stored; {later}")
        else:
            print(f"cases started: {started}")
    if counts[Verdict.REFUSED] or counts[Verdict.DIFFERS]:
        raise typer.Exit(1)


def _placed(file: Path, problem: RowProblem) -> str:
    return f"{file}:{problem.line}: {f'{problem.column}: ' if problem.column else ''}{problem.reason}"
