"""`termijn outbox`: what leaves on a day before it leaves, what does not and why, and the release of what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from temporalio.service import RPCError

from activities.deliver import deliver_event
from activities.list_outbox import NotSent, OutboxNotice, outbox_of_debtor
from activities.release_steps import Released, release_steps
from api.show_outbox import show_not_sent, show_notice
from api.temporal_client import LazyClient
from api.tools import ApiTools
from cli.errors import CommandError
from cli.output import Cell, said, screen, show_json, table, warn
from cli.session import configuration, open_engine, reach_temporal, run
from domain.move import Reason
from store.find_outbox import debtors_of_outbox
from worker.temporal_config import Configuration

_PAGE: Final = 200
_HOME: Final = ZoneInfo("Europe/Amsterdam")
"""Whose date is today's, where no policy is asked."""
Found = tuple[list[OutboxNotice], list[NotSent]]


def show_outbox(on: str, creditor: str, *, as_json: bool = False) -> None:
    day = _day(on)
    notices, not_sent = run(_read(configuration("database_url"), day, creditor or None))
    if as_json:
        show_json(
            {
                "on": day,
                "notices": [show_notice(notice).model_dump(mode="json") for notice in notices],
                "not_sent": [show_not_sent(case).model_dump(mode="json") for case in not_sent],
            }
        )
        return
    _print(day, notices, not_sent)


def release(invoices: Sequence[str], *, everything: bool, actor: str, as_json: bool = False) -> None:
    """Of these invoices (numbers or ids), or of all. Exit code 1 when one of those named has nothing to release."""
    if everything == bool(invoices):
        raise CommandError("name invoices with --release, or say --release-all, and not both")
    done, told = run(_release(configuration("database_url"), None if everything else invoices, actor))
    refused = [r for r in done if r.refusal]
    if as_json:
        show_json({"released": done, "delivered": told})
    else:
        for one in done:
            print(f"{one.number or one.invoice}: {one.refusal or f'{one.step} is released'}")
        if not done:
            print("nothing awaits approval")
    if not told:
        warn("Temporal cannot be reached: what is released is kept, and `termijn reconcile` tells the cases")
    if refused and not everything:
        raise SystemExit(1)


def _day(text: str) -> date:
    today = datetime.now(_HOME).date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise CommandError(f"--on: {text!r} is not a date such as 2026-01-31") from None
    if day < today:
        raise CommandError(f"--on: {day} is over; `termijn case show` tells what has left")
    return day


async def _read(config: Configuration, on: date, creditor: str | None) -> Found:
    notices: list[OutboxNotice] = []
    not_sent: list[NotSent] = []
    after, now = None, datetime.now(UTC)
    async with open_engine(config.settings) as engine, engine.connect() as connection:
        tools = ApiTools(engine, LazyClient(lambda: reach_temporal(config)), config.settings.task_queue)
        while True:
            debtors = await debtors_of_outbox(connection, on, creditor=creditor, after=after, limit=_PAGE)
            for debtor in debtors:
                domain = config.settings.mail_from_domain
                found = await outbox_of_debtor(tools, connection, debtor, on, now, mail_from_domain=domain)
                notices += found.notices
                not_sent += found.not_sent
            if len(debtors) < _PAGE:
                return sorted(notices, key=lambda notice: notice.leaves_at), not_sent
            after = (debtors[-1]["created_at"], debtors[-1]["id"])


async def _release(
    config: Configuration, invoices: Sequence[str] | None, actor: str
) -> tuple[list[Released], bool]:
    """What became of each, and whether Temporal has been told."""
    async with open_engine(config.settings) as engine:
        tools = ApiTools(engine, LazyClient(lambda: reach_temporal(config)), config.settings.task_queue)
        event_id = f"release/{uuid4()}"
        done = await release_steps(engine, tools, invoices, event_id, datetime.now(UTC), actor=actor)
        if not any(one.step for one in done):
            return done, True
        try:
            await deliver_event(engine, await reach_temporal(config), tools.task_queue, event_id)
        except (CommandError, RPCError):
            return done, False
    return done, True


def _print(on: date, notices: Sequence[OutboxNotice], not_sent: Sequence[NotSent]) -> None:
    leaving = [_row(notice) for notice in notices]
    kept: list[tuple[Cell, ...]] = [
        (case.number, case.debtor["name"], case.step, case.open, _because(case.reasons)) for case in not_sent
    ]
    console = screen()
    columns: tuple[str, ...] = ("leaves", "debtor", "step", "by", "invoices", "asked", "")
    console.print(table(f"leaves on {on:%a %Y-%m-%d}: {len(notices)}", columns, leaving))
    if kept:
        print()
        columns = ("invoice", "debtor", "step", "open", "because")
        console.print(table(f"due by then and not sent: {len(kept)}", columns, kept))


def _row(notice: OutboxNotice) -> tuple[Cell, ...]:
    numbers = ", ".join(line.number for line in notice.lines)
    asked = ", ".join(str(total) for total in notice.totals.values())
    approval = "needs approval" if notice.needs_approval else ""
    return (notice.leaves_at, notice.debtor["name"], notice.step, notice.channel, numbers, asked, approval)


def _because(reasons: Sequence[Reason]) -> str:
    return ", ".join(f"{r.code.value} until {said(r.until)}" if r.until else r.code.value for r in reasons)
