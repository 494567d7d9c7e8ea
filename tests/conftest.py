"""Fixtures every level shares. The level of a test is its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.embedded import scratch_postgres, scratch_temporal
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal

_HERE: Final = Path(__file__).parent
_LEVELS: Final = ("unit", "store", "workflow", "system")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        level = item.path.relative_to(_HERE).parts[0]
        if level in _LEVELS:
            item.add_marker(level)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of this pytest process."""
    with scratch_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def database_url(postgres: EmbeddedPostgres) -> str:
    """Its database, with the schema that the migrations build."""
    from store.migrate import migrate  # noqa: PLC0415 - unit tests must not pay for SQLAlchemy

    migrate(postgres.url)
    return postgres.url


@pytest.fixture(scope="session")
def temporal_server() -> Iterator[EmbeddedTemporal]:
    """A Temporal server of this pytest process, in memory and in real time."""
    with scratch_temporal() as server:
        yield server
