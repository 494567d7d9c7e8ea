"""Messages to cases: kept from the moment they arrive until they are applied, and afterwards as the case's story."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import Message
from domain.facts import Facts, PromiseOutcome
from domain.stages import EventKind, Stage
from store.tables import events

_LONGEST = 200
"""Characters: what the keys of our tables take with room to spare."""


def storable(message: Message) -> Message:
    """The message as PostgreSQL can keep it, since anyone may signal anything: without NUL and half characters, and
    with what is too long cut to a text that is as unique. What we send ourselves stays as it is."""
    return Message(**{name: _storable(value) for name, value in asdict(message).items()})


def _storable(value: str) -> str:
    clean = value.encode("utf-8", "replace").replace(b"\0", b"?").decode()
    return clean if len(clean) <= _LONGEST else f"{clean[:100]}~{sha256(clean.encode()).hexdigest()}"


async def add_event(
    connection: AsyncConnection,
    invoice_id: str,
    kind: EventKind,
    message: Message,
    *,
    actor: str = "",
    note: str = "",
) -> bool:
    """Keep a message before it is signalled, so that it cannot be lost. False: its event_id is known here already."""
    row = {
        "invoice_id": invoice_id,
        "event_id": message.event_id,
        "kind": kind.value,
        "message": _stated(message),
        "actor": actor,
        "note": note,
    }
    return (await connection.execute(_ADD_EVENT, row)).first() is not None


async def add_events(
    connection: AsyncConnection,
    kind: EventKind,
    messages: Sequence[tuple[str, Message]],
    *,
    actor: str = "",
    note: str = "",
) -> int:
    """The same for many cases, by one statement: (invoice id, message). How many were not known here already."""
    rows = [
        {"invoice_id": id_, "event_id": message.event_id, "message": _stated(message)}
        for id_, message in messages
    ]
    values = {"rows": json.dumps(rows), "kind": kind.value, "actor": actor, "note": note}
    return (await connection.execute(_ADD_EVENTS, values)).rowcount


async def mark_applied(
    connection: AsyncConnection,
    invoice_id: str,
    kind: str,
    message: Message,
    *,
    at: datetime,
    refusal: str | None,
    stages: tuple[Stage, Stage],
) -> None:
    """The message has had its effect, or was refused for the reason given; it will not be looked at again."""
    outcome = {
        "applied_at": at,
        "refusal": refusal,
        "stage_before": stages[0].value,
        "stage_after": stages[1].value,
    }
    row = {"invoice_id": invoice_id, "event_id": message.event_id, "kind": kind, "message": _stated(message)}
    await connection.execute(_MARK_APPLIED, row | outcome)


async def record_promise_outcomes(
    connection: AsyncConnection, before: Facts, after: Facts, at: datetime
) -> None:
    """Tell the story of promises that the ledger or the clock has just decided."""
    known = {p.id: p.outcome for p in before.promises}
    told = {PromiseOutcome.KEPT: EventKind.PROMISE_KEPT, PromiseOutcome.BROKEN: EventKind.PROMISE_BROKEN}
    for promise in after.promises:
        kind = told.get(promise.outcome) if promise.outcome else None
        if kind is None or known.get(promise.id) is promise.outcome:
            continue
        message = Message(event_id=f"{kind.value}/{promise.id}", ref=promise.id)
        row = {
            "invoice_id": after.invoice_id,
            "event_id": message.event_id,
            "kind": kind.value,
            "message": _stated(message),
            "received_at": promise.ended_at or at,
            "applied_at": at,
        }
        await connection.execute(_ADD_EVENT, row)


def _mark_applied() -> Insert:
    statement = insert(events)
    changed = ("applied_at", "refusal", "stage_before", "stage_after")
    return statement.on_conflict_do_update(
        index_elements=["invoice_id", "event_id"], set_={name: statement.excluded[name] for name in changed}
    )


# Built once: building a statement costs more than executing it.
_ADD_EVENT = insert(events).on_conflict_do_nothing().returning(events.c.event_id)
_MARK_APPLIED = _mark_applied()
_ADD_EVENTS = text(
    """
    INSERT INTO events (invoice_id, event_id, kind, message, actor, note)
    SELECT told.invoice_id, told.event_id, :kind, told.message, :actor, :note
    FROM json_to_recordset(CAST(:rows AS json)) AS told (invoice_id uuid, event_id text, message jsonb)
    ON CONFLICT DO NOTHING
    """
)


def _stated(message: Message) -> dict[str, str]:
    return {name: value for name, value in asdict(message).items() if value and name != "event_id"}
