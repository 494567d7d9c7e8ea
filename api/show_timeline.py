"""The story of a case: ledger, messages, steps and notices, then the steps still to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from api.schemas.case import ReasonView
from api.schemas.invoices import Happening, PlannedStep, Timeline
from api.show_case import CaseNow, case_now, show_next, show_reasons
from api.tools import ApiTools
from domain.choose_channel import choose_channel
from domain.ladder import Milestone
from domain.move import ReasonCode
from domain.next_move import stage_of
from domain.preview import planned_steps
from store.read_dossier import read_events
from store.read_timeline import Row, read_ledger, read_notices_of


async def show_timeline(tools: ApiTools, connection: AsyncConnection, invoice_id: str | None) -> Timeline:
    """Raises DomainError `unknown_invoice`."""
    case = await case_now(tools, connection, invoice_id)
    id_ = case.facts.invoice_id
    enrolled = Happening(at=case.facts.enrolled_at, type="enrolled")
    past = [*_ledger(await read_ledger(connection, id_))]
    past += _messages(await read_events(connection, id_))
    past += _steps(case)
    past += _notices(await read_notices_of(connection, id_))
    ahead = planned_steps(case.facts, case.policy, case.move, case.now)
    return Timeline(
        stage=stage_of(case.facts, case.policy, case.now).value,
        past=[enrolled, *sorted(past, key=lambda h: h.at)],
        next=show_next(case.move),
        planned=[_planned(m, case, first=m is ahead[0]) for m in ahead],
    )


def _ledger(rows: Sequence[Row]) -> Iterator[Happening]:
    for row in rows:
        yield Happening(
            at=row["created_at"],
            type="ledger",
            kind=row["kind"],
            key=row["key"],
            amount=str(row["amount"]),
            on=row["on"],
        )


def _messages(rows: Sequence[Row]) -> Iterator[Happening]:
    same = ("kind", "event_id", "message", "applied_at", "refusal", "stage_before", "stage_after")
    for row in rows:
        yield Happening(
            at=row["received_at"],
            type="message",
            actor=row["actor"] or None,
            note=row["note"] or None,
            **{name: row[name] for name in same},
        )


def _steps(case: CaseNow) -> Iterator[Happening]:
    for taken in case.facts.steps:
        yield Happening(
            at=taken.at,
            type="step",
            step=taken.step,
            state=taken.state,
            reason=taken.reason,
            channel=taken.channel,
            asked=str(taken.asked.amount) if taken.asked else None,
            notice_id=taken.notice_id,
        )


def _notices(rows: Sequence[Row]) -> Iterator[Happening]:
    for row in rows:
        yield Happening(
            at=row["sent_at"] or row["created_at"],
            type="notice",
            kind=row["kind"],
            step=row["step"],
            notice_id=row["id"],
            channel=row["channel"],
            subject=row["subject"],
            sent_at=row["sent_at"],
        )


def _planned(milestone: Milestone, case: CaseNow, *, first: bool) -> PlannedStep:
    """The first is held back by what holds the case back; a later one by its own date."""
    waits = ReasonCode.SEND_WINDOW if milestone.leaves_at > milestone.earliest else ReasonCode.SCHEDULED
    own = [ReasonView(code=waits, until=milestone.leaves_at)]
    return PlannedStep(
        step=milestone.step.key,
        channel=choose_channel(milestone.step, case.facts) or milestone.step.channel,
        tone=milestone.step.tone,
        requires_approval=milestone.step.requires_approval,
        planned_at=milestone.planned_at,
        leaves_at=milestone.leaves_at,
        reasons=(show_reasons(case.move) if first else []) or own,
    )
