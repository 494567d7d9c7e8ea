"""Approve steps that wait for a person's consent, each by a message to its case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.open_case import KnowsPolicies
from domain.apply_event import apply_event
from domain.errors import DomainError
from domain.events import Message, parse_event
from domain.stages import EventKind
from store.find_outbox import waiting_for_approval
from store.read_case import read_cases
from store.record_event import add_events

_READ_AT_ONCE: Final = 500


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

    Locks nothing, so that a case that is being worked on does not hold up the others: what it is told, it judges anew.
    """
    async with engine.begin() as tx:
        waiting = await waiting_for_approval(tx, invoices)
        named = {row["invoice_id"] for row in waiting} | {row["number"] for row in waiting}
        done = [
            Released(name, "", "", "not_awaiting_approval") for name in invoices or () if name not in named
        ]
        messages = {row["invoice_id"]: Message(event_id, step=row["step"]) for row in waiting}
        refusals = await _refusals(tx, tools, messages, now)
        allowed = [(id_, message) for id_, message in messages.items() if not refusals[id_]]
        await add_events(tx, EventKind.STEP_APPROVED, allowed, actor=actor, note=note)
    for row in waiting:
        refusal = refusals[row["invoice_id"]]
        done.append(Released(row["invoice_id"], row["number"], "" if refusal else row["step"], refusal))
    return done


async def _refusals(
    tx: AsyncConnection, tools: KnowsPolicies, messages: Mapping[str, Message], now: datetime
) -> dict[str, str]:
    """By invoice the code of why its case would refuse the message; empty: it would not."""
    found: dict[str, str] = {}
    ids = list(messages)
    for start in range(0, len(ids), _READ_AT_ONCE):
        for stored in await read_cases(tx, ids[start : start + _READ_AT_ONCE]):
            facts = stored.facts
            policy = await tools.policy(tx, stored.policy_name, stored.policy_version)
            event = parse_event(EventKind.STEP_APPROVED, messages[facts.invoice_id], facts.currency)
            try:
                apply_event(facts, event, policy, now)
                found[facts.invoice_id] = ""
            except DomainError as refused:
                found[facts.invoice_id] = refused.code
    return found
