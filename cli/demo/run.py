"""`termijn demo`: start everything afresh, let the story happen, and compare its end with what must be."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from api.keys import create_key
from cli.demo.actor import Actor, StoryError
from cli.demo.board import Board
from cli.demo.outcome import Difference, differences
from cli.demo.portfolio import POLICY, portfolio
from cli.demo.show import Show, differences_table, on_screen, outcome_table
from cli.demo.story import STORY
from cli.doctor import examine
from cli.errors import CommandError
from cli.furnish import SAMPLES, furnish
from cli.house import House
from cli.output import screen
from cli.running import published
from cli.session import run
from cli.up import until_told_to_stop, where
from domain.policy import Policy
from intake.find_policies import load_policies
from store.engine import make_engine
from store.overview import sent_message_ids
from worker.connect import connect
from worker.embedded.maildir import read_mails
from worker.settings import Settings, load_settings
from worker.temporal_config import load_configuration

LONGEST: Final = 150.0
"""Seconds that the story may take."""
_SETTLE: Final = 15.0
"""Seconds for the last effects, once nobody does anything any more."""
_KEPT: Final = ("API_HOST", "API_PORT", "LOG_LEVEL")


def demo(*, once: bool) -> None:
    """Always on servers of its own: it must not write into, nor mail through, what is configured."""
    var_dir = load_settings().var_dir.resolve() / "demo"
    _begin_afresh(var_dir)
    config = load_configuration(var_dir=var_dir)
    policy = load_policies(config.settings.policies_dir)[POLICY]

    def prepare(database_url: str) -> None:
        furnish(database_url, config.settings.policies_dir, SAMPLES / "creditors.yaml")

    with until_told_to_stop():
        print("starting PostgreSQL, Temporal, a mailbox, the worker and the API ...", flush=True)
        with House(config, var_dir, prepare) as house:
            well = run(_tell(house, policy, once=once))
        if not well:
            raise typer.Exit(1)


def _begin_afresh(var_dir: Path) -> None:
    """An empty directory to work in, and no configuration but where to listen and how much to log."""
    if published(var_dir) is not None:
        raise CommandError(f"{var_dir}: a demo runs here already; stop it first, or set VAR_DIR")
    shutil.rmtree(var_dir, ignore_errors=True)
    var_dir.mkdir(parents=True)
    os.chdir(var_dir)  # away from any .env, for the processes started from here too
    for name in [n for n in os.environ if n.lower() in Settings.model_fields or n.startswith("TEMPORAL_")]:
        if name not in _KEPT:
            del os.environ[name]


async def _tell(house: House, policy: Policy, *, once: bool) -> bool:
    """Whether all is as it must be at the end."""
    console = screen()
    engine = make_engine(house.environment["DATABASE_URL"])
    board = Board(engine)
    key = await create_key(engine, "demo", ("read", "write"))
    head = [*where(house.addresses), f"API key       {key}", ""]
    bearer = {"Authorization": f"Bearer {key}"}

    async def compare() -> list[Difference]:
        async with engine.connect() as connection:
            sent = await sent_message_ids(connection)
        expected = {number: chapter.ends for number, chapter in STORY.items()}
        return differences(expected, board.cases, policy, read_mails(house.maildir), sent)

    try:
        async with httpx.AsyncClient(base_url=house.addresses.api, headers=bearer, timeout=60) as api:
            with on_screen(console, board, head) as show:
                found = await _play(board, api, compare, show)
        found += await _examined(house, engine)
        _conclude(console, board, policy, found)
        if not once:
            await _stay(console, board, head)
    finally:
        await engine.dispose()
    return not found


async def _play(
    board: Board, api: httpx.AsyncClient, compare: Callable[[], Awaitable[list[Difference]]], show: Show
) -> list[Difference]:
    """Import the portfolio and play every chapter at once; what is not as it should be at the end."""
    await _import(api)
    failed: list[Difference] = []
    chapters = [asyncio.create_task(_chapter(number, board, api, failed)) for number in STORY]
    ends_at, playing = time.monotonic() + LONGEST, True
    try:
        while True:
            await board.renew()
            show()
            if playing and all(chapter.done() for chapter in chapters):
                playing, ends_at = False, min(ends_at, time.monotonic() + _SETTLE)
            late = time.monotonic() > ends_at
            if not playing or late:
                found = failed + await compare()
                if late or failed or not found:
                    return found
            await asyncio.sleep(0.25)
    finally:
        for chapter in chapters:
            chapter.cancel()


async def _import(api: httpx.AsyncClient) -> None:
    made = portfolio(SAMPLES / "invoices.csv", datetime.now(UTC).date())
    answer = await api.post("/v1/imports/invoices", content=made, headers={"Content-Type": "text/csv"})
    if answer.is_error or answer.json().get("refused"):
        raise CommandError(f"the sample portfolio was not taken: {answer.status_code} {answer.text}")


async def _chapter(number: str, board: Board, api: httpx.AsyncClient, failed: list[Difference]) -> None:
    await board.until(number, lambda _: True)
    try:
        await STORY[number].happens(Actor(number, board, api))
    except (StoryError, httpx.HTTPError) as error:
        failed.append(Difference(number, "the API", "the story goes on", str(error) or repr(error)))


async def _examined(house: House, engine: AsyncEngine) -> list[Difference]:
    """What the doctor finds."""
    client = await connect({"target_host": house.environment["TEMPORAL_ADDRESS"]})
    checks = await examine(engine, client)
    return [Difference(c.name, c.says, "0", f"{c.count}: {', '.join(c.examples)}") for c in checks if c.count]


def _conclude(console: Console, board: Board, policy: Policy, found: list[Difference]) -> None:
    console.print(outcome_table(board.cases, policy))
    if found:
        console.print(differences_table(found))
    else:
        console.print("\nevery case is where it should be, each notice left once, and the books are right")


async def _stay(console: Console, board: Board, head: list[str]) -> None:
    """Until Ctrl-C; what one does meanwhile through the API shows."""
    head = [*head[:-1], "Ctrl-C stops everything; the next demo begins afresh", ""]
    with on_screen(console, board, head) as show:
        while True:
            await board.renew()
            show()
            await asyncio.sleep(0.5)
