"""What must be true at the end, from the messages that were told and the mails that arrived."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.apply_event import DoesNotFit, apply_event
from domain.enrol import enrol
from domain.errors import DomainError
from domain.events import Message, parse_event
from domain.facts import Facts, StepState
from domain.ledger import EntryKind
from domain.next_move import stage_of
from domain.policy import Channel, Policy, Step
from domain.stages import EventKind, Stage
from store.read_case import read_case
from tests.system.kill.portfolio import Story
from worker.embedded.maildir import read_mails

_EVENTS = text(
    "SELECT event_id, kind, message, applied_at, refusal, stage_before, stage_after FROM events "
    "WHERE invoice_id = :id ORDER BY applied_at"
)
_INVOICE = text("SELECT stage, open_amount, enrolled_at, next_at FROM invoices WHERE id = :id")
_NOTICES = text(
    "SELECT s.step, n.message_id FROM steps_taken s JOIN notices n ON n.id = s.notice_id "
    "WHERE s.invoice_id = :id AND n.message_id <> ''"
)
_MESSAGE_IDS = text("SELECT message_id FROM notices")
_OPEN_TASKS = text("SELECT step FROM tasks WHERE invoice_id = :id AND kind = :kind AND completed_at IS NULL")


@dataclass(slots=True)
class Verdict:
    """What is wrong, in words, and what was counted on the way."""

    wrong: list[str] = field(default_factory=list)
    repeated: int = 0
    """Copies of courtesy mails beyond the first."""
    parked: int = 0
    """Formal notices and hand-overs of which a person must find out whether they left."""
    waiting: int = 0
    """Cases with a mail to be tried again later than this test lasts."""
    merged: int = 0
    """Courtesy steps that an outage made so late that the next one took their place."""
    mails: int = 0


@dataclass(frozen=True, slots=True)
class _Copy:
    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class _Case:
    story: Story
    stored: Facts
    row: Any
    events: list[Any]
    mailed: dict[str, list[datetime]]
    """By step: when each copy that arrived was written, which names the invoice. By its Date header, to the second: of
    a line in another case's notice money may be booked while the mail is on its way."""
    to_check: set[str]
    """Steps for which a person is asked whether the mail arrived."""

    @property
    def waits(self) -> bool:
        """A mail that met kills and faults in turn is tried again later than this test lasts."""
        return self.row.next_at is not None


async def judge(
    connection: AsyncConnection, maildir: Path, stories: list[Story], ids: dict[str, str], policy: Policy
) -> Verdict:
    verdict = Verdict()
    arrived: dict[str, list[_Copy]] = defaultdict(list)
    for mail in read_mails(maildir):
        arrived[str(mail.message["Message-ID"])].append(_copy(mail.message))
        verdict.mails += 1
    verdict.repeated = sum(len(copies) - 1 for copies in arrived.values())
    for story in stories:
        case = await _read(connection, story, ids[story.number], arrived, policy)
        verdict.waiting += case.waits
        verdict.wrong += [f"{story.number}: {fault}" for fault in _faults(case, policy, verdict)]
    known = set((await connection.execute(_MESSAGE_IDS)).scalars())
    verdict.wrong += [f"nobody's mail: {message_id}" for message_id in arrived if message_id not in known]
    return verdict


def _copy(mail: EmailMessage) -> _Copy:
    body = mail.get_body(("plain",))
    return _Copy(parsedate_to_datetime(mail["Date"]), str(body.get_content()) if body else "")


def _faults(case: _Case, policy: Policy, verdict: Verdict) -> list[str]:
    return [*_money(case, policy), *_climbed(case, policy), *_mails(case, policy, verdict)]


async def _read(
    connection: AsyncConnection, story: Story, id_: str, arrived: dict[str, list[_Copy]], policy: Policy
) -> _Case:
    stored = await read_case(connection, id_)
    assert stored is not None
    mailed: dict[str, list[datetime]] = {s.key: [] for s in policy.steps}
    for step, message_id in await connection.execute(_NOTICES, {"id": id_}):
        # A copy may have left with the lines of others only.
        mailed[step] = [c.written_at for c in arrived.get(message_id, []) if story.number in c.text]
    row = (await connection.execute(_INVOICE, {"id": id_})).one()
    events = list((await connection.execute(_EVENTS, {"id": id_})).all())
    tasks = await connection.execute(_OPEN_TASKS, {"id": id_, "kind": "check_delivery"})
    return _Case(story, stored.facts, row, events, mailed, {step for (step,) in tasks})


def _money(case: _Case, policy: Policy) -> list[str]:
    """The ledger, every message's fate and the stage, by a replay in the order of application."""
    wrong = []
    told = {h.message(case.row.enrolled_at).event_id for h in case.story.happenings}
    got = Counter(e.event_id for e in case.events if not e.event_id.startswith("decision/"))
    if got != Counter(told):
        wrong.append(f"told {sorted(told)}, kept {sorted(got.elements())}")
    facts = _at_the_start(case)
    for event in case.events:
        if event.applied_at is None:
            wrong.append(f"{event.event_id} was never applied")
        elif not event.event_id.startswith("decision/"):
            facts, refusal = _replay(facts, event, policy)
            if refusal != event.refusal:
                wrong.append(f"{event.event_id}: refusal {event.refusal}, expected {refusal}")
        elif event.refusal:
            wrong.append(f"{event.event_id} was refused: {event.refusal}")
    if Counter(facts.entries) != Counter(case.stored.entries) or facts.credits != case.stored.credits:
        wrong.append(f"ledger {case.stored.entries}, expected {facts.entries}")
    wrong += _sums(case)
    if case.row.open_amount != facts.open.amount:
        wrong.append(f"open {case.row.open_amount}, expected {facts.open}")
    expected = _last_stage(case, facts, policy)
    if case.row.stage != expected:
        wrong.append(f"stage {case.row.stage}, expected {expected}; {case.stored.steps}")
    return wrong


def _sums(case: _Case) -> list[str]:
    """In plain numbers: open is what was billed, less what came and stayed, plus what was too much."""
    paid = {
        e.message["ref"]: Decimal(e.message["amount"])
        for e in case.events
        if (e.kind, e.refusal) == ("payment_received", None)
    }
    back = [e.message["ref"] for e in case.events if (e.kind, e.refusal) == ("payment_reversed", None)]
    waived = sum(-e.amount.amount for e in case.stored.entries if e.kind is EntryKind.WAIVER)
    surplus = sum(e.amount.amount for e in case.stored.credits)
    billed = case.story.invoice.amount.amount
    expected = billed - sum(paid.values()) + sum(paid[ref] for ref in back) - waived + surplus
    return [] if case.row.open_amount == expected else [f"open {case.row.open_amount}, in numbers {expected}"]


def _at_the_start(case: _Case) -> Facts:
    stored = case.stored
    return enrol(
        case.story.invoice,
        invoice_id=stored.invoice_id,
        creditor_id=stored.creditor_id,
        debtor_id=stored.debtor_id,
        now=case.row.enrolled_at,
    )


def _replay(facts: Facts, row: Any, policy: Policy) -> tuple[Facts, str | None]:
    try:
        event = parse_event(EventKind(row.kind), Message(row.event_id, **row.message), facts.currency)
        return apply_event(facts, event, policy, row.applied_at), None
    except (DoesNotFit, DomainError) as refused:
        return facts, refused.code


def _last_stage(case: _Case, facts: Facts, policy: Policy) -> Stage:
    """Where the messages leave the case; if they leave it free, the ladder's end or a person's desk."""
    rest = stage_of(facts, policy, datetime.now(UTC))
    if rest.is_closed or rest in (Stage.DISPUTED, Stage.ON_HOLD):
        return rest
    return Stage.HANDED_OVER if case.story.agrees and not (case.to_check or case.waits) else Stage.CHASING


def _climbed(case: _Case, policy: Policy) -> list[str]:
    """Whether no rung was left out on the way to where the ladder ended."""
    states = {s.key: taken.state if (taken := case.stored.taken(s.key)) else None for s in policy.steps}
    *rungs, last = policy.steps
    climbed = all(
        states[s.key] is StepState.DONE or (s.is_courtesy and states[s.key] is StepState.COLLAPSED)
        for s in rungs
    )
    if case.row.stage == Stage.HANDED_OVER:
        fine = climbed and states[last.key] is StepState.DONE
    elif case.row.stage == Stage.CHASING and not (case.to_check or case.waits):
        fine = climbed and states[last.key] is StepState.REJECTED
    else:
        return []
    return [] if fine else [f"{case.row.stage} with {states}"]


def _mails(case: _Case, policy: Policy, verdict: Verdict) -> list[str]:
    wrong = []
    for step in policy.steps:
        copies = case.mailed[step.key]
        taken = case.stored.taken(step.key)
        state = taken.state.value if taken else "not begun"
        if step.channel in (Channel.EMAIL, Channel.HAND_OVER):
            wrong += _copies(step, state, len(copies))
        elif copies:
            wrong.append(f"{step.key} was mailed")
        verdict.merged += state == "collapsed"
        if state == "blocked":
            verdict.parked += 1
            if step.is_courtesy or step.key not in case.to_check:
                wrong.append(f"{step.key} is blocked, and nobody is asked")
        wrong += [
            f"{step.key} was written at {at} after it was settled"
            for at in copies
            if _was_settled(case.events, at)
        ]
    return wrong


def _copies(step: Step, state: str, copies: int) -> list[str]:
    """A courtesy that is done left at least once; anything else exactly once, or a person is asked."""
    if state == "sending":
        return [f"{step.key} is still being sent"]
    if state == "done":
        fine = copies >= 1 if step.is_courtesy else copies == 1
    elif state == "blocked":
        fine = copies <= 1
    elif state == "not begun":
        fine = copies == 0
    else:  # deferred or merged: of a courtesy a copy may have arrived whose answer was lost
        fine = step.is_courtesy or copies == 0
    return [] if fine else [f"{step.key} is {state}, with {copies} copies"]


def _was_settled(events: list[Any], second: datetime) -> bool:
    """Whether the whole second lies between a message that settled the case and one that re-opened it."""

    def settled_at(moment: datetime) -> bool:
        before = [e for e in events if e.applied_at and e.applied_at < moment]
        return bool(before) and before[-1].stage_after == Stage.SETTLED

    return settled_at(second) and settled_at(second + timedelta(seconds=1))
