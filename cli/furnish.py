"""What a database needs before the service runs on it: schema, policies, creditors, and a first API key."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from api.keys import create_key
from cli.migrate import store_policies
from domain.new_creditor import NewCreditor
from domain.policy import Policy
from intake.find_policies import load_policies
from intake.read_creditors import read_creditors
from store import migrate as schema
from store.add_creditors import add_creditors, creditor_ids
from store.engine import make_engine
from store.tables import api_keys

SAMPLES: Final = Path(__file__).parents[1] / "samples"


def furnish(database_url: str, policies_dir: Path, own_creditors: Path) -> None:
    """Bring the database up to date.

    The creditors of `own_creditors` are loaded if it exists, the sample ones only where there are none.
    """
    policies = load_policies(policies_dir)
    own = _read(own_creditors)
    schema.migrate(database_url)
    asyncio.run(_fill(database_url, policies_dir, policies, own))


def first_key(database_url: str) -> str | None:
    """A new API key for reading and writing if there was none before."""

    async def make() -> str | None:
        engine = make_engine(database_url)
        try:
            async with engine.connect() as connection:
                known = (await connection.execute(select(func.count()).select_from(api_keys))).scalar_one()
            return None if known else await create_key(engine, "first key", ("read", "write"))
        finally:
            await engine.dispose()

    return asyncio.run(make())


async def _fill(
    database_url: str, folder: Path, policies: Mapping[str, Policy], own: tuple[NewCreditor, ...]
) -> None:
    engine = make_engine(database_url)
    try:
        await store_policies(engine, folder, policies)
        async with engine.begin() as tx:
            await add_creditors(tx, own)
            if not await creditor_ids(tx):
                await add_creditors(tx, _read(SAMPLES / "creditors.yaml"))
    finally:
        await engine.dispose()


def _read(file: Path) -> tuple[NewCreditor, ...]:
    return read_creditors(file.read_text("utf-8-sig"), str(file)) if file.is_file() else ()
