"""What will leave for one debtor if nothing happens but time, by the code that plans live cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from domain.apply_event import apply_event
from domain.bundle import Case, Line, bundle
from domain.events import Event
from domain.explain import Explanation, explain
from domain.facts import Contact, Facts, StepState
from domain.ladder import look_ahead
from domain.move import Move, MoveKind, ReasonCode
from domain.next_move import next_move
from domain.policy import Channel, start_of_day
from domain.promises import settle_promises
from domain.stages import EventKind
from domain.take_step import block, claim, finish, needs_no_channel, park, print_letter

_INSTANT: Final = timedelta(microseconds=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_MOST_TURNS: Final = 500
"""For each case: more than any ladder has, so that a mistake in a policy never keeps a caller waiting for ever."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A notice, call or hand-over that will be."""

    at: datetime
    lines: tuple[Line, ...]
    """As they are just before. The first is the one whose turn it is."""
    consented: frozenset[str]
    """Invoices of which a person must approve first; here it was taken that they do."""

    @property
    def channel(self) -> Channel | None:
        return self.lines[0].move.channel if self.lines[0].move else None

    def is_notice_of(self, invoice_id: str) -> bool:
        """Whether something is sent by which this invoice takes a step."""
        moves_on = any(line.move and line.case.facts.invoice_id == invoice_id for line in self.lines)
        return moves_on and self.channel is not Channel.CALL_TASK


@dataclass(frozen=True, slots=True)
class Foreseen:
    departures: tuple[Departure, ...]
    cases: Mapping[str, Case]
    """By invoice, as they are at the end."""
    moves: Mapping[str, Move]
    """By invoice, what was last decided: why nothing more leaves of it."""


def foresee(
    cases: Sequence[Case],
    now: datetime,
    *,
    last_day: date | None = None,
    approve: Collection[str] = (),
    until: Callable[[Departure], bool] = lambda _: False,
) -> Foreseen:
    """`cases` are all open ones of a debtor. Ends with `last_day` (in the zone of each policy), or with the first
    departure that `until` is true of; it is asked once about each. `approve`: invoices whose steps are approved as
    soon as they are asked about."""
    ahead, asked = _Ahead(cases, now, last_day, approve), 0
    for _ in range(_MOST_TURNS * max(1, len(cases))):
        if ahead.turn() is None or any(until(departure) for departure in ahead.departures[asked:]):
            break
        asked = len(ahead.departures)
    return Foreseen(tuple(ahead.departures), ahead.cases, ahead.moves)


def is_behind(case: Case, day: date) -> bool:
    """Whether a step's own moment has come by the end of the day and the step has not been taken."""
    ends = start_of_day(day + timedelta(days=1), case.policy.zone)
    first = look_ahead(case.facts, case.policy, ends - _INSTANT).first
    return first is not None and first.planned_at < ends


def why_not_on(case: Case, move: Move, day: date, now: datetime) -> Explanation:
    """What keeps it from leaving on the day, beyond what its `move`, decided by then, says first."""
    zone = case.policy.zone
    found = explain(case.facts, case.policy, max(now, start_of_day(day, zone)), move)
    ends = start_of_day(day + timedelta(days=1), zone)
    lasting = tuple(reason for reason in found.reasons if reason.until is None or reason.until >= ends)
    return replace(found, reasons=lasting or found.reasons)


def approved(facts: Facts, step: str, case: Case, now: datetime) -> Facts:
    """As if a person consented now. Raises DomainError when nobody was asked."""
    event = Event(EventKind.STEP_APPROVED, event_id="", step=step)
    return apply_event(facts, event, case.policy, now)


class _Ahead:
    """The time ahead: which case is to be looked at when."""

    def __init__(
        self, cases: Sequence[Case], now: datetime, last_day: date | None, approve: Collection[str]
    ) -> None:
        self.cases = {case.facts.invoice_id: case for case in cases}
        self.departures: list[Departure] = []
        self.moves: dict[str, Move] = {}
        self._wake = dict.fromkeys(self.cases, now)
        self._ends = {
            id_: start_of_day(last_day + timedelta(days=1), case.policy.zone) if last_day else _NEVER
            for id_, case in self.cases.items()
        }
        self._approve = frozenset(approve)
        self._consented: set[str] = set()

    def turn(self) -> str | None:
        """Look at the case whose time comes first; None when none has any left."""
        id_, at = min(self._wake.items(), key=lambda item: item[1], default=("", _NEVER))
        if at >= self._ends.get(id_, _NEVER):
            return None if at == _NEVER else self._rest(id_)
        case = self.cases[id_]
        facts = settle_promises(case.facts, case.policy, at)
        move = next_move(facts, case.policy, at)
        case = Case(facts, case.policy)
        self.cases[id_], self.moves[id_] = case, move
        if move.kind is MoveKind.PERFORM:
            self._depart(case, move, at)
        elif move.kind in (MoveKind.ASK_APPROVAL, MoveKind.BLOCK):
            self._park(case, move, at)
        elif not self._consent(case, move, at):
            self._wake[id_] = move.wake_at if move.wake_at and move.wake_at > at else _NEVER
        return id_

    def _rest(self, id_: str) -> str:
        self._wake[id_] = _NEVER
        return id_

    def _park(self, case: Case, move: Move, at: datetime) -> None:
        id_ = case.facts.invoice_id
        self.cases[id_] = Case(park(case.facts, move, case.policy, at), case.policy)
        self._wake[id_] = at

    def _consent(self, case: Case, move: Move, at: datetime) -> bool:
        """Whether the case waited for an approval that is given here."""
        id_, taken = case.facts.invoice_id, case.facts.taken(move.step or "")
        waits = taken is not None and taken.state is StepState.AWAITING_APPROVAL
        if id_ not in self._approve or not waits or move.step is None:
            return False
        if move.kind is not MoveKind.SUSPENDED or move.reasons[0].code is not ReasonCode.AWAITING_APPROVAL:
            return False
        self.cases[id_] = Case(approved(case.facts, move.step, case, at), case.policy)
        self._consented.add(id_)
        self._wake[id_] = at
        return True

    def _depart(self, lead: Case, move: Move, at: datetime) -> None:
        own = lead.step(move.step or "")
        others = [
            Case(settle_promises(case.facts, case.policy, at), case.policy) for case in self.cases.values()
        ]
        lines = bundle(lead, move, others, at)
        moving = [line.case.facts.invoice_id for line in lines if line.move]
        departure = Departure(at, lines, frozenset(self._consented & set(moving)))
        if move.channel is not Channel.INTERNAL:
            self.departures.append(departure)
        self._consented -= set(moving)
        for line in lines:
            if line.move:
                id_ = line.case.facts.invoice_id
                self.cases[id_] = Case(_after(line, line.move, at), line.case.policy)
                self._wake[id_] = at
        if move.channel not in (Channel.INTERNAL, Channel.HAND_OVER):
            contact = Contact(at, own.is_courtesy, f"foreseen/{len(self.departures)}")
            for id_, case in self.cases.items():
                told = replace(case.facts, contacts=(*case.facts.contacts, contact))
                self.cases[id_] = Case(told, case.policy)


def _after(line: Line, move: Move, at: datetime) -> Facts:
    """What leaves arrives; a letter on paper waits until somebody posts it."""
    facts, policy, key = line.case.facts, line.case.policy, move.step or ""
    if line.step and needs_no_channel(line.step, move):
        return park(facts, move, policy, at)
    claimed = claim(facts, move, policy, at)
    if move.channel is Channel.HAND_OVER and not policy.agency_email:
        return block(claimed, key, ReasonCode.NO_AGENCY, at)
    return print_letter(claimed, key, at) if move.channel is Channel.LETTER else finish(claimed, key, at)
