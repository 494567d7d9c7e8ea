"""What is stored is what was decided: facts read back equal the facts that were saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.apply_event import DoesNotFit
from domain.facts import DebtorKind, Facts, StepState, StepTaken, Term
from domain.ledger import Entry, EntryKind
from domain.plan_instalments import Instalment, PlanFacts, PlanState
from domain.stages import EventKind
from store.add_invoices import add_invoices
from store.read_case import read_case
from store.save_case import save_facts
from store.save_plan import add_plan
from tests.support.database import ENROLLED, POLICIES, an_invoice, new_invoice
from tests.support.facts import eur
from tests.unit.domain.story import Story

A_STEP = StepTaken(1, "reminder-1", StepState.DONE, ENROLLED, ENROLLED)

Act = Callable[[Story], None]
refs = st.sampled_from("ab")
amounts = st.sampled_from(["0.01", "40.00", "60.00", "100.00", "130.00"])
days = st.integers(0, 9)


def tell(kind: EventKind, **fields: st.SearchStrategy[str]) -> st.SearchStrategy[Act]:
    def act(given_: dict[str, str]) -> Act:
        def do(story: Story) -> None:
            today = story.local(story.now)[:10]
            later = (
                {"until": story.local(story.now + timedelta(days=int(given_["until"])))[:10]}
                if "until" in given_
                else {}
            )
            story.tell(kind.value, **({"on": today} | given_ | later))

        return do

    return st.fixed_dictionaries(fields).map(act)


def events(plan_ids: list[str]) -> st.SearchStrategy[Act]:
    plans = st.sampled_from(plan_ids)
    until = days.map(str)
    steps = st.sampled_from([s.key for s in POLICIES["standard"].steps])
    return st.one_of(
        tell(EventKind.PAYMENT_RECEIVED, ref=refs, amount=amounts),
        tell(EventKind.PAYMENT_REVERSED, ref=refs),
        tell(EventKind.CREDIT_NOTE_ISSUED, ref=refs, amount=amounts),
        tell(EventKind.DISPUTE_OPENED, ref=refs),
        tell(EventKind.DISPUTE_OPENED, ref=refs, amount=amounts),
        tell(EventKind.DISPUTE_RESOLVED, ref=refs, outcome=st.sampled_from(["accepted", "rejected"])),
        tell(EventKind.PROMISE_MADE, ref=refs, amount=amounts, until=until),
        tell(EventKind.PLAN_AGREED, ref=plans),
        tell(EventKind.PLAN_BROKEN, ref=plans),
        tell(EventKind.PLAN_COMPLETED, ref=plans),
        tell(EventKind.HOLD_PLACED, ref=refs),
        tell(EventKind.HOLD_PLACED, ref=refs, until=until),
        tell(EventKind.HOLD_LIFTED, ref=refs),
        tell(EventKind.STEP_APPROVED, step=steps),
        tell(EventKind.STEP_REJECTED, step=steps),
        tell(EventKind.WRITTEN_OFF),
        tell(EventKind.WITHDRAWN),
        st.sampled_from(["done", "retry"]).map(lambda outcome: lambda story: complete_a_task(story, outcome)),
    )


def complete_a_task(story: Story, outcome: str) -> None:
    for task in story.facts.tasks:
        if task.completed_at is None:
            story.tell("task_completed", ref=task.id, outcome=outcome)
            return


def work(answer: str) -> Act:
    """One run of the activity; the mail server answers so."""

    def do(story: Story) -> None:
        story.server = lambda now: answer
        story.act()

    return do


def pass_time(wait: int) -> Act:
    def do(story: Story) -> None:
        story.now += timedelta(days=wait * 3, seconds=wait)

    return do


working = st.sampled_from(["taken", "taken", "refused", "crash"]).map(work)


def in_any_order(facts: Facts) -> Facts:
    """Where the order says nothing; without cash, which is what other rows of the debtor leave for this case."""
    return replace(
        facts,
        cash=None,
        steps=tuple(sorted(facts.steps, key=lambda t: (t.cycle, t.step))),
        tasks=tuple(sorted(facts.tasks, key=lambda t: t.id)),
        disputes=tuple(sorted(facts.disputes, key=lambda d: d.id)),
        holds=tuple(sorted(facts.holds, key=lambda h: h.id)),
        promises=tuple(sorted(facts.promises, key=lambda p: p.id)),
        plans=tuple(sorted(facts.plans, key=lambda p: p.plan_id)),
    )


async def stored(connection: AsyncConnection, invoice_id: str) -> Facts:
    case = await read_case(connection, invoice_id)
    assert case
    return case.facts


async def a_plan(connection: AsyncConnection, facts: Facts) -> str:
    instalment = Instalment(1, facts.due, facts.open)
    plan = PlanFacts(
        str(uuid4()),
        facts.debtor_id,
        "NL",
        True,
        PlanState.ACTIVE,
        ENROLLED,
        facts.open,
        facts.open,
        (instalment,),
    )
    await add_plan(
        connection,
        plan,
        creditor_id=facts.creditor_id,
        policy=("standard", 2),
        invoice_ids=(facts.invoice_id,),
        actor="test",
        note="",
    )
    return plan.plan_id


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), email=st.sampled_from(["jansen@debtor.example", ""]))
async def test_whatever_happens_to_a_case_is_read_back_as_it_was_decided(
    database: AsyncEngine, data: st.DataObject, email: str
) -> None:
    async with database.connect() as connection:
        transaction = await connection.begin()
        invoice = new_invoice(email=email)
        (added,) = await add_invoices(connection, [invoice], POLICIES, ENROLLED)
        assert added.id
        story = Story(POLICIES["standard"], await stored(connection, added.id))
        plans = [await a_plan(connection, story.facts) for _ in range(2)]
        coming = st.one_of(events(plans), days.map(pass_time), working, working)
        for act in data.draw(st.lists(coming, min_size=5, max_size=25)):
            before = story.facts
            try:
                act(story)
            except DoesNotFit:
                continue
            await save_facts(connection, before, story.facts)
            event(story.stage.value)
            assert in_any_order(await stored(connection, added.id)) == in_any_order(story.facts)
        await transaction.rollback()


async def test_a_new_invoice_reads_as_it_was_enrolled(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database, kind="consumer", country="BE", email="", amount="1234.56")
    async with database.connect() as connection:
        facts = await stored(connection, invoice_id)
    invoice = new_invoice(amount="1234.56")
    assert facts.terms == (Term(invoice.due, invoice.amount),)
    assert facts.entries == (Entry("principal", EntryKind.PRINCIPAL, eur("1234.56"), invoice.issued),)
    assert (facts.debtor_kind, facts.country, facts.mailable) == (DebtorKind.CONSUMER, "BE", False)
    assert (facts.enrolled_at, facts.cycle, facts.ending) == (ENROLLED, 1, None)


async def test_an_invoice_that_nobody_knows_reads_as_nothing(database: AsyncEngine) -> None:
    async with database.connect() as connection:
        assert await read_case(connection, str(uuid4())) is None


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (EntryKind.PAYMENT, "10.00"),
        (EntryKind.CREDIT_NOTE, "10.00"),
        (EntryKind.WAIVER, "10.00"),
        (EntryKind.PRINCIPAL, "-10.00"),
        (EntryKind.REVERSAL, "-10.00"),
        (EntryKind.SURPLUS, "-10.00"),
    ],
)
async def test_the_ledger_refuses_an_entry_of_the_wrong_sign(
    database: AsyncEngine, kind: EntryKind, amount: str
) -> None:
    invoice_id = await an_invoice(database)
    async with database.connect() as connection:
        before = await stored(connection, invoice_id)
        wrong = Entry("wrong", kind, eur(amount), before.issued)
        with pytest.raises(IntegrityError, match="ck_ledger_entries_sign"):
            await save_facts(connection, before, replace(before, entries=(*before.entries, wrong)))


async def test_an_entry_is_booked_once_only(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.connect() as connection:
        before = await stored(connection, invoice_id)
        paid = Entry("payment/p1", EntryKind.PAYMENT, eur("-10.00"), before.issued)
        after = replace(before, entries=(*before.entries, paid))
        await save_facts(connection, before, after)
        with pytest.raises(IntegrityError, match="uq_ledger_entries"):
            await save_facts(connection, before, after)


async def test_a_step_of_a_cycle_is_one_record_for_ever(database: AsyncEngine) -> None:
    invoice_id = await an_invoice(database)
    async with database.connect() as connection:
        before = await stored(connection, invoice_id)
        once = replace(before, steps=(A_STEP,))
        await save_facts(connection, before, once)
        again = replace(once, steps=(replace(A_STEP, state=StepState.BLOCKED, reason="no_address"),))
        await save_facts(connection, once, again)
        assert (await stored(connection, invoice_id)).steps == again.steps
        next_cycle = replace(again, steps=(*again.steps, replace(A_STEP, cycle=2)))
        await save_facts(connection, again, next_cycle)
        read = await stored(connection, invoice_id)
    assert [(t.cycle, t.step) for t in read.steps] == [(1, "reminder-1"), (2, "reminder-1")]
    assert read.cycle == 1  # the only term is still the one that is chased
