"""A case lived through in days: does to the facts what the activities do, without database or mail server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain import take_step
from domain.apply_event import DoesNotFit, apply_event
from domain.events import Message, parse_event
from domain.facts import Facts
from domain.move import Move, MoveKind, ReasonCode
from domain.next_move import next_move
from domain.policy import Channel, Policy
from domain.promises import settle_promises
from domain.stages import EventKind, Stage
from tests.support.facts import a_case, a_policy, at

Answer = str
"""What the mail server does with a mail: `taken`, `refused` (try later) or `crash` (nobody learns)."""


class Story:
    """`until` lives through the days; `log` says what debtor or colleague noticed, with local dates."""

    def __init__(self, policy: Policy | None = None, facts: Facts | None = None, *, start: str = "") -> None:
        self.policy = policy or a_policy()
        self.facts = facts or a_case()
        self.now = at(start) if start else self.facts.enrolled_at
        self.log: list[str] = []
        self.server: Callable[[datetime], Answer] = lambda now: "taken"
        self._events = 0

    @property
    def zone(self) -> ZoneInfo:
        return self.policy.zone

    @property
    def move(self) -> Move:
        return next_move(settle_promises(self.facts, self.policy, self.now), self.policy, self.now)

    @property
    def stage(self) -> Stage:
        return self.move.stage

    @property
    def reasons(self) -> list[tuple[ReasonCode, str | None]]:
        """Codes with the local moment at which each ends by itself."""
        return [(r.code, self.local(r.until) if r.until else None) for r in self.move.reasons]

    def local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def until(self, text: str) -> Story:
        """Up to a local moment, everything done in its time."""
        end = at(text, self.zone)
        for _ in range(500):
            move = self.act()
            if self.move == move and (move.wake_at is None or move.wake_at > end):
                break
            if move.kind in (MoveKind.WAIT, MoveKind.SUSPENDED) and move.wake_at and move.wake_at <= end:
                assert move.wake_at > self.now, f"busy loop: {move}"
                self.now = move.wake_at
        else:
            raise AssertionError(f"no end to it: {self.log[-5:]}")
        self.now = max(self.now, end)
        return self

    def outage(self, text: str) -> Story:
        """Nothing runs until that moment; then what is due is done."""
        self.now = at(text, self.zone)
        return self.until(text)

    def tell(self, kind: str, **fields: str) -> Story:
        """An event arrives now. Raises DoesNotFit."""
        self._events += 1
        message = Message(event_id=f"event-{self._events}", **fields)
        event = parse_event(EventKind(kind), message, self.facts.currency)
        self.facts = apply_event(self.facts, event, self.policy, self.now)
        return self

    def refused(self, kind: str, **fields: str) -> str:
        """The code with which an event does not fit; it changes nothing."""
        before = self.facts
        try:
            self.tell(kind, **fields)
        except DoesNotFit as refusal:
            assert self.facts == before
            return refusal.code
        raise AssertionError(f"{kind} was accepted")

    def pay(self, amount: str, ref: str = "p1") -> Story:
        return self.tell("payment_received", ref=ref, amount=amount, on=self.local(self.now)[:10])

    def mend_address(self) -> Story:
        self.facts = replace(self.facts, mailable=True)
        return self.tell("facts_changed")

    def act(self, *, resuming: bool = False) -> Move:
        """One run of the activity that takes the next step."""
        self.facts = settle_promises(self.facts, self.policy, self.now)
        move = next_move(self.facts, self.policy, self.now, resuming=resuming)
        if move.kind in (MoveKind.ASK_APPROVAL, MoveKind.BLOCK):
            self.facts = take_step.park(self.facts, move, self.policy, self.now)
            self._note(f"{move.step} {move.kind.value}: {move.reasons[0].code.value}")
        elif move.kind is MoveKind.PERFORM and move.step:
            self._perform(move, move.step)
        return move

    def _perform(self, move: Move, key: str) -> None:
        step = self.policy.steps[self.policy.position(key)]
        if take_step.needs_no_channel(step):
            self.facts = take_step.park(self.facts, move, self.policy, self.now)
            self._note(f"{key} task")
            return
        self.facts = take_step.claim(self.facts, move, self.policy, self.now)
        answer = self.server(self.now) if step.channel is Channel.EMAIL else "taken"
        asked = self.facts.taken(key).asked  # type: ignore[union-attr]
        self._note(f"{key} {asked.amount if asked else ''}{'' if answer == 'taken' else f' {answer}'}")
        if answer == "taken":
            self.facts = take_step.finish(self.facts, key, self.now)
        elif answer == "refused":
            self.facts = take_step.defer(self.facts, key, self.now)
        else:  # the worker is gone; its successor comes after the lease
            self.now += timedelta(seconds=1)

    def _note(self, text: str) -> None:
        self.log.append(f"{self.local(self.now)[:10]} {text}")
