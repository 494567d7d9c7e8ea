"""`make bench`: Termijn beside a bare workflow on the same servers, in one run. Prints a table, writes bench.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from activities.tools import Tools
from bench.bundle import measure_bundle
from bench.claims import measure_claims, measure_notice_claim
from bench.decide import measure_decisions
from bench.herd import Rates, bare_herd, termijn_herd
from bench.history import five_step_ladder, paid_before_first_reminder
from bench.memory import memory_per_cached_case, memory_with_sleepers
from bench.simulate import measure_portfolio
from channels.email.send import SmtpSender
from store.engine import make_engine
from store.migrate import migrate
from worker.connect import connect
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.smtp_sink import EmbeddedSmtpSink
from worker.embedded.temporal import EmbeddedTemporal
from worker.run_worker import DATABASE_CONNECTIONS, MAIL_CONNECTIONS

_console = Console(stderr=True)


@dataclass(frozen=True)
class Figure:
    """One number to reach: at least `goal` when `at_least`, else at most."""

    name: str
    value: float
    goal: float
    at_least: bool
    detail: str = ""

    @property
    def reached(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("--cases", type=int, default=600, help="cases in each herd")
    arguments.add_argument("--rounds", type=int, default=3, help="herds of each kind; the median counts")
    arguments.add_argument(
        "--sleepers", type=int, default=10_000, help="sleeping cases for the memory figure"
    )
    arguments.add_argument("--portfolio", type=int, default=100_000, help="invoices to simulate; 0: none")
    arguments.add_argument("--output", type=Path, default=Path("bench.json"))
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="termijn-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)  # the embedded PostgreSQL may run as another user
        with (
            EmbeddedPostgres(path / "postgres") as postgres,
            EmbeddedTemporal(path / "temporal", log_file=path / "temporal.log") as temporal,
            EmbeddedSmtpSink(path / "mail") as sink,
        ):
            migrate(postgres.url)
            figures = asyncio.run(_measure(postgres.url, temporal.address, sink.url, wanted))
    _show(figures)
    wanted.output.write_text(
        json.dumps({"machine": platform.platform(), "figures": [asdict(f) for f in figures]}, indent=2)
    )
    missed = [f.name for f in figures if not f.reached]
    print("missed: " + ", ".join(missed) if missed else "all figures reached")
    sys.exit(0)


async def _measure(database: str, address: str, smtp: str, wanted: argparse.Namespace) -> list[Figure]:
    engine = make_engine(database, connections=DATABASE_CONNECTIONS, check=False)
    client = await connect({"target_host": address}, patience=10, sandboxed=False)
    bare_client = await Client.connect(address)
    tools = Tools(
        engine, SmtpSender(smtp, connections=MAIL_CONNECTIONS), client, "termijn.example", "termijn"
    )
    environment = {
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": address,
        "SMTP_URL": smtp,
        "RECONCILE_EVERY_SECONDS": "3600",
    }
    figures = _pure(wanted.portfolio)
    try:
        figures += await _herds(engine, tools, bare_client, wanted)
        _console.print("what one case costs in Temporal ...")
        early = await paid_before_first_reminder(engine, tools)
        whole, step = await five_step_ladder(engine, tools)
        figures += [
            Figure("paid early: billable actions", early.actions, 4, False),
            Figure("paid early: history events", early.events, 17, False),
            Figure("each step: billable actions", step.actions, 2, False),
            Figure("each step: history events", step.events, 11, False),
            Figure("five steps: history events", whole.events, 65, False, f"{whole.actions} actions"),
        ]
        _console.print("memory of a worker, 1,500 cached cases ...")
        per_case = await memory_per_cached_case(engine, tools, environment, 1500)
        figures.append(Figure("worker memory per cached case, kB", per_case, 80, False))
        _console.print(f"memory of a worker, {wanted.sleepers:,} sleeping cases ...")
        resident = await memory_with_sleepers(engine, tools, environment, wanted.sleepers)
        figures.append(Figure(f"worker memory with {wanted.sleepers:,} sleepers, MB", resident, 400, False))
        figures += await _bundles(
            engine, tools
        )  # last: its cases have no workflows, which a herd would start
    finally:
        await tools.mail.aclose()
        await engine.dispose()
        await asyncio.sleep(0.3)  # the SDK's threads must see the loop turn before the interpreter ends
    return figures


def _pure(invoices: int) -> list[Figure]:
    """What needs nothing but this machine's cores."""
    _console.print("claims, decisions ...")
    figures = [
        Figure("10,000 claims of five years, s", measure_claims(10_000), 3, False),
        Figure("claim inside a notice, ms", measure_notice_claim(), 1, False),
        Figure("decisions a second", measure_decisions(50_000), 50_000, True),
    ]
    if invoices:
        _console.print(f"a year of {invoices:,} invoices ...")
        seconds, megabytes = measure_portfolio(invoices)
        figures += [
            Figure(f"a year of {invoices:,} invoices, s", seconds, 60 * invoices / 100_000, False),
            Figure("the same, MB", megabytes, 1000, False),
        ]
    return figures


async def _herds(engine, tools: Tools, bare_client: Client, wanted: argparse.Namespace) -> list[Figure]:  # type: ignore[no-untyped-def]
    bare: list[Rates] = []
    ours: list[Rates] = []
    fives: list[Rates] = []
    lead = 10 + wanted.cases / 25
    await bare_herd(bare_client, 30, 6)  # warm up
    await termijn_herd(engine, tools, 30, 6)
    for n in range(wanted.rounds):
        _console.print(f"herd {n + 1} of {wanted.rounds}: bare ...")
        bare.append(await bare_herd(bare_client, wanted.cases, lead))
        _console.print(f"  {bare[-1]}")
        _console.print(f"herd {n + 1} of {wanted.rounds}: Termijn ...")
        ours.append(await termijn_herd(engine, tools, wanted.cases, lead))
        _console.print(f"  {ours[-1]}")
        _console.print(f"herd {n + 1} of {wanted.rounds}: Termijn, five invoices for each debtor ...")
        fives.append(await termijn_herd(engine, tools, wanted.cases, lead, invoices_per_debtor=5))
        _console.print(f"  {fives[-1]}")
    figures = []
    for name, goal in (("starts", 0.7), ("milestones", 0.6), ("closings", 0.6)):
        floor, own = ([getattr(r, name) for r in rates] for rates in (bare, ours))
        ratio = median(o / f for o, f in zip(own, floor, strict=True))
        detail = f"{median(own):.0f}/s, bare {median(floor):.0f}/s"
        figures.append(Figure(f"{name} against bare", ratio, goal, True, detail))
    one, five = ([r.milestones for r in rates] for rates in (ours, fives))
    ratio = median(f / o for f, o in zip(five, one, strict=True))
    detail = f"{median(five):.0f} invoices/s, one for each debtor {median(one):.0f}/s"
    return [*figures, Figure("moved on, five invoices for each debtor against one", ratio, 1.5, True, detail)]


async def _bundles(engine, tools: Tools) -> list[Figure]:  # type: ignore[no-untyped-def]
    figures = []
    for sort, formal in (("", False), ("formal ", True)):
        _console.print(f"a {sort}notice over 200 invoices ...")
        bundled = await measure_bundle(engine, tools, formal=formal)
        detail = f"one transaction, {bundled.statements} statements; recording it {bundled.record:.0f} ms"
        figures.append(
            Figure(f"claiming a {sort}notice over 200 invoices, ms", bundled.claim, 300, False, detail)
        )
    return figures


def _show(figures: list[Figure]) -> None:
    table = Table("figure", "measured", "goal", "", "detail")
    for f in figures:
        goal = f"{'≥' if f.at_least else '≤'} {f.goal:g}"
        table.add_row(f.name, f"{f.value:.2f}", goal, "reached" if f.reached else "MISSED", f.detail)
    Console().print(table)


if __name__ == "__main__":
    main()
