"""`termijn simulate --portfolio`: what a policy would have sent, week by week, to all who owe."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import typer

from cli.errors import CommandError
from cli.output import progress, screen, show_json, table, warn
from cli.simulate import policy_file
from domain.errors import DomainError
from domain.law.form import parse_day
from domain.policy import Policy, start_of_day
from domain.simulate.portfolio import Customer, Tally, Week, simulate_portfolio
from intake.amounts import Locale
from intake.find_policies import read_policy_file
from intake.marked_yaml import InvalidFile
from intake.read_portfolio import read_portfolio

_REFUSED: Final = 2
_YEAR: Final = timedelta(days=365)
_AT_ONCE: Final = 200
"""Customers in one piece of work."""
_OPTIONS: Final = ("--from", "--until")
_COLUMNS: Final = ("week from", "notices", "on paper", "calls", "approvals", "hand-overs", "asked")
_SAID_OF_APPROVALS: Final = {
    "given": "approvals are taken as given at once; --no-approve leaves them pending",
    "pending": "approvals are left pending; where they are given, the ladder goes on",
}

Span = tuple[datetime, datetime]
"""The first moment, and the first one after the end."""


def show_portfolio(
    invoices: Path,
    *,
    payments: Path | None,
    policy: str,
    span: tuple[str, str],
    locale: Locale,
    approves: bool,
    as_json: bool,
) -> None:
    """`span`: first and last day, each may be empty. `approves`: whatever needs approval has it at once.
    Exit code 2 when a file is refused."""
    try:
        rules = read_policy_file(policy_file(policy))
        start, end = (
            parse_day(text, option) if text else None for text, option in zip(span, _OPTIONS, strict=True)
        )
        customers = read_portfolio(
            invoices, payments, today=end or datetime.now(rules.zone).date(), locale=locale
        )
    except InvalidFile as refused:
        warn(refused.message)
        raise typer.Exit(_REFUSED) from None
    except DomainError as refused:
        raise CommandError(f"{refused.values.get('field')}: {refused.message}") from None
    if not customers:
        raise CommandError(f"{invoices}: there are no invoices in it")
    start = start or min(invoice.issued for customer in customers for invoice in customer.invoices)
    end = end or start + _YEAR - timedelta(days=1)
    if end < start:
        raise CommandError(f"--until: {end} is before {start}")
    moments = (start_of_day(start, rules.zone), start_of_day(end + timedelta(days=1), rules.zone))
    tally = _on_all_cores(customers, rules, moments, approves=approves, quiet=as_json)
    approvals = "given" if approves else "pending"
    if as_json:
        show_json({"approvals": approvals} | plain_tally(tally, rules, start, end))
    else:
        _tell(tally, rules, start, end)
        screen().print(_SAID_OF_APPROVALS[approvals])


def _on_all_cores(
    customers: Sequence[Customer], policy: Policy, span: Span, *, approves: bool, quiet: bool
) -> Tally:
    if len(customers) <= _AT_ONCE:
        return simulate_portfolio(customers, policy, *span, approves=approves)
    tally = Tally(policy.zone)
    gc.freeze()  # else every worker would walk, and so copy, what all of them share
    ranges = [(at, at + _AT_ONCE) for at in range(0, len(customers), _AT_ONCE)]
    workers = min(os.cpu_count() or 1, len(ranges))
    forked = "fork" in multiprocessing.get_all_start_methods()
    with (
        progress("customers", len(customers), quiet=quiet) as advance,
        ProcessPoolExecutor(
            workers,
            multiprocessing.get_context("fork" if forked else None),
            initializer=_Worker.begin,
            initargs=(customers, policy, span, approves),
        ) as pool,
    ):
        pieces = as_completed([pool.submit(_Worker.work, *piece) for piece in ranges])
        for done, piece in enumerate(pieces, 1):
            tally.add(piece.result())
            advance(min(done * _AT_ONCE, len(customers)))
    return tally


class _Worker:
    """In a process of its own, which has all customers from its parent. Nothing it makes refers to itself."""

    given: tuple[Sequence[Customer], Policy, Span, bool]

    @classmethod
    def begin(cls, *given: object) -> None:
        gc.disable()
        cls.given = given  # type: ignore[assignment]

    @classmethod
    def work(cls, first: int, end: int) -> Tally:
        customers, policy, span, approves = cls.given
        return simulate_portfolio(customers[first:end], policy, *span, approves=approves)


def plain_tally(tally: Tally, policy: Policy, start: date, end: date) -> dict[str, object]:
    """Amounts as texts, by currency; weeks by their ISO number."""
    weeks = [
        {"week": f"{monday:%G-W%V}", "from": monday.isoformat(), **_plain(week)}
        for monday, week in _weeks(tally)
    ]
    return {
        "policy": policy.reference,
        "from": start.isoformat(),
        "until": end.isoformat(),
        "weeks": weeks,
        "totals": _plain(_sum(tally)),
        "cases": dict(sorted(tally.stages.items())),
        "open": _amounts(tally.open),
        "blocked": dict(sorted(tally.blocked.items())),
    }


def _plain(week: Week) -> dict[str, object]:
    return {
        "notices": week.notices,
        "letters": week.letters,
        "calls": week.calls,
        "approvals": week.approvals,
        "hand_overs": week.hand_overs,
        "asked": _amounts(week.asked),
    }


def _amounts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: f"{amount:.2f}" for currency, amount in sorted(amounts.items())}


def _weeks(tally: Tally) -> Iterator[tuple[date, Week]]:
    """Every week from the first to the last in which anything left, also the quiet ones."""
    if not tally.weeks:
        return
    monday, last = min(tally.weeks), max(tally.weeks)
    while monday <= last:
        yield monday, tally.weeks.get(monday, Week())
        monday += timedelta(days=7)


def _sum(tally: Tally) -> Week:
    total = Week()
    for week in tally.weeks.values():
        total.add(week)
    return total


def _tell(tally: Tally, policy: Policy, start: date, end: date) -> None:
    rows = [(f"{monday}", *_cells(week)) for monday, week in _weeks(tally)]
    rows.append(("in all", *_cells(_sum(tally))))
    console = screen()
    console.print(table(f"{policy.reference}, {start} to {end}", _COLUMNS, rows))
    console.print()
    ends = [(stage, f"{count}") for stage, count in tally.stages.most_common()]
    console.print(table("where the cases end", ("stage", "cases"), ends))
    console.print(f"still open: {_said(tally.open)}")
    for code, count in tally.blocked.most_common():
        warn(f"{count} steps need a person: {code}")


def _cells(week: Week) -> tuple[str, ...]:
    counts = (week.notices, week.letters, week.calls, week.approvals, week.hand_overs)
    return (*map(str, counts), _said(week.asked))


def _said(amounts: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(amounts.items())) or "nothing"
