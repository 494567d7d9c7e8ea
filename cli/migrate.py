"""`termijn migrate`: the schema and the policies."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from cli.output import show_json
from cli.session import configuration, database_url, open_engine, run
from domain.policy import Policy
from intake.find_policies import load_policies
from store import migrate as schema
from store.add_policies import add_policies
from worker.settings import Settings


def migrate(*, as_json: bool = False) -> None:
    settings = configuration("database_url").settings
    policies = load_policies(settings.policies_dir)  # first, so that a mistake in one changes nothing
    schema.migrate(database_url(settings))
    run(_store(settings, policies))
    names = sorted(policy.reference for policy in policies.values())
    if as_json:
        show_json({"migrated": True, "policies": names})
    else:
        print(f"the database is up to date; policies: {', '.join(names)}")


async def _store(settings: Settings, policies: Mapping[str, Policy]) -> None:
    async with open_engine(settings) as engine:
        await store_policies(engine, settings.policies_dir, policies)


async def store_policies(engine: AsyncEngine, folder: Path, policies: Mapping[str, Policy]) -> None:
    """Keep the text of each policy that was read from `folder`."""
    sources = {
        (policy.name, policy.version): (folder / f"{policy.name}.yaml").read_text("utf-8-sig")
        for policy in policies.values()
    }
    async with engine.begin() as tx:
        await add_policies(tx, sources)


def check_migrations(*, as_json: bool = False) -> None:
    """Exit code 1 when the migrations do not build what the code expects."""
    url = configuration().settings.database_url
    if url:
        found = schema.differences(url.get_secret_value())
    else:
        from worker.embedded.postgres import EmbeddedPostgres  # noqa: PLC0415 - not in production installations

        with (
            tempfile.TemporaryDirectory(prefix="termijn-") as scratch,
            EmbeddedPostgres(Path(scratch) / "postgres", durable=False) as server,
        ):
            schema.migrate(server.url)
            found = schema.differences(server.url)
    if as_json:
        show_json({"differences": found})
    else:
        print("\n".join(found) if found else "the migrations build what the code expects")
    if found:
        raise typer.Exit(1)
