"""Collect everything an agency or a court needs to know about a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.charge import account_of
from activities.name_parties import party
from channels.dossier import Document, Dossier, Event, LedgerRow, SentNotice, Term
from channels.letter import Bank
from domain.errors import DomainError
from domain.facts import Facts
from domain.law.claim import Claim
from domain.law.claim_of_case import claim_of_case
from domain.ledger import EntryKind, balance
from domain.policy import Policy
from store.read_dossier import read_events, read_invoice_document, read_sent_notices


async def assemble_dossier(
    tx: AsyncConnection, facts: Facts, policy: Policy, letterhead: Mapping[str, Any], now: datetime
) -> Dossier:
    """With the claim of the day; a rate that is not known yet is carried on, and the claim says so."""
    creditor = letterhead["creditor"]
    here = now.astimezone(policy.zone)
    document = await read_invoice_document(tx, facts.invoice_id)
    sent = await read_sent_notices(tx, facts.invoice_id)
    return Dossier(
        creditor=party(creditor),
        bank=Bank(creditor["iban"], creditor["bic"]),
        debtor=party(letterhead["debtor"]),
        invoice_number=letterhead["number"],
        issued=letterhead["issued"],
        description=letterhead["description"],
        payment_reference=letterhead["payment_reference"],
        original=balance((e for e in facts.entries if e.kind is EntryKind.PRINCIPAL), facts.currency),
        open=facts.open,
        terms=tuple(Term(term.due, term.amount) for term in facts.terms),
        ledger=tuple(LedgerRow(e.on, e.kind.value, e.amount, e.key) for e in facts.entries),
        notices=tuple(SentNotice(n["step"], n["sent_at"], n["sha256"], bytes(n["content"])) for n in sent),
        events=await _story(tx, facts),
        built_at=here,
        invoice=Document(*document) if document else None,
        claim=await _claim(tx, facts, policy, here.date()),
    )


async def _claim(tx: AsyncConnection, facts: Facts, policy: Policy, today: date) -> Claim | None:
    """None where the law gives no answer: the hand-over does not wait for that."""
    account = await account_of(tx, facts, policy, today)
    try:
        return claim_of_case(facts, policy, today, account, provisional=True)
    except DomainError:
        return None


async def _story(tx: AsyncConnection, facts: Facts) -> tuple[Event, ...]:
    """Steps taken and messages received, in words."""
    told = [Event(facts.enrolled_at, "enrolled")]
    told += [
        Event(t.at, f"step {t.step}: {t.state.value}{f' ({t.reason})' if t.reason else ''}")
        for t in facts.steps
    ]
    for event in await read_events(tx, facts.invoice_id):
        message = ", ".join(f"{name} {value}" for name, value in event["message"].items())
        refused = f" - not applied: {event['refusal']}" if event["refusal"] else ""
        note = f" - {event['note']}" if event["note"] else ""
        told.append(Event(event["received_at"], f"{event['kind']}: {message}{note}{refused}"))
    return tuple(told)
