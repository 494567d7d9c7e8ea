"""The migrations build what the code expects."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.bundle import Case
from domain.errors import DomainError
from domain.facts import Hold
from intake.read_policy import read_policy
from store.add_creditors import add_creditors, creditor_ids
from store.add_policies import add_policies
from store.engine import make_engine
from store.hold_new_cases import HeldCase, hold_new_cases
from store.list_holds import HoldFilter, list_holds
from store.migrate import differences, migrate
from store.read_case import read_case
from store.read_policies import read_latest_policy_sources, read_policy_source
from tests.support.database import POLICIES, PROJECT, an_invoice, begin_afresh, sample_creditors
from tests.support.facts import at
from worker.embedded.postgres import EmbeddedPostgres


def test_the_migrations_build_what_the_models_say(database_url: str) -> None:
    assert differences(database_url) == []


def test_a_database_that_is_up_to_date_stays_as_it_is(database_url: str) -> None:
    migrate(database_url)
    assert differences(database_url) == []


async def test_the_history_of_a_hold_outlives_the_move_to_one_table(postgres: EmbeddedPostgres) -> None:
    admin = create_engine(postgres.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE moved"))
    admin.dispose()
    url = make_url(postgres.url).set(database="moved").render_as_string(hide_password=False)
    migrate(url)
    engine = make_engine(url)
    await begin_afresh(engine)
    now, until = at("2026-02-01 12:00"), date(2026, 2, 10)
    invoice_id = await an_invoice(engine)
    hold = Hold("H-1", now, at(f"{until}"))
    async with engine.begin() as tx:
        case = await read_case(tx, invoice_id)
        assert case
        held = HeldCase(Case(replace(case.facts, holds=(hold,)), POLICIES["standard"]), hold, until)
        await hold_new_cases(tx, [held], now, actor="desk", reason="in contact")
        before = await list_holds(tx, HoldFilter(), now)
    await engine.dispose()
    migrate_to(url, "0005")
    migrate(url)
    async with engine.begin() as tx:
        after = await list_holds(tx, HoldFilter(), now)
    await engine.dispose()
    assert after == before
    assert [(line["actor"], line["reason"], len(line["history"])) for line in after] == [
        ("desk", "in contact", 1)
    ]


def migrate_to(url: str, revision: str) -> None:
    """Back to an older schema."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "store/migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()
    engine.dispose()


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
