"""A message to a case: checked, kept, delivered; and followed until it is applied, if the caller waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.deliver import send_message
from api.calls import Call, as_uuid
from api.problems import Problem
from api.schemas.case import Answer, HoldView
from api.show_case import CaseNow, case_now, show_case, show_holds
from api.temporal_client import TemporalUnavailable
from domain.apply_event import apply_event
from domain.errors import DomainError
from domain.events import Message, parse_event
from domain.facts import Facts
from domain.stages import EventKind
from store.find_undelivered import read_case_ref
from store.lock_debtor import lock_debtor
from store.read_events import KeptEvent, pending_events, read_event
from store.record_event import add_event

_FIRST_LOOK: Final = 0.02
_LONGEST_PAUSE: Final = 0.2
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told to which case. `answer`: ids that the caller is to know; `note` stays in PostgreSQL."""

    invoice_id: str
    kind: EventKind
    message: Message
    answer: dict[str, str]
    note: str = ""


async def tell_case(call: Call, telling: Telling) -> Answer:
    """202 once Temporal has it; 200 with the new state when it was applied while the caller waited."""
    kept, facts = await _keep(call, telling)
    if kept is None or kept.applied_at is None:
        await _deliver(call, telling)
        kept = await follow(call, telling.invoice_id, telling.message.event_id)
    answer = Answer(event_id=telling.message.event_id, status="accepted", **telling.answer)
    if telling.kind is EventKind.HOLD_PLACED and (others := _other_holds(call, facts, telling.message.ref)):
        answer.also_on_hold = others
    call.response.status_code = 202
    if kept is None or kept.applied_at is None or not call.wait:
        return answer
    if kept.refusal:
        raise _refused(kept, telling)
    async with call.tools.engine.connect() as connection:
        answer.case = await show_case(call.tools, connection, telling.invoice_id)
    answer.status = "applied"
    call.response.status_code = 200
    call.response.headers["Preference-Applied"] = f"wait={call.wait}"
    return answer


async def _keep(call: Call, telling: Telling) -> tuple[KeptEvent | None, Facts]:
    """Keep the message, if it is possible and new. Answers with what is known of it, and the facts it meets.

    Raises DomainError when the case would refuse it."""
    async with call.tools.engine.begin() as tx:
        if id_ := as_uuid(telling.invoice_id):
            await lock_debtor(tx, id_)  # nothing is applied, and nothing else is told, while this is tried
        case = await case_now(call.tools, tx, id_)
        known = await read_event(tx, case.facts.invoice_id, telling.message.event_id)
        if known is None:
            facts = await as_it_will_be(tx, case)
            event = parse_event(telling.kind, telling.message, facts.currency)
            apply_event(facts, event, case.policy, case.now)
            added = await add_event(
                tx,
                case.facts.invoice_id,
                telling.kind,
                telling.message,
                actor=call.caller.name,
                note=telling.note,
            )
            if added:
                return None, facts
            known = await read_event(tx, case.facts.invoice_id, telling.message.event_id)
        if known and (known.kind, known.message) != (telling.kind, telling.message):
            name = telling.kind.value.partition("_")[0]
            text = "the same was told before with other values; what was told first stands"
            raise Problem(409, f"{name}_differs", text, event_id=telling.message.event_id)
        if known and known.refusal:
            raise _refused(known, telling)
        return known, case.facts


async def as_it_will_be(tx: AsyncConnection, case: CaseNow) -> Facts:
    """The facts once every message that is kept and waiting has been applied: what a new one will meet."""
    facts = case.facts
    for waiting in await pending_events(tx, facts.invoice_id):
        try:
            event = parse_event(waiting.kind, waiting.message, facts.currency)
            facts = apply_event(facts, event, case.policy, case.now)
        except DomainError:
            continue  # it will be refused when its turn comes
    return facts


async def _deliver(call: Call, telling: Telling) -> None:
    async with call.tools.engine.connect() as connection:
        case = await read_case_ref(connection, telling.invoice_id)
    if case is None:
        return
    try:
        async with call.tools.temporal.reach() as client:
            await send_message(client, call.tools.task_queue, case, telling.kind.value, telling.message)
    except TemporalUnavailable:
        raise kept_for_later(telling.message.event_id) from None


def kept_for_later(event_id: str) -> Problem:
    text = (
        "Temporal, which runs the cases, cannot be reached. The message is kept and will be delivered "
        "as soon as it can be; repeating the call is safe"
    )
    return Problem(503, "temporal_unavailable", text, headers={"Retry-After": "10"}, event_id=event_id)


async def follow(call: Call, invoice_id: str, event_id: str) -> KeptEvent | None:
    """Look at the kept message until the case has applied or refused it, or the caller's patience ends."""
    if not call.wait:
        return None
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + call.wait, _FIRST_LOOK
    while True:
        async with call.tools.engine.connect() as connection:
            kept = await read_event(connection, invoice_id, event_id)
        if (kept and kept.applied_at) or loop.time() + pause > deadline:
            return kept
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _refused(kept: KeptEvent, telling: Telling) -> Problem:
    text = f"the case has refused this message: {kept.refusal}"
    return Problem(409, kept.refusal or "refused", text, event_id=telling.message.event_id)


def _other_holds(call: Call, facts: Facts, hold_id: str) -> list[HoldView]:
    return [h for h in show_holds(facts.holds, call.now) if h.active and h.hold_id != hold_id]
