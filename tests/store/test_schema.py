"""The migrations build what the code expects."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import DomainError
from intake.read_policy import read_policy
from store.add_creditors import add_creditors, creditor_ids
from store.add_policies import add_policies
from store.migrate import differences, migrate
from store.read_policies import read_latest_policy_sources, read_policy_source
from tests.support.database import POLICIES, PROJECT, an_invoice, sample_creditors


def test_the_migrations_build_what_the_models_say(database_url: str) -> None:
    assert differences(database_url) == []


def test_a_database_that_is_up_to_date_stays_as_it_is(database_url: str) -> None:
    migrate(database_url)
    assert differences(database_url) == []


async def test_codes_that_nobody_knows_are_refused(database: AsyncEngine) -> None:
    await an_invoice(database)
    with pytest.raises(IntegrityError, match="ck_invoices_stage_known"):
        async with database.begin() as tx:
            await tx.execute(text("UPDATE invoices SET stage = 'chased'"))


async def test_every_shipped_policy_reads_from_the_database_as_from_its_file(database: AsyncEngine) -> None:
    async with database.connect() as connection:
        sources = await read_latest_policy_sources(connection)
        assert {name: read_policy(source, name) for name, source in sources.items()} == POLICIES
        assert await read_policy_source(connection, "demo", 2) == sources["demo"]


async def test_the_newest_version_of_a_policy_counts_and_the_old_one_stays(database: AsyncEngine) -> None:
    old = (PROJECT / "policies/strict.yaml").read_text()
    new = old.replace("version: 2", "version: 12")
    async with database.begin() as tx:
        await add_policies(tx, {("strict", 3): old.replace("version: 2", "version: 3"), ("strict", 12): new})
        assert (await read_latest_policy_sources(tx))["strict"] == new
        assert await read_policy_source(tx, "strict", 2) == old


async def test_a_policy_does_not_change_under_its_cases(database: AsyncEngine) -> None:
    source = (PROJECT / "policies/strict.yaml").read_text()
    with pytest.raises(DomainError, match="raise the version"):
        async with database.begin() as tx:
            await add_policies(tx, {("strict", 2): source.replace("after: 7d", "after: 3d")})


async def test_creditors_are_brought_up_to_date_and_keep_their_ids(database: AsyncEngine) -> None:
    (creditor,) = sample_creditors()
    async with database.begin() as tx:
        before = await creditor_ids(tx)
        await add_creditors(tx, sample_creditors(policy="strict"))
        after = await creditor_ids(tx)
    assert before[creditor.reference][0] == after[creditor.reference][0]
    assert after[creditor.reference][1] == "strict"
