"""Fixtures every level shares. The level of a test is its folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.embedded import scratch_postgres, scratch_temporal
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

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


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    from store.engine import make_engine  # noqa: PLC0415

    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def database(engine: AsyncEngine) -> AsyncEngine:
    """Nothing in it but the shipped policies and the sample creditor."""
    from tests.support.database import begin_afresh  # noqa: PLC0415

    await begin_afresh(engine)
    return engine
