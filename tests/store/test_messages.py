"""Messages to cases are kept until they are applied, and what Temporal may have missed is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.events import Message
from domain.stages import EventKind, Stage
from store import find_undelivered
from store.find_undelivered import (
    Undelivered,
    claim_delivery,
    mark_cases_started,
    mark_delivered,
    open_cases,
    read_case_ref,
    unapplied,
    undelivered_events,
    undelivered_events_of,
)
from store.read_case import read_case
from store.read_dossier import read_events
from store.record_event import add_event, add_events, mark_applied, storable
from store.tables import events, invoices
from tests.support.database import ENROLLED, an_invoice

PAID = Message("payment/p1", ref="p1", amount="40.00", currency="EUR", on="2026-01-20")
LATER = ENROLLED + timedelta(days=20)
CHASED = (Stage.CHASING, Stage.CHASING)


async def keep(connection: AsyncConnection, invoice_id: str, message: Message = PAID) -> bool:
    return await add_event(
        connection, invoice_id, EventKind.PAYMENT_RECEIVED, message, actor="bank", note="private"
    )


async def apply(
    connection: AsyncConnection, invoice_id: str, message: Message = PAID, refusal: str | None = None
) -> None:
    kind = EventKind.PAYMENT_RECEIVED.value
    await mark_applied(connection, invoice_id, kind, message, at=LATER, refusal=refusal, stages=CHASED)


async def is_known(connection: AsyncConnection, invoice_id: str, event_id: str = PAID.event_id) -> bool:
    case = await read_case(connection, invoice_id, event_id)
    assert case
    return case.event_known


async def test_a_message_is_kept_once_and_known_once_it_is_applied(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        assert await keep(tx, invoice_id)
        assert not await keep(tx, invoice_id)
        assert not await is_known(tx, invoice_id)
        await apply(tx, invoice_id)
        assert await is_known(tx, invoice_id)
        assert not await is_known(tx, invoice_id, "payment/p2")
        (told,) = await read_events(tx, invoice_id)
    assert (told["actor"], told["note"], told["refusal"], told["applied_at"]) == (
        "bank",
        "private",
        None,
        LATER,
    )
    assert told["message"] == {"ref": "p1", "amount": "40.00", "currency": "EUR", "on": "2026-01-20"}


async def test_a_message_that_came_by_temporal_alone_is_kept_when_it_is_applied(
    database: AsyncEngine,
) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        await apply(tx, invoice_id, refusal="does_not_fit_stage")
        assert await is_known(tx, invoice_id)
        (told,) = await read_events(tx, invoice_id)
    assert (told["refusal"], told["stage_after"]) == ("does_not_fit_stage", "chasing")


async def test_one_event_id_may_go_to_several_invoices(database: AsyncEngine) -> None:
    first = await an_invoice(database)
    second = await an_invoice(database, number="F-2")
    async with database.begin() as tx:
        assert await keep(tx, first)
        assert await keep(tx, second)
        await apply(tx, first)
        (waiting,) = await undelivered_events_of(tx, PAID.event_id)
    assert (waiting.case.invoice_id, waiting.kind, waiting.message) == (second, "payment_received", PAID)


async def test_undelivered_messages_are_found_oldest_first_once_they_are_old_enough(
    database: AsyncEngine,
) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        for number in (1, 2, 3):
            message = Message(f"payment/p{number}", ref=f"p{number}", amount="1.00", on="2026-01-20")
            await keep(tx, invoice_id, message)
            received = ENROLLED - timedelta(minutes=number)
            await tx.execute(
                update(events).where(events.c.event_id == message.event_id).values(received_at=received)
            )
        await apply(tx, invoice_id, Message("payment/p2", ref="p2"))
    found = await undelivered(database, ENROLLED)
    assert [item.message.ref for item in found] == ["p3", "p1"]
    assert await undelivered(database, ENROLLED - timedelta(minutes=3)) == []


async def test_what_temporal_has_is_not_handed_to_it_again_unless_it_may_have_lost_it(
    database: AsyncEngine,
) -> None:
    ids = [await an_invoice(database, number=f"F-{n}") for n in range(3)]
    async with database.begin() as tx:
        assert await add_events(tx, EventKind.PAYMENT_RECEIVED, [(id_, PAID) for id_ in ids[:2]]) == 2
        assert await add_events(tx, EventKind.PAYMENT_RECEIVED, [(id_, PAID) for id_ in ids]) == 1
        told = await undelivered_events_of(tx, PAID.event_id)
        assert len(told) == 3
        await mark_delivered(tx, told[:2], LATER)
        assert [item.message for item in await undelivered_events_of(tx, PAID.event_id)] == [PAID]
        assert await unapplied(tx, PAID.event_id) == await unapplied(tx) == (3, 1)
        await apply(tx, told[0].case.invoice_id, PAID)
        assert await unapplied(tx) == (2, 1)
    now = datetime.now(UTC) + timedelta(hours=1)
    assert len(await undelivered(database, now, LATER)) == 1
    async with database.begin() as tx, database.begin() as other:
        assert await claim_delivery(tx, PAID.event_id)
        assert not await claim_delivery(other, PAID.event_id)
        assert await claim_delivery(other, "facts_changed/1")
        assert await undelivered(database, now, LATER) == []
    assert len(await undelivered(database, now, LATER + timedelta(seconds=1))) == 2


async def test_undelivered_messages_come_in_pages_however_many_share_a_moment(
    database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_undelivered, "PAGE", 2)
    invoice_id = await an_invoice(database)
    messages = [(invoice_id, Message(f"facts_changed/{n}")) for n in range(5)]
    async with database.begin() as tx:
        await add_events(tx, EventKind.FACTS_CHANGED, messages, actor="desk")
    found = await undelivered(database, datetime.now(UTC) + timedelta(hours=1))
    assert [(invoice_id, item.message) for item in found] == messages


async def undelivered(
    engine: AsyncEngine, received_before: datetime, delivered_before: datetime = LATER
) -> list[Undelivered]:
    pages = undelivered_events(engine, received_before, delivered_before)
    return [item async for page in pages for item in page]


@pytest.mark.parametrize("text", ["\0", "half \ud83d", "long " * 1000, "payment/\N{EURO SIGN}1"])
async def test_whatever_a_stranger_signals_can_be_kept(database: AsyncEngine, text: str) -> None:
    invoice_id = await an_invoice(database)
    message = storable(Message(text, ref=text, amount=text))
    async with database.begin() as tx:
        await apply(tx, invoice_id, message, refusal="not_an_amount")
        assert await is_known(tx, invoice_id, message.event_id)


def test_what_is_cut_stays_different_and_what_is_ordinary_stays_the_same() -> None:
    one, other = (storable(Message("x" * 500 + end)) for end in "12")
    assert one != other
    assert storable(PAID) == PAID


async def test_open_cases_are_found_and_closed_ones_left_alone(database: AsyncEngine) -> None:
    ids = [await an_invoice(database, number=f"F-{n}") for n in range(3)]
    async with database.begin() as tx:
        await mark_cases_started(tx, ids[:1], ENROLLED)
        await tx.execute(update(invoices).where(invoices.c.id == ids[1]).values(stage="settled"))
    everything = [case.invoice_id async for page in open_cases(database) for case in page]
    unstarted = [case.invoice_id async for page in open_cases(database, only_unstarted=True) for case in page]
    assert sorted(everything) == sorted([ids[0], ids[2]])
    assert unstarted == [ids[2]]


async def test_a_case_started_again_keeps_the_moment_it_was_started_first(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        await mark_cases_started(tx, [invoice_id], ENROLLED)
        await mark_cases_started(tx, [invoice_id], LATER)
        assert (await tx.execute(select(invoices.c.started_at))).scalar_one() == ENROLLED


async def test_a_case_is_found_with_its_next_step(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.connect() as connection:
        case = await read_case_ref(connection, invoice_id)
        assert case
        assert (case.number, case.stage, case.next_step) == ("F-1", "not_due", "reminder-1")
        assert case.next_at
        assert case.next_at > ENROLLED
        assert await read_case_ref(connection, case.debtor_id) is None
