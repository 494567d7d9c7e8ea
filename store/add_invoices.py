"""Store new invoices: each once, however often its file is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.enrol import enrol
from domain.new_invoice import NewInvoice
from domain.next_move import next_move
from domain.policy import Policy
from store import tables as t
from store.add_creditors import creditor_ids
from store.save_case import decision_values

DEFAULT_CREDITOR = "default"


class Verdict(StrEnum):
    ADDED = "added"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"  # the number is known with other values; nothing was changed
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AddedInvoice:
    """What became of one invoice, in the order in which they were given."""

    invoice: NewInvoice
    verdict: Verdict
    id: str | None = None
    problems: tuple[tuple[str, str], ...] = ()
    """(field, reason): what was refused, or how the known values differ. Debtor details that differ are told too."""


async def add_invoices(
    connection: AsyncConnection, invoices: Sequence[NewInvoice], policies: Mapping[str, Policy], now: datetime
) -> list[AddedInvoice]:
    """Add what is new with its first decision; report what is known and differs; change nothing that is there.

    `policies` holds the newest version of each by name. Give a few hundred at a time: it is one transaction's work.
    """
    creditors = await creditor_ids(connection)
    placed: list[tuple[NewInvoice, str, Policy] | AddedInvoice] = []
    for invoice in invoices:
        reference = invoice.creditor or DEFAULT_CREDITOR
        if reference not in creditors:
            reason = f"no creditor {reference!r} is known: add it to the creditors file"
            placed.append(AddedInvoice(invoice, Verdict.REFUSED, problems=(("creditor", reason),)))
            continue
        creditor_id, usual_policy = creditors[reference]
        policy = policies.get(invoice.policy or usual_policy)
        if policy is None:
            reason = f"no policy {invoice.policy or usual_policy!r}: known are {', '.join(sorted(policies))}"
            placed.append(AddedInvoice(invoice, Verdict.REFUSED, problems=(("policy", reason),)))
            continue
        placed.append((invoice, creditor_id, policy))
    accepted = [p for p in placed if not isinstance(p, AddedInvoice)]
    debtors = await _add_debtors(connection, [(creditor_id, invoice) for invoice, creditor_id, _ in accepted])
    known = await _known(connection, [(creditor_id, invoice.number) for invoice, creditor_id, _ in accepted])
    rows: dict[str, list[dict[str, Any]]] = {"invoices": [], "terms": [], "ledger_entries": []}
    answers: list[AddedInvoice] = []
    for entry in placed:
        if isinstance(entry, AddedInvoice):
            answers.append(entry)
            continue
        invoice, creditor_id, policy = entry
        debtor = debtors[creditor_id, invoice.debtor.reference]
        there = known.get((creditor_id, invoice.number))
        if there is not None:
            answers.append(_compare(invoice, there, debtor))
            continue
        invoice_id = str(uuid4())
        _collect(rows, invoice, invoice_id, creditor_id, debtor["id"], policy, now)
        known[creditor_id, invoice.number] = _summary(invoice, invoice_id)
        differs = _debtor_differs(invoice, debtor)
        answers.append(AddedInvoice(invoice, Verdict.ADDED, invoice_id, differs))
    lost = await _insert(connection, rows)
    if not lost:
        return answers
    known = await _known(connection, [(creditor_id, invoice.number) for invoice, creditor_id, _ in accepted])

    def settle(answer: AddedInvoice, entry: tuple[NewInvoice, str, Policy] | AddedInvoice) -> AddedInvoice:
        if isinstance(entry, AddedInvoice) or answer.id not in lost:
            return answer
        invoice, creditor_id, _ = entry
        debtor = debtors[creditor_id, invoice.debtor.reference]
        return _compare(invoice, known[creditor_id, invoice.number], debtor)

    return [settle(answer, entry) for answer, entry in zip(answers, placed, strict=True)]


async def _insert(connection: AsyncConnection, rows: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Write what is new; the ids of the invoices that another import added in the meantime, and that are not."""
    if not rows["invoices"]:
        return set()
    # In one order always, so that two imports of the same numbers cannot wait for each other.
    ordered = sorted(rows["invoices"], key=lambda row: (row["creditor_id"], row["number"]))
    statement = upsert(t.invoices).on_conflict_do_nothing().returning(t.invoices.c.id)
    written = set((await connection.execute(statement, ordered)).scalars())
    for name, table in (("terms", t.terms), ("ledger_entries", t.ledger_entries)):
        mine = [row for row in rows[name] if row["invoice_id"] in written]
        if mine:
            await connection.execute(insert(table), mine)
    return {row["id"] for row in ordered} - written


async def _add_debtors(
    connection: AsyncConnection, wanted: Sequence[tuple[str, NewInvoice]]
) -> dict[tuple[str, str], dict[str, Any]]:
    if not wanted:
        return {}
    new = {
        (creditor_id, invoice.debtor.reference): {"id": str(uuid4()), "creditor_id": creditor_id}
        | asdict(invoice.debtor)
        for creditor_id, invoice in reversed(wanted)  # the first mention of a debtor counts
    }
    # In one order always, so that two imports of the same debtors cannot wait for each other.
    ordered = [new[key] for key in sorted(new)]
    await connection.execute(upsert(t.debtors).on_conflict_do_nothing(), ordered)
    query = select(t.debtors).where(tuple_(t.debtors.c.creditor_id, t.debtors.c.reference).in_(list(new)))
    return {
        (row["creditor_id"], row["reference"]): dict(row)
        for row in (await connection.execute(query)).mappings()
    }


async def _known(
    connection: AsyncConnection, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    if not wanted:
        return {}
    i = t.invoices.c
    query = (
        select(i.id, i.creditor_id, i.number, i.currency, i.issued, t.terms.c.due, t.terms.c.amount)
        .add_columns(t.debtors.c.reference.label("debtor"))
        .join(t.terms, t.terms.c.invoice_id == i.id)
        .join(t.debtors, t.debtors.c.id == i.debtor_id)
        .where(tuple_(i.creditor_id, i.number).in_(list(wanted)))
    )
    return {
        (row["creditor_id"], row["number"]): dict(row) for row in (await connection.execute(query)).mappings()
    }


def _summary(invoice: NewInvoice, invoice_id: str) -> dict[str, Any]:
    return {
        "id": invoice_id,
        "debtor": invoice.debtor.reference,
        "issued": invoice.issued,
        "due": invoice.due,
        "currency": invoice.amount.currency,
        "amount": invoice.amount.amount,
    }


_COLUMN_OF = {"debtor": "debtor_reference", "issued": "issue_date", "due": "due_date"}


def _compare(invoice: NewInvoice, there: Mapping[str, Any], debtor: Mapping[str, Any]) -> AddedInvoice:
    given = _summary(invoice, there["id"])
    differs = tuple(
        (_COLUMN_OF.get(name, name), f"is {there[name]} in Termijn, {value} here")
        for name, value in given.items()
        if there[name] != value
    ) + _debtor_differs(invoice, debtor)
    return AddedInvoice(invoice, Verdict.DIFFERS if differs else Verdict.UNCHANGED, there["id"], differs)


def _debtor_differs(invoice: NewInvoice, debtor: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Names only the fields: the values are personal."""
    prefix = {"reference": "debtor_", "name": "debtor_", "kind": "debtor_"}
    return tuple(
        (prefix.get(name, "") + name, "differs from what is known of this debtor; kept as it was")
        for name, value in asdict(invoice.debtor).items()
        if debtor[name] != value
    )


def _collect(
    rows: dict[str, list[dict[str, Any]]],
    invoice: NewInvoice,
    invoice_id: str,
    creditor_id: str,
    debtor_id: str,
    policy: Policy,
    now: datetime,
) -> None:
    facts = enrol(invoice, invoice_id=invoice_id, creditor_id=creditor_id, debtor_id=debtor_id, now=now)
    rows["invoices"].append(
        {
            "id": invoice_id,
            "creditor_id": creditor_id,
            "debtor_id": debtor_id,
            "number": invoice.number,
            "currency": facts.currency,
            "issued": facts.issued,
            "description": invoice.description,
            "payment_reference": invoice.payment_reference,
            "policy_name": policy.name,
            "policy_version": policy.version,
            "enrolled_at": now,
        }
        | decision_values(facts, policy, next_move(facts, policy, now), now)
    )
    for number, term in enumerate(facts.terms, 1):
        rows["terms"].append(
            {"invoice_id": invoice_id, "number": number, "due": term.due, "amount": term.amount.amount}
        )
    for entry in facts.entries:
        values = {"key": entry.key, "kind": entry.kind.value, "amount": entry.amount.amount, "on": entry.on}
        rows["ledger_entries"].append({"invoice_id": invoice_id} | values)
