"""`termijn creditors load FILE`."""

from __future__ import annotations

from pathlib import Path

from cli.output import show_json
from cli.session import configuration, open_engine, run
from domain.new_creditor import NewCreditor
from intake.read_creditors import read_creditors
from store.add_creditors import add_creditors
from worker.settings import Settings


def load_creditors(file: Path, *, as_json: bool = False) -> None:
    settings = configuration("database_url").settings
    creditors = read_creditors(file.read_text("utf-8-sig"), str(file))
    run(_store(settings, creditors))
    references = [creditor.reference for creditor in creditors]
    if as_json:
        show_json({"creditors": references})
    else:
        print(f"creditors: {', '.join(references)}")


async def _store(settings: Settings, creditors: tuple[NewCreditor, ...]) -> None:
    async with open_engine(settings) as engine, engine.begin() as tx:
        await add_creditors(tx, creditors)
