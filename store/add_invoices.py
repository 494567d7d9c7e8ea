"""Store new invoices: each once, however often its file is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.assign_policy import PolicyReason, assign_policy
from domain.enrol import enrol
from domain.facts import DebtorKind
from domain.law.lint import lint_for
from domain.new_debtor import NewDebtor
from domain.new_invoice import NewInvoice
from domain.next_move import next_move
from domain.policy import Policy
from store import tables as t
from store.add_creditors import KnownCreditor, creditor_ids
from store.add_debtors import Key, KnownDebtor, add_debtors, debtor_differs, known_debtors
from store.compare_invoice import Summary, differences, known_invoices, summary
from store.heed_debtors import heed_debtors
from store.insert_rows import insert_new_rows, insert_rows
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
    """(field, reason): what was refused, or how the known values differ. Of one that was added, what is worth
    knowing: debtor details that differ, steps of its policy that the law forbids."""


@dataclass(frozen=True, slots=True)
class _Accepted:
    """An invoice that has its creditor and policy."""

    invoice: NewInvoice
    creditor_id: str
    policy: Policy
    reason: PolicyReason

    @property
    def debtor_key(self) -> Key:
        return self.creditor_id, self.invoice.debtor.reference

    @property
    def number_key(self) -> tuple[str, str]:
        return self.creditor_id, self.invoice.number


async def add_invoices(
    connection: AsyncConnection, invoices: Sequence[NewInvoice], policies: Mapping[str, Policy], now: datetime
) -> list[AddedInvoice]:
    """Add what is new with its first decision; report what is known and differs; change nothing that is there.

    `policies` holds the newest version of each by name. Give a few hundred at a time: it is one transaction's work.
    """
    creditors = await creditor_ids(connection)
    debtors = await known_debtors(connection, _debtor_keys(invoices, creditors))
    details = {key: debtor.details for key, debtor in debtors.items()}
    placed = [_place(invoice, creditors, details, policies) for invoice in invoices]
    debtors |= await add_debtors(connection, {key: details[key] for key in details.keys() - debtors.keys()})
    numbers = {p.number_key for p in placed if isinstance(p, _Accepted)}
    known = await known_invoices(connection, numbers)
    rows: dict[str, list[dict[str, Any]]] = {"invoices": [], "terms": [], "ledger_entries": []}
    answers: list[AddedInvoice] = []
    for entry in placed:
        if isinstance(entry, AddedInvoice):
            answers.append(entry)
            continue
        debtor = debtors[entry.debtor_key]
        there = known.get(entry.number_key)
        if there is not None:
            answers.append(_compare(entry.invoice, there, debtor.details))
            continue
        invoice_id = str(uuid4())
        _collect(rows, entry, invoice_id, debtor, now)
        known[entry.number_key] = summary(entry.invoice, invoice_id)
        told = debtor_differs(entry.invoice.debtor, debtor.details) + _unlawful(entry.policy, debtor.details)
        answers.append(AddedInvoice(entry.invoice, Verdict.ADDED, invoice_id, told))
    lost = await _insert(connection, rows)
    if added := {row["id"] for row in rows["invoices"]} - lost:
        await heed_debtors(connection, added, policies, now)
    if not lost:
        return answers
    known = await known_invoices(connection, numbers)

    def settle(answer: AddedInvoice, entry: _Accepted | AddedInvoice) -> AddedInvoice:
        if isinstance(entry, AddedInvoice) or answer.id not in lost:
            return answer
        return _compare(entry.invoice, known[entry.number_key], debtors[entry.debtor_key].details)

    return [settle(answer, entry) for answer, entry in zip(answers, placed, strict=True)]


def _debtor_keys(invoices: Sequence[NewInvoice], creditors: Mapping[str, KnownCreditor]) -> set[Key]:
    named = ((creditors.get(invoice.creditor or DEFAULT_CREDITOR), invoice) for invoice in invoices)
    return {(creditor.id, invoice.debtor.reference) for creditor, invoice in named if creditor}


def _place(
    invoice: NewInvoice,
    creditors: Mapping[str, KnownCreditor],
    debtors: dict[Key, NewDebtor],
    policies: Mapping[str, Policy],
) -> _Accepted | AddedInvoice:
    """Gives it its creditor and policy. A debtor that is not among `debtors` joins them: the first mention counts."""

    def refuse(field: str, reason: str) -> AddedInvoice:
        return AddedInvoice(invoice, Verdict.REFUSED, problems=((field, reason),))

    reference = invoice.creditor or DEFAULT_CREDITOR
    creditor = creditors.get(reference)
    if creditor is None:
        return refuse("creditor", f"no creditor {reference!r} is known: add it to the creditors file")
    key = creditor.id, invoice.debtor.reference
    debtor = debtors.get(key, invoice.debtor)
    name, reason = assign_policy(
        invoice=invoice.policy,
        debtor=debtor.policy,
        segment=debtor.segment,
        segment_policies=creditor.segment_policies,
        creditor=creditor.policy,
    )
    for field, wanted in ((_FIELD_OF[reason], name), ("debtor_policy", debtor.policy or name)):
        if wanted not in policies:
            return refuse(field, f"no policy {wanted!r}: known are {', '.join(sorted(policies))}")
    debtors.setdefault(key, debtor)
    return _Accepted(invoice, creditor.id, policies[name], reason)


_FIELD_OF = {
    PolicyReason.INVOICE: "policy",
    PolicyReason.DEBTOR: "debtor_policy",
    PolicyReason.SEGMENT: "segment",
    PolicyReason.CREDITOR: "policy",
}


async def _insert(connection: AsyncConnection, rows: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Write what is new; the ids of the invoices that another import added in the meantime, and that are not."""
    if not rows["invoices"]:
        return set()
    # In one order always, so that two imports of the same numbers cannot wait for each other.
    ordered = sorted(rows["invoices"], key=lambda row: (row["creditor_id"], row["number"]))
    written = await insert_new_rows(connection, t.invoices, ordered)
    for name, table in (("terms", t.terms), ("ledger_entries", t.ledger_entries)):
        await insert_rows(connection, table, [row for row in rows[name] if row["invoice_id"] in written])
    return {row["id"] for row in ordered} - written


def _compare(invoice: NewInvoice, there: Summary, debtor: NewDebtor) -> AddedInvoice:
    invoice_id = str(there["id"])
    differs = differences(summary(invoice, invoice_id), there)
    told = differs + debtor_differs(invoice.debtor, debtor)
    return AddedInvoice(invoice, Verdict.DIFFERS if told else Verdict.UNCHANGED, invoice_id, told)


def _unlawful(policy: Policy, debtor: NewDebtor) -> tuple[tuple[str, str], ...]:
    """Steps that will be passed over because the law forbids them for this debtor."""
    return tuple(
        ("policy", f"step {found.step} will not be taken: {found.message}")
        for found in lint_for(policy, debtor.country, DebtorKind(debtor.kind))
        if found.is_error and found.step
    )


def _collect(
    rows: dict[str, list[dict[str, Any]]],
    accepted: _Accepted,
    invoice_id: str,
    debtor: KnownDebtor,
    now: datetime,
) -> None:
    invoice = replace(accepted.invoice, debtor=debtor.details)  # what is known of the debtor counts
    policy, creditor_id, discount = accepted.policy, accepted.creditor_id, invoice.discount
    facts = enrol(invoice, invoice_id=invoice_id, creditor_id=creditor_id, debtor_id=debtor.id, now=now)
    rows["invoices"].append(
        {
            "id": invoice_id,
            "creditor_id": creditor_id,
            "debtor_id": debtor.id,
            "number": invoice.number,
            "currency": facts.currency,
            "issued": facts.issued,
            "delivered": facts.delivered,
            "discount_percent": discount.percent if discount else None,
            "discount_until": discount.until if discount else None,
            "description": invoice.description,
            "payment_reference": invoice.payment_reference,
            "policy_name": policy.name,
            "policy_version": policy.version,
            "policy_reason": accepted.reason.value,
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
