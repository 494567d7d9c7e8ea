"""Payment plans and notices as they are stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.facts import Facts, StepState, StepTaken
from domain.ledger import Entry, EntryKind
from domain.plan_instalments import Instalment, NoticeState, PlanFacts, PlanState
from store.find_undelivered import mark_plan_started, undelivered_events_of, unstarted_plans
from store.read_case import read_case
from store.read_dossier import read_invoice_document, read_sent_notices
from store.read_letterhead import read_letterhead
from store.read_plan import covers, read_plan
from store.record_notice import NewNotice, add_notice, current_attempts, sent_write
from store.save_case import save_facts
from store.save_plan import add_plan, end_plan, save_instalment
from store.write_together import write_together
from tests.support.database import ENROLLED, an_invoice
from tests.support.facts import eur

LATER = ENROLLED + timedelta(days=30)
INSTALMENTS = (
    Instalment(1, date(2026, 2, 1), eur("80.00")),
    Instalment(2, datetime(2026, 3, 1, 12, tzinfo=UTC), eur("120.00")),
)


async def facts_of(connection: AsyncConnection, invoice_id: str) -> Facts:
    case = await read_case(connection, invoice_id)
    assert case
    return case.facts


async def a_plan(connection: AsyncConnection, *invoice_ids: str) -> PlanFacts:
    """Over invoices of EUR 100.00 each."""
    facts = await facts_of(connection, invoice_ids[0])
    total = eur(f"{100 * len(invoice_ids)}.00")
    plan = PlanFacts(
        str(uuid4()), facts.debtor_id, "NL", True, PlanState.ACTIVE, ENROLLED, total, total, INSTALMENTS
    )
    await add_plan(
        connection,
        plan,
        creditor_id=facts.creditor_id,
        policy=("standard", 2),
        invoice_ids=invoice_ids,
        actor="desk",
        note="",
    )
    return plan


async def test_a_plan_reads_as_agreed_and_follows_the_ledger_of_its_invoices(database: AsyncEngine) -> None:
    ids = [await an_invoice(database, number=f"F-{n}") for n in range(2)]
    async with database.begin() as tx:
        plan = await a_plan(tx, *ids)
        stored = await read_plan(tx, plan.plan_id)
        assert stored
        assert stored.facts == plan
        assert stored.invoice_ids == tuple(sorted(ids))
        before = await facts_of(tx, ids[0])
        paid = Entry("payment/p1", EntryKind.PAYMENT, eur("-80.00"), date(2026, 1, 30))
        await save_facts(tx, before, replace(before, entries=(*before.entries, paid)))
        stored = await read_plan(tx, plan.plan_id)
        assert stored
        assert (stored.facts.open_now, stored.facts.paid) == (eur("120.00"), eur("80.00"))
        assert await read_plan(tx, str(uuid4())) is None


async def test_a_plan_is_told_to_each_of_its_invoices_when_it_begins_and_ends(database: AsyncEngine) -> None:
    ids = [await an_invoice(database, number=f"F-{n}") for n in range(2)]
    async with database.begin() as tx:
        plan = await a_plan(tx, *ids)
        agreed = await undelivered_events_of(tx, f"plan_agreed/{plan.plan_id}")
        assert sorted(item.case.invoice_id for item in agreed) == sorted(ids)
        assert await end_plan(tx, plan.plan_id, PlanState.BROKEN, tuple(ids), LATER)
        assert not await end_plan(tx, plan.plan_id, PlanState.COMPLETED, tuple(ids), LATER)
        broken = await undelivered_events_of(tx, f"plan_broken/{plan.plan_id}")
        assert {item.message.ref for item in broken} == {plan.plan_id}
        assert len(broken) == 2
        assert await undelivered_events_of(tx, f"plan_completed/{plan.plan_id}") == []


async def test_a_plan_joins_a_case_once_the_case_has_taken_note(database: AsyncEngine) -> None:
    invoice_id, other = await an_invoice(database), await an_invoice(database, number="F-2")
    async with database.begin() as tx:
        plan = await a_plan(tx, invoice_id)
        assert (await facts_of(tx, invoice_id)).plans == ()
        assert await covers(tx, plan.plan_id, invoice_id)
        assert not await covers(tx, plan.plan_id, other)
        assert not await covers(tx, "no plan at all", invoice_id)


async def test_how_far_an_announcement_came_is_kept(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        plan = await a_plan(tx, invoice_id)
        tried = replace(INSTALMENTS[0], announced=NoticeState.DEFERRED, at=LATER, attempts=2, retry_at=LATER)
        await save_instalment(tx, plan.plan_id, tried)
        stored = await read_plan(tx, plan.plan_id)
    assert stored
    assert stored.facts.instalments == (tried, INSTALMENTS[1])


async def test_plans_that_temporal_does_not_have_are_found(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        plan = await a_plan(tx, invoice_id)
        assert [plan_id for _, plan_id in await unstarted_plans(tx)] == [plan.plan_id]
        await mark_plan_started(tx, plan.plan_id, LATER)
        assert await unstarted_plans(tx) == []
        assert [plan_id for _, plan_id in await unstarted_plans(tx, everything=True)] == [plan.plan_id]
        await end_plan(tx, plan.plan_id, PlanState.CANCELLED, (invoice_id,), LATER)
        assert await unstarted_plans(tx, everything=True) == []


def a_notice(facts: Facts, content: bytes) -> NewNotice:
    return NewNotice(
        id=str(uuid4()),
        creditor_id=facts.creditor_id,
        debtor_id=facts.debtor_id,
        kind="reminder",
        channel="email",
        recipient="jansen@debtor.example",
        subject="Herinnering",
        message_id="<1@termijn.example>",
        media_type="message/rfc822",
        sha256=f"sha of {content.decode()}",
        content=content,
    )


async def test_a_notice_counts_as_sent_with_the_bytes_that_left_last(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.begin() as tx:
        before = await facts_of(tx, invoice_id)
        notice = a_notice(before, b"asks 100.00")
        await add_notice(tx, notice)
        await add_notice(tx, replace(notice, sha256="sha of the rest", content=b"asks 60.00"))
        taken = StepTaken(1, "reminder-1", StepState.SENDING, LATER, LATER, notice_id=notice.id, attempts=2)
        await save_facts(tx, before, replace(before, steps=(taken,)))
        assert await read_sent_notices(tx, invoice_id) == []
        assert (await read_letterhead(tx, invoice_id))["previous"] == []
        assert await current_attempts(tx, notice.id) == {(invoice_id, 1, "reminder-1", 2)}
        await write_together(tx, [sent_write(notice.id, LATER, "250 taken")])
        (sent,) = await read_sent_notices(tx, invoice_id)
        assert (sent["step"], bytes(sent["content"]), sent["sent_at"]) == ("reminder-1", b"asks 60.00", LATER)
        assert (await read_letterhead(tx, invoice_id))["previous"] == [LATER]
        assert await read_invoice_document(tx, invoice_id) is None


async def test_a_letter_names_debtor_creditor_and_invoice(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database, contact_name="Mw. de Vries", description="Zonnepanelen")
    async with database.connect() as connection:
        letterhead = await read_letterhead(connection, invoice_id)
    assert letterhead["debtor"]["contact_name"] == "Mw. de Vries"
    assert letterhead["creditor"]["reply_to"] == "debiteuren@zuiderlicht.example"
    assert (letterhead["number"], letterhead["description"]) == ("F-1", "Zonnepanelen")
