"""A sending that a killed worker left behind, when a message comes before its retry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.apply_event import apply_event
from activities.tools import Tools
from channels.email.send import SmtpSender
from domain.contract import ApplyEvent, NextMove
from domain.events import Message
from domain.facts import Facts, StepState, TaskKind
from domain.next_move import next_move
from domain.stages import EventKind
from domain.take_step import claim
from store.read_case import read_case
from store.save_case import save_facts
from tests.support.database import ENROLLED, add_policy, an_invoice

_LADDER = """\
name: one-step
version: 1
time_zone: Europe/Amsterdam
send_window: always
steps:
  - {key: only, after: 3s, anchor: enrolled, channel: email, tone: TONE}
"""
_DIED = ENROLLED + timedelta(seconds=4)


@pytest.fixture
async def tools(database: AsyncEngine) -> AsyncIterator[Tools]:
    sender = SmtpSender("smtp://127.0.0.1:1?starttls=off")  # nothing is to be sent
    client = cast("Client", None)  # nor anybody told
    yield Tools(database, sender, client, "termijn.example", "nobody", lambda: _DIED)
    await sender.aclose()


async def left_sending(engine: AsyncEngine, tone: str) -> str:
    """An invoice whose only step a worker claimed before it died."""
    policy = await add_policy(engine, _LADDER.replace("TONE", tone))
    id_ = await an_invoice(engine, policy=policy.name, policies={policy.name: policy})
    before = await facts_of(engine, id_)
    claimed = claim(before, next_move(before, policy, _DIED), policy, _DIED)
    (sending,) = claimed.steps
    async with engine.begin() as tx:
        await save_facts(tx, before, claimed.with_step(replace(sending, notice_id=None)))
    return id_


async def facts_of(engine: AsyncEngine, id_: str) -> Facts:
    async with engine.connect() as connection:
        stored = await read_case(connection, id_)
    assert stored is not None
    return stored.facts


async def tell(tools: Tools, id_: str, kind: EventKind, message: Message) -> NextMove:
    return await apply_event(tools, ApplyEvent(id_, kind.value, message, _DIED))


async def test_of_a_paid_invoice_a_person_is_asked_whether_the_formal_notice_left(tools: Tools) -> None:
    id_ = await left_sending(tools.engine, "formal")
    paid = Message("payment/1", ref="1", amount="100.00", currency="EUR", on=ENROLLED.date().isoformat())
    assert (await tell(tools, id_, EventKind.PAYMENT_RECEIVED, paid)).closed
    facts = await facts_of(tools.engine, id_)
    assert [t.state for t in facts.steps] == [StepState.BLOCKED]
    assert [(t.kind, t.completed_at) for t in facts.tasks] == [(TaskKind.CHECK_DELIVERY, None)]
    # Should the money bounce, nothing leaves a second time before that is answered.
    bounced = Message("reversal/1", ref="1", on=ENROLLED.date().isoformat())
    move = await tell(tools, id_, EventKind.PAYMENT_REVERSED, bounced)
    assert (move.closed, move.wake_at) == (False, None)


async def test_of_a_disputed_invoice_a_courtesy_is_judged_afresh_when_the_dispute_ends(tools: Tools) -> None:
    id_ = await left_sending(tools.engine, "firm")
    await tell(tools, id_, EventKind.DISPUTE_OPENED, Message("dispute/1", ref="1"))
    assert [t.state for t in (await facts_of(tools.engine, id_)).steps] == [StepState.DEFERRED]
    ended = Message("resolution/1", ref="1", outcome="rejected")
    move = await tell(tools, id_, EventKind.DISPUTE_RESOLVED, ended)
    assert move.step == "only"
    assert move.wake_at is not None
    assert move.wake_at - _DIED < timedelta(seconds=5)
