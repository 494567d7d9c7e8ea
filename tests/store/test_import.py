"""Importing invoices: each once, whatever is read twice or at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.facts import Discount
from domain.new_invoice import NewInvoice
from store.add_invoices import AddedInvoice, Verdict, add_invoices
from store.tables import debtors, invoices, ledger_entries, terms
from tests.support.database import (
    ENROLLED,
    POLICIES,
    add_policy,
    import_all,
    new_invoice,
    someone_waits,
)
from tests.support.facts import at


def a_file(count: int = 30) -> list[NewInvoice]:
    """Several invoices of each of five debtors."""
    return [new_invoice(number=f"F-{n}", debtor=f"D-{n % 5}", amount=f"{n + 1}.00") for n in range(count)]


def verdicts(added: list[AddedInvoice]) -> set[Verdict]:
    return {one.verdict for one in added}


async def count(engine: AsyncEngine) -> tuple[int, int, int, int]:
    """Rows of invoices, debtors, terms and ledger."""
    async with engine.connect() as connection:
        rows = [
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (invoices, debtors, terms, ledger_entries)
        ]
    return rows[0], rows[1], rows[2], rows[3]


async def test_a_file_that_is_read_twice_changes_nothing(database: AsyncEngine) -> None:
    first = await import_all(database, *a_file())
    assert verdicts(first) == {Verdict.ADDED}
    again = await import_all(database, *a_file())
    assert verdicts(again) == {Verdict.UNCHANGED}
    assert [one.id for one in again] == [one.id for one in first]
    assert await count(database) == (30, 5, 30, 30)


async def test_an_invoice_twice_in_one_file_is_added_once(database: AsyncEngine) -> None:
    added = await import_all(database, new_invoice(), new_invoice(), new_invoice(amount="99.00"))
    assert [one.verdict for one in added] == [Verdict.ADDED, Verdict.UNCHANGED, Verdict.DIFFERS]


async def test_a_changed_row_is_reported_and_not_applied(database: AsyncEngine) -> None:
    await import_all(database, new_invoice())
    (changed,) = await import_all(database, new_invoice(amount="250.00", due=date(2026, 2, 1)))
    assert changed.verdict is Verdict.DIFFERS
    assert dict(changed.problems) == {
        "amount": "is 100.00 in Termijn, 250.00 here",
        "due_date": "is 2026-01-15 in Termijn, 2026-02-01 here",
    }
    async with database.connect() as connection:
        assert (await connection.execute(select(invoices.c.open_amount))).scalar_one() == Decimal("100.00")


DISCOUNT = Discount(Decimal("2.50"), date(2026, 1, 8))
TWO_TERMS = [(date(2026, 1, 15), "60.00"), (date(2026, 1, 31), "40.00")]
WHOLE = {"terms": TWO_TERMS, "delivered": date(2026, 1, 3), "discount": DISCOUNT, "tags": ("a", "b")}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {}),
        ({"tags": ("b", "a")}, {}),
        ({"terms": TWO_TERMS[:1], "amount": "60.00"}, {"terms", "amount"}),
        ({"terms": [TWO_TERMS[0], (date(2026, 2, 1), "40.00")]}, {"terms"}),
        ({"terms": [(TWO_TERMS[0][0], "50.00"), (TWO_TERMS[1][0], "50.00")]}, {"terms"}),
        ({"delivered": None}, {"delivered_on"}),
        ({"discount": None}, {"discount_percent", "discount_until"}),
        ({"discount": replace(DISCOUNT, percent=Decimal(3))}, {"discount_percent"}),
        ({"mandate": True}, {"direct_debit"}),
    ],
)
async def test_terms_delivery_and_discount_are_compared_with_what_is_known(
    database: AsyncEngine, changes: dict[str, Any], told: set[str]
) -> None:
    await import_all(database, new_invoice(**WHOLE))
    (again,) = await import_all(database, new_invoice(**WHOLE | changes))
    assert {field for field, _ in again.problems} == set(told)
    assert again.verdict is (Verdict.DIFFERS if told else Verdict.UNCHANGED)


async def test_names_are_stored_to_the_letter(database: AsyncEngine) -> None:
    name = 'O\'Neill "漢😀" \\u0041 %s :x é, {}'
    await import_all(database, new_invoice(name=name))
    async with database.connect() as connection:
        assert (await connection.execute(select(debtors.c.name))).scalar_one() == name


async def test_what_planning_asks_about_is_stored(database: AsyncEngine) -> None:
    await import_all(
        database,
        new_invoice(**WHOLE, segment="small", behaviour="slow", mandate=True, debtor_policy="strict"),
    )
    i, d = invoices.c, debtors.c
    async with database.connect() as connection:
        due = select(terms.c.number, terms.c.due, terms.c.amount).order_by(terms.c.number)
        assert [tuple(row) for row in await connection.execute(due)] == [
            (1, date(2026, 1, 15), Decimal("60.00")),
            (2, date(2026, 1, 31), Decimal("40.00")),
        ]
        invoice = (await connection.execute(select(i.delivered, i.discount_percent, i.discount_until))).one()
        assert tuple(invoice) == (date(2026, 1, 3), Decimal("2.50"), date(2026, 1, 8))
        debtor = (await connection.execute(select(d.segment, d.tags, d.behaviour, d.mandate, d.policy))).one()
        assert tuple(debtor) == ("small", ["a", "b"], "slow", True, "strict")


async def test_a_debtor_that_reads_differently_is_told_without_saying_how(database: AsyncEngine) -> None:
    await import_all(database, new_invoice())
    (added,) = await import_all(database, new_invoice(number="F-2", email="other@debtor.example"))
    assert added.verdict is Verdict.ADDED
    assert [field for field, _ in added.problems] == ["email"]
    assert "other@debtor.example" not in str(added.problems)


CAREFUL = """
name: careful
version: 1
time_zone: Europe/Amsterdam
send_window: always
stale_money: {statement_age: 3d}
steps:
  - {key: one, after: 3d, anchor: due, channel: email, tone: friendly}
"""


async def test_the_first_decision_knows_what_is_known_of_debtor_and_creditor(database: AsyncEngine) -> None:
    late = date(2026, 1, 8)
    careful = await add_policy(database, CAREFUL)
    await import_all(database, new_invoice(number="old", due=date(2026, 3, 1)))
    async with database.begin() as tx:
        await tx.execute(
            text("INSERT INTO unallocated_cash SELECT id, 'EUR', 500, '2026-01-15' FROM debtors"),
        )
        await tx.execute(text("UPDATE creditors SET statement_on = '2026-01-19'"))
    now = at("2026-01-20 10:00")
    for number, debtor, policy in (("paid", "D-1", "standard"), ("fresh", "D-2", "careful")):
        rows = [new_invoice(number=number, debtor=debtor, due=late, policy=policy)]
        await import_all(database, *rows, now=now, policies={**POLICIES, "careful": careful})
    async with database.connect() as connection:
        i = invoices.c
        query = select(i.number, i.reasons).where(i.number != "old")
        found = {number: [r["code"] for r in reasons] for number, reasons in await connection.execute(query)}
    assert found == {"paid": ["unallocated_cash"], "fresh": []}


async def test_a_row_with_an_unknown_creditor_or_policy_is_refused_and_the_rest_goes_on(
    database: AsyncEngine,
) -> None:
    added = await import_all(
        database,
        new_invoice(),
        new_invoice(number="F-2", creditor="nobody"),
        new_invoice(number="F-3", policy="gentle"),
    )
    assert [one.verdict for one in added] == [Verdict.ADDED, Verdict.REFUSED, Verdict.REFUSED]
    assert [one.problems[0][0] for one in added[1:]] == ["creditor", "policy"]


async def test_two_imports_of_one_file_at_the_same_time_add_each_invoice_once(database: AsyncEngine) -> None:
    await import_all(database, *[new_invoice(number=f"old-{n}", debtor=f"D-{n}") for n in range(5)])
    both = await asyncio.gather(
        import_all(database, *a_file(300)), import_all(database, *reversed(a_file(300)))
    )
    assert await count(database) == (305, 5, 305, 305)
    found = [{one.invoice.number: one for one in added} for added in both]
    for number, one in found[0].items():
        other = found[1][number]
        assert {one.verdict, other.verdict} == {Verdict.ADDED, Verdict.UNCHANGED}
        assert one.id == other.id


async def test_an_import_of_a_number_that_another_has_not_committed_waits_for_it(
    database: AsyncEngine,
) -> None:
    """The case that a check beforehand cannot see."""
    await import_all(database, new_invoice(number="old"))
    async with database.begin() as first:
        (mine,) = await add_invoices(first, [new_invoice()], POLICIES, ENROLLED)
        theirs = asyncio.create_task(import_all(database, new_invoice(amount="99.00")))
        await someone_waits(database)
    (other,) = await theirs
    assert (other.verdict, other.id) == (Verdict.DIFFERS, mine.id)
