"""Holds on a debtor or a creditor as they are stored, and told to the cases they concern."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from time import perf_counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import DomainError
from store.find_undelivered import undelivered_events_of
from store.list_holds import HoldFilter, list_holds
from store.read_case import read_case
from store.standing_holds import (
    Held,
    Told,
    extend_standing_hold,
    find_creditor_to_hold,
    lift_standing_hold,
    place_standing_hold,
)
from store.tables import events, hold_changes
from tests.support.database import an_invoice, import_all, new_invoice, someone_waits
from tests.support.facts import at

NOW = at("2026-02-01 12:00")


async def held_by(connection: AsyncConnection, invoice_id: str, *, creditor: bool = False) -> Held:
    case = await read_case(connection, invoice_id)
    assert case
    return Held(case.facts.creditor_id, None if creditor else case.facts.debtor_id, "NL")


async def place(tx: AsyncConnection, held: Held, hold_id: str = "H-1", until: str = "") -> Told:
    return await place_standing_hold(
        tx, hold_id, held, until=until, reason="in contact", actor="desk", now=NOW
    )


async def ends_of(connection: AsyncConnection, invoice_id: str) -> list[datetime | None]:
    case = await read_case(connection, invoice_id)
    assert case
    return [hold.until for hold in case.facts.standing_holds]


async def test_each_open_case_of_the_debtor_is_told_by_the_same_message(database: AsyncEngine) -> None:
    ids = [await an_invoice(database, number=f"F-{n}") for n in range(3)]
    other = await an_invoice(database, number="F-9", debtor="D-9")
    async with database.begin() as tx:
        told = await place(tx, await held_by(tx, ids[0]))
        waiting = await undelivered_events_of(tx, told.event_id)
        assert sorted(item.case.invoice_id for item in waiting) == sorted(ids)
        assert {(item.kind, item.message.ref) for item in waiting} == {("facts_changed", "")}
        assert (told.cases, await ends_of(tx, ids[2]), await ends_of(tx, other)) == (3, [None], [])
        everything = await place(tx, await held_by(tx, other, creditor=True), "H-2")
        assert (everything.cases, len(await ends_of(tx, ids[0]))) == (4, 2)


@pytest.mark.parametrize(
    ("country", "end"), [("NL", "2026-02-09 23:00"), ("BE", "2026-02-09 23:00"), ("GB", "2026-02-10 00:00")]
)
async def test_a_hold_until_a_day_ends_as_that_day_begins_where_the_creditor_is(
    database: AsyncEngine, country: str, end: str
) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        held = await held_by(tx, invoice_id)
        await place(tx, Held(held.creditor_id, held.debtor_id, country), until="2026-02-10")
        assert await ends_of(tx, invoice_id) == [datetime.fromisoformat(end).replace(tzinfo=UTC)]


async def test_what_has_ended_is_not_changed_any_more(database: AsyncEngine) -> None:
    later = at("2026-02-10 00:00")
    async with database.begin() as tx:
        held = await find_creditor_to_hold(tx, "default")
        assert held
        await place(tx, held, "ended", until="2026-02-10")
        await place(tx, held, "lifted")
        lifted = await lift_standing_hold(tx, "lifted", actor="desk", note="", now=NOW)
        again = await lift_standing_hold(tx, "lifted", actor="other", note="", now=later)
        assert (again.is_new, again.event_id) == (False, lifted.event_id)
        for hold_id in ("ended", "lifted"):
            with pytest.raises(DomainError, match="ended already"):
                await extend_standing_hold(tx, hold_id, until="2026-03-01", actor="desk", note="", now=later)
        with pytest.raises(DomainError, match="ended already"):
            await lift_standing_hold(tx, "ended", actor="desk", note="", now=later)
        assert [row["active"] for row in await list_holds(tx, HoldFilter(), later)] == [False, False]
        assert len(await list_holds(tx, HoldFilter(), NOW, active=True)) == 1


async def test_the_same_end_again_is_no_change(database: AsyncEngine) -> None:
    async with database.begin() as tx:
        held = await find_creditor_to_hold(tx, "default")
        assert held
        await place(tx, held, until="2026-02-10")
        for until, is_new in (("2026-03-01", True), ("2026-03-01", False), ("2026-02-05", True)):
            told = await extend_standing_hold(tx, "H-1", until=until, actor="desk", note="", now=NOW)
            assert told.is_new is is_new
        ends = select(hold_changes.c.what, hold_changes.c.until).order_by(hold_changes.c.id)
        history = [(what, f"{until:%m-%d}") for what, until in await tx.execute(ends)]
        assert history == [("placed", "02-09"), ("extended", "02-28"), ("extended", "02-04")]


async def test_two_who_change_a_hold_do_so_one_after_the_other(database: AsyncEngine) -> None:
    async with database.begin() as tx:
        held = await find_creditor_to_hold(tx, "default")
        assert held
        await place(tx, held)

    async def lift() -> Told:
        async with database.begin() as tx:
            return await lift_standing_hold(tx, "H-1", actor="desk", note="", now=NOW)

    async with database.begin() as first:
        await lift_standing_hold(first, "H-1", actor="desk", note="", now=NOW)
        second = asyncio.create_task(lift())
        await someone_waits(database)
    assert not (await second).is_new


async def test_a_stop_of_thousands_of_cases_takes_a_moment(database: AsyncEngine) -> None:
    for start in range(0, 2000, 500):
        rows = [new_invoice(number=f"F-{n}", debtor=f"D-{n % 400}") for n in range(start, start + 500)]
        await import_all(database, *rows)
    async with database.begin() as tx:
        held = await find_creditor_to_hold(tx, "default")
        assert held
        began = perf_counter()
        told = await place(tx, held)
        assert perf_counter() - began < 5
        counted = select(func.count()).where(events.c.event_id == told.event_id)
        assert told.cases == (await tx.execute(counted)).scalar_one() == 2000


async def test_pages_follow_each_other_without_gaps(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        held = await held_by(tx, invoice_id)
        for n in range(5):
            await place(tx, held, f"H-{n}")
        every = await list_holds(tx, HoldFilter(invoice=invoice_id), NOW)
        assert [row["hold_id"] for row in every] == [f"H-{n}" for n in range(5)]
        for one, following in pairwise(every):
            place_of = (one["placed_at"], one["hold_id"])
            (found,) = await list_holds(tx, HoldFilter(debtor="D-1"), NOW, after=place_of, limit=1)
            assert found["hold_id"] == following["hold_id"]
