"""One writer at a time for each debtor, and nobody else waits."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from store.lock_debtor import lock_debtor
from tests.support.database import an_invoice, someone_waits


async def lock(engine: AsyncEngine, invoice_id: str) -> bool:
    async with engine.begin() as tx:
        return await lock_debtor(tx, invoice_id)


async def test_a_second_transaction_on_the_same_debtor_waits_for_the_first(database: AsyncEngine) -> None:
    first = await an_invoice(database)
    second = await an_invoice(database, number="F-2")
    async with database.begin() as tx:
        assert await lock_debtor(tx, first)
        other = asyncio.create_task(lock(database, second))
        await someone_waits(database)
        assert not other.done()
    assert await other


async def test_other_debtors_and_new_invoices_do_not_wait(database: AsyncEngine) -> None:
    first = await an_invoice(database)
    other = await an_invoice(database, number="F-2", debtor="D-2")
    async with database.begin() as tx:
        assert await lock_debtor(tx, first)
        async with asyncio.timeout(5):
            assert await lock(database, other)
            await an_invoice(database, number="F-3")


async def test_an_invoice_that_nobody_knows_locks_nothing(database: AsyncEngine) -> None:
    assert not await lock(database, str(uuid4()))
