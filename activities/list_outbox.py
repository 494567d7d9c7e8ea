"""A day's worth of sending before it leaves: what goes, what needs consent, and what does not go and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.draft_notice import draft_notice, reason_of
from activities.open_case import KnowsPolicies, cases_of_debtor
from domain.bundle import Case
from domain.errors import DomainError
from domain.facts import StepState
from domain.foresee import Departure, Foreseen, foresee, is_behind, why_not_on
from domain.money import Money
from domain.move import Move, MoveKind, Reason, ReasonCode
from domain.policy import Channel
from store.read_lines import read_lines

_SOON: Final = timedelta(days=14)
"""How far to look for the day on which something leaves that is approved today."""
_OVER: Final = frozenset({ReasonCode.HANDED_OVER, ReasonCode.POLICY_EXHAUSTED})

Debtor = Mapping[Any, Any]
"""A row of `debtors_of_outbox`."""


@dataclass(frozen=True, slots=True)
class OutboxLine:
    invoice_id: str
    number: str
    step: str | None
    """None: the invoice is only named."""
    open: Money
    asked: Money
    """Both with what the step charges when it leaves."""


@dataclass(frozen=True, slots=True)
class OutboxNotice:
    debtor: Debtor
    leaves_at: datetime
    step: str
    channel: str
    needs_approval: bool
    """It leaves only when its steps are approved, and at `leaves_at` if that is done as soon as they are asked."""
    lines: tuple[OutboxLine, ...]

    @property
    def totals(self) -> dict[str, Money]:
        """What is asked, by currency."""
        found: dict[str, Money] = {}
        for line in self.lines:
            currency = line.asked.currency
            found[currency] = found.get(currency, Money.zero(currency)) + line.asked
        return found


@dataclass(frozen=True, slots=True)
class NotSent:
    """A case with a step whose day has come, and of which nothing leaves on the day asked about."""

    debtor: Debtor
    invoice_id: str
    number: str
    stage: str
    step: str | None
    open: Money
    reasons: tuple[Reason, ...]
    """All that hold it back on that day."""


@dataclass(frozen=True, slots=True)
class Outbox:
    notices: tuple[OutboxNotice, ...]
    not_sent: tuple[NotSent, ...]


async def outbox_of_debtor(
    tools: KnowsPolicies,
    connection: AsyncConnection,
    debtor: Debtor,
    on: date,
    now: datetime,
    *,
    mail_from_domain: str,
) -> Outbox:
    """What awaits approval is listed today, and on the day on which it would leave. Only reads."""
    cases = await cases_of_debtor(tools, connection, debtor["id"])
    texts = await read_lines(connection, [case.facts.invoice_id for case in cases])
    numbers: dict[str, str] = {id_: row["number"] for id_, row in texts.items()}
    seen = foresee(cases, now, last_day=on)
    notices: list[OutboxNotice] = []
    moves = dict(seen.moves)
    for departure in (*_leaving(seen, on), *_asking(cases, seen, on, now)):
        try:
            lines = await _lines(connection, departure, numbers, mail_from_domain)
        except DomainError as refused:
            lead = departure.lines[0].case.facts.invoice_id
            moves[lead] = moves[lead]._replace(reasons=(Reason(reason_of(refused)),))
            continue
        if departure.consented:
            by_itself = {(line.invoice_id, line.step) for notice in notices for line in notice.lines}
            lines = tuple(line for line in lines if (line.invoice_id, line.step) not in by_itself)
        notices.append(_notice(debtor, departure, lines))
    listed = {line.invoice_id for notice in notices for line in notice.lines if line.step}
    not_sent = []
    for id_, case in seen.cases.items():
        move = moves[id_]
        if id_ not in listed and _is_kept_back(case, move, on):
            why = why_not_on(case, move, on, now)
            line = NotSent(
                debtor, id_, numbers[id_], why.stage.value, why.next_step, case.facts.open, why.reasons
            )
            not_sent.append(line)
    return Outbox(tuple(notices), tuple(not_sent))


def _leaving(seen: Foreseen, on: date) -> Iterator[Departure]:
    return (d for d in seen.departures if _day(d) == on)


def _asking(cases: Sequence[Case], seen: Foreseen, on: date, now: datetime) -> Iterator[Departure]:
    """What would leave if a person consented to what waits for it by the end of the day."""
    waiting = {id_ for id_, move in seen.moves.items() if _waits(move)}
    if not waiting:
        return
    asked_now = {case.facts.invoice_id for case in cases if _is_asked_about(case)}
    told: set[str] = set()
    for departure in foresee(cases, now, last_day=on + _SOON, approve=waiting).departures:
        new = departure.consented - told
        told |= departure.consented
        is_today = on == now.astimezone(departure.lines[0].case.policy.zone).date()
        if new and (_day(departure) == on or (is_today and new & asked_now)):
            yield departure


async def _lines(
    connection: AsyncConnection, departure: Departure, numbers: Mapping[str, str], mail_from_domain: str
) -> tuple[OutboxLine, ...]:
    """Raises DomainError when the notice cannot be written."""
    after = [line.case.facts for line in departure.lines]
    if departure.channel is not Channel.CALL_TASK:
        draft = await draft_notice(
            connection, departure.lines, departure.at, mail_from_domain=mail_from_domain
        )
        after = [case.facts for case in draft.cases]
    return tuple(
        OutboxLine(
            facts.invoice_id,
            numbers[facts.invoice_id],
            line.move.step if line.move else None,
            facts.open,
            facts.asked_on(departure.at.astimezone(line.case.policy.zone).date()),
        )
        for line, facts in zip(departure.lines, after, strict=True)
    )


def _notice(debtor: Debtor, departure: Departure, lines: tuple[OutboxLine, ...]) -> OutboxNotice:
    step = departure.lines[0].step
    return OutboxNotice(
        debtor=debtor,
        leaves_at=departure.at,
        step=step.key if step else "",
        channel=departure.channel.value if departure.channel else "",
        needs_approval=bool(departure.consented),
        lines=lines,
    )


def _day(departure: Departure) -> date:
    return departure.at.astimezone(departure.lines[0].case.policy.zone).date()


def _waits(move: Move) -> bool:
    return move.kind is MoveKind.SUSPENDED and move.reasons[0].code is ReasonCode.AWAITING_APPROVAL


def _is_asked_about(case: Case) -> bool:
    return any(
        t.state is StepState.AWAITING_APPROVAL and t.cycle == case.facts.cycle for t in case.facts.steps
    )


def _is_kept_back(case: Case, move: Move, on: date) -> bool:
    over = move.kind is MoveKind.CLOSE or any(reason.code in _OVER for reason in move.reasons)
    return not over and is_behind(case, on)
