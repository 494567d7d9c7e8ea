"""`termijn key create`."""

from __future__ import annotations

from collections.abc import Sequence

from api import keys
from cli.output import show_json, warn
from cli.session import configuration, open_engine, run
from worker.settings import Settings


def create_key(
    name: str, scopes: Sequence[str], expires_in_days: int | None, *, as_json: bool = False
) -> None:
    settings = configuration("database_url").settings
    made = run(_create(settings, name, scopes, expires_in_days))
    if as_json:
        show_json({"key": made, "name": name, "scopes": list(scopes)})
    else:
        print(made)
        warn("shown this once; send it as `Authorization: Bearer ...`")


async def _create(settings: Settings, name: str, scopes: Sequence[str], expires_in_days: int | None) -> str:
    async with open_engine(settings) as engine:
        return await keys.create_key(engine, name, scopes, expires_in_days)
