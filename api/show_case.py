"""A case as of this moment, computed from its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.schemas import case as v
from api.tools import ApiTools
from domain.choose_channel import choose_channel
from domain.cover import heeding
from domain.discount_now import discount_now
from domain.errors import DomainError
from domain.facts import Facts, Hold, StepTaken
from domain.ledger import EntryKind, balance
from domain.limitation import time_barred_on
from domain.move import Move
from domain.next_move import next_move, stage_of
from domain.policy import Channel, Policy
from domain.promises import settle_promises
from domain.recent_contacts import recent_contacts
from store.list_holds import HoldFilter, list_holds
from store.read_case import read_case
from store.read_events import pending_events
from store.read_invoice import InvoiceRow, read_invoice

_RECEIVED = frozenset({EntryKind.PAYMENT, EntryKind.REVERSAL, EntryKind.SURPLUS, EntryKind.SURPLUS_RETURNED})
_CREDITED = frozenset({EntryKind.CREDIT_NOTE, EntryKind.WAIVER})


@dataclass(frozen=True, slots=True)
class CaseNow:
    facts: Facts
    policy: Policy
    invoice: InvoiceRow
    move: Move
    now: datetime


async def case_now(tools: ApiTools, connection: AsyncConnection, invoice_id: str | None) -> CaseNow:
    """Promises are judged as of now. Raises DomainError `unknown_invoice`, also for what cannot be an id."""
    stored = await read_case(connection, invoice_id) if invoice_id else None
    invoice = await read_invoice(connection, invoice_id) if invoice_id else None
    if stored is None or invoice is None:
        raise DomainError("unknown_invoice", "no invoice has this id")
    policy = await tools.policy(connection, stored.policy_name, stored.policy_version)
    now = tools.utc_now()
    facts = settle_promises(heeding(stored.facts, policy), policy, now)
    return CaseNow(facts, policy, invoice, next_move(facts, policy, now), now)


async def show_case(tools: ApiTools, connection: AsyncConnection, invoice_id: str | None) -> v.CaseView:
    case = await case_now(tools, connection, invoice_id)
    facts, invoice = case.facts, case.invoice
    today = case.now.astimezone(case.policy.zone).date()
    return v.CaseView(
        id=facts.invoice_id,
        number=invoice.number,
        creditor=v.PartyView(
            id=facts.creditor_id, reference=invoice.creditor_reference, name=invoice.creditor_name
        ),
        debtor=v.PartyView(id=facts.debtor_id, reference=invoice.debtor_reference, name=invoice.debtor_name),
        policy=case.policy.reference,
        policy_reason=invoice.policy_reason or None,
        currency=facts.currency,
        issue_date=facts.issued,
        due_date=facts.due,
        days_late=max(0, (today - facts.due).days),
        time_barred_on=time_barred_on(facts, case.policy),
        delivered_on=facts.delivered or facts.issued,
        terms=[
            v.TermView(
                number=number,
                due=term.due,
                amount=str(term.amount.amount),
                open=str(left),
                chased=number == facts.cycle and bool(left),
            )
            for number, (term, left) in enumerate(facts.unpaid, 1)
        ],
        cycle=facts.cycle,
        discount=_discount(facts, today),
        description=invoice.description,
        payment_reference=invoice.payment_reference,
        document=invoice.document_name or None,
        stage=stage_of(facts, case.policy, case.now).value,
        amounts=_amounts(facts, today),
        last_step=show_step(max(facts.steps, key=lambda t: t.at)) if facts.steps else None,
        next=show_next(case.move, _next_channel(case)),
        disputes=[_dispute(facts, i) for i in range(len(facts.disputes))],
        promises=[
            v.PromiseView(
                promise_id=p.id,
                amount=str(p.amount.amount),
                until=p.due.isoformat(),
                made_at=p.made_at,
                ended_at=p.ended_at,
                outcome=p.outcome,
            )
            for p in facts.promises
        ],
        holds=await _holds(connection, facts, case.now),
        plans=[
            v.PlanMembershipView(
                plan_id=p.plan_id, joined_at=p.joined_at, left_at=p.left_at, outcome=p.outcome
            )
            for p in facts.plans
        ],
        tasks=[
            v.CaseTaskView(
                task_id=t.id,
                kind=t.kind,
                step=t.step,
                opened_at=t.opened_at,
                completed_at=t.completed_at,
                outcome=t.outcome,
            )
            for t in facts.tasks
        ],
        contacts=[
            v.ContactView(at=c.at, courtesy=c.courtesy, ref=c.ref)
            for c in recent_contacts(facts, case.policy, case.now)
        ],
        statement_on=facts.statement_on,
        waiting=len(await pending_events(connection, facts.invoice_id)),
        started=invoice.started,
    )


def show_step(taken: StepTaken) -> v.StepView:
    return v.StepView(
        step=taken.step,
        state=taken.state,
        at=taken.at,
        planned_at=taken.planned_at,
        reason=taken.reason,
        asked=str(taken.asked.amount) if taken.asked else None,
        notice_id=taken.notice_id,
        channel=taken.channel,
        cycle=taken.cycle,
    )


def show_next(move: Move, channel: Channel | None = None) -> v.NextView:
    return v.NextView(
        move=move.kind, step=move.step, channel=channel, at=move.wake_at, reasons=show_reasons(move)
    )


def _next_channel(case: CaseNow) -> Channel | None:
    if case.move.step is None:
        return None
    return choose_channel(case.policy.steps[case.policy.position(case.move.step)], case.facts)


def show_reasons(move: Move) -> list[v.ReasonView]:
    return [v.ReasonView(code=r.code, until=r.until) for r in move.reasons]


def show_holds(holds: Iterable[Hold], now: datetime) -> list[v.HoldView]:
    return [
        v.HoldView(
            hold_id=h.id,
            scope="term" if h.term else "invoice",
            term=h.term,
            placed_at=h.placed_at,
            until=h.until,
            lifted_at=h.lifted_at,
            active=h.is_active(now),
        )
        for h in holds
    ]


def show_hold(row: Mapping[str, Any]) -> v.HoldView:
    """As `list_holds` gives it: with its reason and who placed it."""
    return v.HoldView(**{name: row[name] for name in v.HoldView.model_fields})


async def _holds(connection: AsyncConnection, facts: Facts, now: datetime) -> list[v.HoldView]:
    """All there were on the invoice, and what holds its debtor or creditor now."""
    rows = await list_holds(connection, HoldFilter(invoice=facts.invoice_id), now)
    return [show_hold(row) for row in rows if row["invoice_id"] or row["active"]]


def _dispute(facts: Facts, index: int) -> v.DisputeView:
    d = facts.disputes[index]
    return v.DisputeView(
        dispute_id=d.id,
        amount=str(d.amount.amount) if d.amount else None,
        opened_at=d.opened_at,
        resolved_at=d.resolved_at,
        outcome=d.outcome,
    )


def _discount(facts: Facts, today: date) -> v.DiscountView | None:
    found = discount_now(facts, today)
    if found is None:
        return None
    percent, amount = f"{found.percent.normalize():f}", str(found.amount.amount)
    return v.DiscountView(percent=percent, until=found.until, amount=amount, state=found.state)


def _amounts(facts: Facts, today: date) -> v.Amounts:
    def total(kinds: frozenset[EntryKind]) -> str:
        return str(abs(balance((e for e in facts.entries if e.kind in kinds), facts.currency).amount))

    return v.Amounts(
        original=total(frozenset({EntryKind.PRINCIPAL})),
        paid=total(_RECEIVED),
        credited=total(_CREDITED),
        open=str(facts.open.amount),
        disputed=str(facts.disputed.amount),
        unallocated=str(facts.cash.amount if facts.cash else Decimal("0.00")),
        asked=str(facts.asked_on(today).amount),
    )
