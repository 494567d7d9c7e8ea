"""Which policy a new invoice gets, and that the case says why."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from store.add_creditors import add_creditors
from store.add_invoices import Verdict
from store.tables import invoices
from tests.support.database import an_invoice, import_all, new_invoice, sample_creditors

BY_SEGMENT = {"key-account": "friendly", "lost": "no-such-policy"}


@pytest.fixture
async def segmented(database: AsyncEngine) -> AsyncEngine:
    async with database.begin() as tx:
        await add_creditors(tx, sample_creditors(policy="standard", segment_policies=BY_SEGMENT))
    return database


async def assigned(engine: AsyncEngine, invoice_id: str) -> tuple[str, str]:
    i = invoices.c
    async with engine.connect() as connection:
        query = select(i.policy_name, i.policy_reason).where(i.id == invoice_id)
        name, reason = (await connection.execute(query)).one()
    return name, reason


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (
            {"policy": "nl-business", "debtor_policy": "strict", "segment": "key-account"},
            ("nl-business", "invoice"),
        ),
        ({"debtor_policy": "strict", "segment": "key-account"}, ("strict", "debtor")),
        ({"segment": "key-account"}, ("friendly", "segment")),
        ({"segment": "small"}, ("standard", "creditor")),
        ({}, ("standard", "creditor")),
    ],
)
async def test_the_nearest_to_the_invoice_names_its_policy(
    segmented: AsyncEngine, named: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await assigned(segmented, await an_invoice(segmented, **named)) == expected


async def test_what_is_known_of_a_debtor_counts_where_the_file_says_nothing(segmented: AsyncEngine) -> None:
    """As it counts where the file says something else: details are corrected elsewhere."""
    await an_invoice(segmented, segment="key-account")
    silent, other = await import_all(
        segmented, new_invoice(number="F-2"), new_invoice(number="F-3", segment="small")
    )
    assert silent.id
    assert other.id
    assert await assigned(segmented, silent.id) == ("friendly", "segment")
    assert await assigned(segmented, other.id) == ("friendly", "segment")
    assert silent.problems == ()
    assert [field for field, _ in other.problems] == ["segment"]


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"debtor_policy": "gentle"}, "debtor_policy"),
        ({"debtor_policy": "gentle", "policy": "strict"}, "debtor_policy"),
        ({"segment": "lost"}, "segment"),
        ({"policy": "gentle", "debtor_policy": "strict"}, "policy"),
    ],
)
async def test_a_policy_that_nobody_knows_refuses_the_row_and_its_debtor(
    segmented: AsyncEngine, named: dict[str, Any], field: str
) -> None:
    refused, good = await import_all(segmented, new_invoice(**named), new_invoice(number="F-2"))
    assert refused.verdict is Verdict.REFUSED
    assert [name for name, _ in refused.problems] == [field]
    assert good.verdict is Verdict.ADDED
    assert good.id
    assert await assigned(segmented, good.id) == ("standard", "creditor")


async def test_steps_that_the_law_forbids_for_a_debtor_are_told_when_the_invoice_comes_in(
    segmented: AsyncEngine,
) -> None:
    business, consumer = await import_all(
        segmented,
        new_invoice(policy="nl-business"),
        new_invoice(number="F-2", debtor="D-2", kind="consumer", policy="nl-business"),
    )
    assert business.problems == ()
    assert consumer.verdict is Verdict.ADDED
    assert {field for field, _ in consumer.problems} == {"policy"}
    assert all("will not be taken: " in reason for _, reason in consumer.problems)
