"""A database with the shipped policies and one creditor, and invoices put into it as the product does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.facts import Term
from domain.money import Money
from domain.new_creditor import NewCreditor
from domain.new_invoice import NewDebtor, NewInvoice
from domain.policy import Policy
from intake.find_policies import load_policies
from intake.read_creditors import read_creditors
from intake.read_policy import read_policy
from store.add_creditors import add_creditors
from store.add_invoices import AddedInvoice, Verdict, add_invoices
from store.add_policies import add_policies
from store.tables import metadata
from tests.support.waiting import until

PROJECT: Final = Path(__file__).parents[2]
POLICIES: Final[Mapping[str, Policy]] = load_policies(PROJECT / "policies")
ENROLLED: Final = datetime(2026, 1, 2, 8, tzinfo=UTC)

_SOURCES: Final = {
    (p.name, p.version): (PROJECT / f"policies/{p.name}.yaml").read_text() for p in POLICIES.values()
}
_EMPTY: Final = text(f"TRUNCATE {', '.join(table.name for table in metadata.sorted_tables)} CASCADE")
_DEBTOR_FIELDS: Final = frozenset(NewDebtor.__slots__) - {"reference", "kind", "policy"}


async def begin_afresh(engine: AsyncEngine) -> None:
    """Nothing but the shipped policies and the sample creditor."""
    async with engine.begin() as tx:
        await tx.execute(_EMPTY)
        await add_policies(tx, _SOURCES)
        await add_creditors(tx, sample_creditors())


def sample_creditors(**changes: Any) -> tuple[NewCreditor, ...]:
    """Of samples/creditors.yaml, each with these changes."""
    creditors = read_creditors((PROJECT / "samples/creditors.yaml").read_text(), "creditors.yaml")
    return tuple(replace(creditor, **changes) for creditor in creditors)


async def add_policy(engine: AsyncEngine, source: str) -> Policy:
    """A policy of the test's own, as YAML."""
    policy = read_policy(source, "test")
    async with engine.begin() as tx:
        await add_policies(tx, {(policy.name, policy.version): source})
    return policy


def new_invoice(**changes: Any) -> NewInvoice:
    """F-1 of debtor D-1: EUR 100.00, issued 2026-01-01, due 2026-01-15. `debtor` is the debtor's reference;
    the debtor's other fields go by their own names (`name`, `email`, ...), but for `debtor_policy`.
    `terms` are (due date, amount), and add up to `amount`."""
    debtor = {
        "reference": changes.pop("debtor", "D-1"),
        "name": "Bakkerij Jansen",
        "kind": changes.pop("kind", "business"),
        "country": "NL",
        "language": "nl",
        "email": "jansen@debtor.example",
    }
    debtor |= {name: changes.pop(name) for name in list(changes) if name in _DEBTOR_FIELDS}
    debtor["policy"] = changes.pop("debtor_policy", "")
    written, currency = changes.pop("amount", "100.00"), changes.pop("currency", "EUR")
    due = changes.pop("due", date(2026, 1, 15))
    terms = tuple(Term(day, Money.parse(a, currency)) for day, a in changes.pop("terms", [(due, written)]))
    invoice: dict[str, Any] = {"number": "F-1", "issued": date(2026, 1, 1)} | changes
    return NewInvoice(
        debtor=NewDebtor(**debtor), terms=terms, amount=Money.parse(written, currency), **invoice
    )


async def import_all(
    engine: AsyncEngine,
    *invoices: NewInvoice,
    now: datetime = ENROLLED,
    policies: Mapping[str, Policy] = POLICIES,
) -> list[AddedInvoice]:
    async with engine.begin() as tx:
        return await add_invoices(tx, invoices, policies, now)


async def an_invoice(
    engine: AsyncEngine,
    *,
    now: datetime = ENROLLED,
    policies: Mapping[str, Policy] = POLICIES,
    **changes: Any,
) -> str:
    """Import one invoice (see `new_invoice`), return its id."""
    (added,) = await import_all(engine, new_invoice(**changes), now=now, policies=policies)
    assert added.verdict is Verdict.ADDED, added
    assert added.id
    return added.id


async def someone_waits(engine: AsyncEngine) -> None:
    """Return once a connection waits for a lock that another one holds."""

    async def waiting() -> bool:
        async with engine.connect() as connection:
            query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return bool((await connection.execute(query)).scalar_one())

    await until(waiting, what="a connection that waits for a lock")
