"""`termijn enrol`: invoices that are already late come in, and are contacted so many a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from cli.errors import CommandError
from cli.import_invoices import (
    Outcomes,
    chunks,
    count_verdicts,
    problems_in_order,
    read_file,
    start_added,
    warn_of_problems,
)
from cli.output import Advance, Cell, progress, screen, show_json, table, warn
from cli.session import configuration, known_policies, open_engine, run
from cli.show_volume import plain_volume, print_volume
from cli.stored_cases import StoredCases
from domain.entry import Entry, entries_of
from domain.policy import Policy
from domain.spread import Entered, first_contacts, spread
from domain.volume import DayVolume, day_of, volume
from intake.amounts import Locale
from intake.read_invoices_csv import InvoiceFile, ReadRow
from store.add_invoices import Verdict, add_invoices
from store.hold_new_cases import HeldCase, hold_new_cases, planned_days
from store.open_cases_of import debtors_of
from worker.temporal_config import Configuration

ACTOR: Final = "enrol"
REASON: Final = "spread over days"
_SHOWN: Final = 100
"""Invoices that are printed; JSON lists all."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What becomes of a file."""

    outcomes: Outcomes
    entries: Mapping[str, Entry]
    """By id of the invoices that are new."""
    first_contacts: Mapping[date, int]
    volume: Sequence[DayVolume]


def enrol(
    file: Path, *, locale: Locale, per_day: int | None, policy: str, preview: bool, as_json: bool = False
) -> None:
    """Exit code 1 if a row was refused or differs from what is known."""
    config = configuration("database_url")
    read = read_file(file, locale, config.settings.import_max_bytes)
    with progress("planned", len(read.rows), quiet=as_json) as advance:
        done = run(_enrol(config, read.rows, per_day, policy, advance, preview=preview))
    started, warning = 0, None
    if done.entries and not preview:
        with progress("cases started", None, quiet=as_json) as advance:
            started, warning = run(start_added(config, advance))
    counts = count_verdicts(read.problems, done.outcomes)
    if as_json:
        told = {"preview": preview, "per_day": per_day, "cases_started": started, "warning": warning}
        show_json({"file": str(file)} | told | _plain(read, done))
    else:
        _print(file, read, done, preview=preview)
        if warning:
            warn(f"{warning}\nthe worker or `termijn reconcile` starts the cases")
        elif not preview:
            print(f"cases started: {started}; `termijn doctor` tells whether all is as planned")
    if counts[Verdict.REFUSED] or counts[Verdict.DIFFERS]:
        raise typer.Exit(1)


async def _enrol(
    config: Configuration,
    rows: Sequence[ReadRow],
    per_day: int | None,
    policy: str,
    advance: Advance,
    *,
    preview: bool,
) -> Enrolment:
    """All in one transaction, so that nothing leaves before its hold is there. A preview is rolled back."""
    async with open_engine(config.settings) as engine:
        policies = await known_policies(engine)
        if policy and policy not in policies:
            raise CommandError(f"no policy {policy!r}: known are {', '.join(sorted(policies))}")
        async with engine.connect() as connection, connection.begin() as tx:
            done = await _plan(connection, [_under(row, policy) for row in rows], policies, per_day, advance)
            if preview:
                await tx.rollback()
            return done


def _under(row: ReadRow, policy: str) -> ReadRow:
    """An invoice that names its own policy keeps it."""
    return replace(row, invoice=replace(row.invoice, policy=row.invoice.policy or policy or None))


async def _plan(
    connection: AsyncConnection,
    rows: Sequence[ReadRow],
    policies: Mapping[str, Policy],
    per_day: int | None,
    advance: Advance,
) -> Enrolment:
    now = datetime.now(UTC)
    taken = await planned_days(connection, ACTOR, now)
    outcomes: Outcomes = []
    for chunk in chunks(rows):
        added = await add_invoices(connection, [row.invoice for row in chunk], policies, now)
        outcomes += zip(chunk, added, strict=True)
    new = [added.id for _, added in outcomes if added.verdict is Verdict.ADDED and added.id]
    cases = await StoredCases(connection).of(await debtors_of(connection, new))
    entered = spread(cases, set(new), now, per_day, taken, advance)
    await hold_new_cases(connection, held_cases(entered), now, actor=ACTOR, reason=REASON)
    entries = {id_: entry for one in entered.values() for id_, entry in entries_of(one, now).items()}
    firsts = Counter(day_of(d) for one in entered.values() for d in first_contacts(one.departures, set(new)))
    zone = next((entry.policy.zone for entry in entries.values()), UTC)
    leaving = (departure for one in entered.values() for departure in one.departures)
    return Enrolment(
        outcomes,
        {id_: entries[id_] for id_ in new},
        dict(sorted(firsts.items())),
        volume(leaving, now.astimezone(zone).date()),
    )


def held_cases(entered: Mapping[str, Entered]) -> list[HeldCase]:
    return [
        HeldCase(case, case.facts.holds[-1], one.held[case.facts.invoice_id])
        for one in entered.values()
        for case in one.cases
        if case.facts.invoice_id in one.held
    ]


def _plain(read: InvoiceFile, done: Enrolment) -> dict[str, object]:
    told = problems_in_order(read.problems, done.outcomes)
    return {verdict.value: n for verdict, n in count_verdicts(read.problems, done.outcomes).items()} | {
        "invoices": [
            {
                "number": row.invoice.number,
                "debtor": row.invoice.debtor.reference,
                "due": entry.facts.due,
                "open": entry.facts.open,
                "policy": entry.policy.reference,
                "stage": entry.stage,
                "step": entry.step,
                "channel": entry.channel,
                "at": entry.at.astimezone(entry.policy.zone) if entry.at else None,
                "needs_approval": entry.needs_approval,
                "held_until": entry.held_until,
                "reasons": [{"code": r.code, "until": r.until} for r in entry.reasons],
            }
            for row, added in done.outcomes
            if added.id and (entry := done.entries.get(added.id))
        ],
        "first_contacts": [{"on": day, "count": n} for day, n in done.first_contacts.items()],
        "volume": plain_volume(done.volume),
        "problems": [{"line": line, "column": column, "reason": reason} for line, column, reason in told],
    }


def _print(file: Path, read: InvoiceFile, done: Enrolment, *, preview: bool) -> None:
    warn_of_problems(file, problems_in_order(read.problems, done.outcomes))
    console = screen()
    rows: list[tuple[Cell, ...]] = [
        (
            row.invoice.number,
            row.invoice.debtor.reference,
            entry.facts.due,
            entry.step or "nothing yet",
            entry.at,
            entry.channel.value if entry.channel else "",
            "yes" if entry.needs_approval else "",
            entry.held_until,
        )
        for row, added in done.outcomes
        if added.id and (entry := done.entries.get(added.id))
    ]
    if rows:
        columns = ("invoice", "debtor", "due", "enters at", "leaves", "channel", "to approve", "held until")
        console.print(table("how each invoice enters", columns, rows[:_SHOWN]))
        if len(rows) > _SHOWN:
            print(f"... and {len(rows) - _SHOWN} more: --json lists all")
        days = [(f"{day:%a %Y-%m-%d}", count) for day, count in done.first_contacts.items()]
        console.print(table("first contacts", ("on", "debtors"), days))
        print_volume("all that leaves to these debtors in two weeks", done.volume)
    counts = count_verdicts(read.problems, done.outcomes)
    console.print(table(str(file), [v.value for v in Verdict], [[counts[v] for v in Verdict]]))
    if preview:
        print("a preview: nothing was stored")
