"""Approve steps that wait for a person's consent, each by a message to its case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.open_case import KnowsPolicies
from domain.apply_event import apply_event
from domain.errors import DomainError
from domain.events import Message, parse_event
from domain.stages import EventKind
from store.find_outbox import waiting_for_approval
from store.lock_debtor import lock_debtor
from store.read_case import read_case
from store.record_event import add_event


@dataclass(frozen=True, slots=True)
class Released:
    invoice: str
    """Its id; as it was named, where nothing is found."""
    number: str
    step: str
    """Empty: nothing was released."""
    refusal: str = ""
    """Code of why not."""


async def release_steps(
    engine: AsyncEngine,
    tools: KnowsPolicies,
    invoices: Sequence[str] | None,
    event_id: str,
    now: datetime,
    *,
    actor: str,
    note: str = "",
) -> list[Released]:
    """Keep a message for each of these cases (ids or numbers; None: all) that waits for approval, to be delivered by
    the caller (`deliver_event`).

    Each in a transaction of its own, so that one that is being worked on does not hold up the others.
    """
    async with engine.connect() as connection:
        waiting = await waiting_for_approval(connection, invoices)
    named = {row["invoice_id"] for row in waiting} | {row["number"] for row in waiting}
    done = [Released(name, "", "", "not_awaiting_approval") for name in invoices or () if name not in named]
    for row in waiting:
        id_: str = row["invoice_id"]
        async with engine.begin() as tx:
            message = Message(event_id, step=row["step"])
            refusal = await _refusal(tx, tools, id_, message, now)
            if not refusal:
                kind = EventKind.STEP_APPROVED
                await add_event(tx, id_, kind, message, actor=actor, note=note)
        done.append(Released(id_, row["number"], "" if refusal else row["step"], refusal))
    return done


async def _refusal(
    tx: AsyncConnection, tools: KnowsPolicies, invoice_id: str, message: Message, now: datetime
) -> str:
    """Code of why the case would refuse it; empty: it would not."""
    await lock_debtor(tx, invoice_id)
    stored = await read_case(tx, invoice_id)
    if stored is None:
        return "unknown_invoice"
    policy = await tools.policy(tx, stored.policy_name, stored.policy_version)
    event = parse_event(EventKind.STEP_APPROVED, message, stored.facts.currency)
    try:
        apply_event(stored.facts, event, policy, now)
    except DomainError as refused:
        return refused.code
    return ""
