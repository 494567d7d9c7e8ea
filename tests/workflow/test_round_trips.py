"""What one notice costs the database, which is most of what a milestone costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from activities.take_next_step import take_next_step
from domain.contract import TakeStep
from tests.support.stories import Story
from tests.workflow.bundles import enrol


@pytest.mark.parametrize(("invoices", "trips"), [(1, 7), (2, 10), (40, 10)])
async def test_a_notice_takes_no_more_round_trips_over_forty_invoices_than_over_two(
    asleep: Story, monkeypatch: pytest.MonkeyPatch, invoices: int, trips: int
) -> None:
    (other,) = await enrol(asleep, "10.00", started=False, debtor="D-0")
    await take_next_step(asleep.tools, TakeStep(other.id, asleep.now), resuming=False)  # reads the policy
    cases = await enrol(asleep, *["100.00"] * invoices, started=False)
    when = (await cases[0].facts())["next_at"]
    with round_trips(asleep, monkeypatch) as made:
        await take_next_step(asleep.tools, TakeStep(cases[0].id, when), resuming=False)
    assert [await case.steps() for case in cases] == [{"reminder-1": "done"}] * invoices
    assert len(made) == trips, made


@contextmanager
def round_trips(story: Story, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Statements alone, several that are sent together, and commits."""
    made: list[str] = []
    pipeline = psycopg.AsyncConnection.pipeline

    def together(connection: Any) -> Any:
        made.append("together")
        return pipeline(connection)

    def statement(connection: Any, cursor: Any, sql: str, *_: Any) -> None:
        made.append(" ".join(sql.split())[:60])

    def commit(connection: Any) -> None:
        made.append("COMMIT")

    engine = story.engine.sync_engine
    with monkeypatch.context() as patched:
        patched.setattr(psycopg.AsyncConnection, "pipeline", together)
        event.listen(engine, "before_cursor_execute", statement)
        event.listen(engine, "commit", commit)
        try:
            yield made
        finally:
            event.remove(engine, "before_cursor_execute", statement)
            event.remove(engine, "commit", commit)
