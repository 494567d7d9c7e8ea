"""The case as a state machine: any events in any order while time passes, with what must hold after each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain import take_step
from domain.apply_event import DoesNotFit, apply_event
from domain.applying import book
from domain.conditions import holds_for
from domain.events import Event
from domain.facts import Contact, DebtorKind, Hold, StepState
from domain.law.charge import DebtorAccount, charges_of
from domain.ledger import SURPLUSES, balance
from domain.money import Money
from domain.move import Move, MoveKind, ReasonCode
from domain.next_move import next_move, stage_of, suspensions
from domain.policy import Channel, Step
from domain.preview import case_details, planned_steps
from domain.promises import settle_promises
from domain.stages import STAGE_TABLE, EventKind, Stage
from tests.support.facts import eur
from tests.unit.domain.check_sending import check_sending
from tests.unit.domain.machine_policies import POLICIES, an_invoice

EVENT_ENDS: Final = frozenset(ReasonCode) - {
    ReasonCode.NOT_DUE,
    ReasonCode.SCHEDULED,
    ReasonCode.SEND_WINDOW,
    ReasonCode.PROMISED,
    ReasonCode.IN_FLIGHT,
    ReasonCode.DELIVERY_RETRY,
    ReasonCode.CONTACT_BUDGET,
    ReasonCode.AWAITING_WINDOW,
}
"""Reasons that may stand without an end, since only an event ends them."""

DISTRUSTED: Final = frozenset({ReasonCode.STALE_BANK_DATA, ReasonCode.UNALLOCATED_CASH})
SENDING: Final = StepState.SENDING

_AMOUNTS: Final = ("0.01", "9.99", "10.00", "40.00", "60.00", "98.00", "99.97", "100.00", "130.00")
amounts = st.sampled_from([eur(amount) for amount in _AMOUNTS])
few = st.sampled_from("abc")


class CaseMachine(RuleBasedStateMachine):
    """Lives one case through."""

    @initialize(
        policy=st.sampled_from([*POLICIES]),
        enrolled=st.sampled_from(["2026-01-02", "2026-02-20"]),
        kind=st.sampled_from(DebtorKind),
        terms=st.integers(1, 4),
        more=st.fixed_dictionaries(
            {key: st.booleans() for key in ("discount", "delivered", "letterable", "statement")}
        ),
    )
    def enter(self, policy: str, enrolled: str, kind: DebtorKind, terms: int, more: dict[str, bool]) -> None:
        self.policy = POLICIES[policy]
        self.facts = an_invoice(enrolled, kind, terms, **more)
        self.now = self.facts.enrolled_at
        self.events = 0
        self.left: list[tuple[int, str]] = []
        """Cycle and step of everything taken by the policy of now, in order."""

    @property
    def today(self) -> date:
        return self.now.astimezone(self.policy.zone).date()

    # -- what the activity does ------------------------------------------------------------------------------

    @rule(
        answer=st.sampled_from(["taken", "taken", "taken", "printed", "refused", "blocked", "crash"]),
        resuming=st.booleans(),
    )
    def take_next_step(self, answer: str, resuming: bool) -> None:
        self.facts = settle_promises(self.facts, self.policy, self.now)
        move = next_move(self.facts, self.policy, self.now, resuming=resuming)
        before = self.facts
        if move.kind in (MoveKind.ASK_APPROVAL, MoveKind.BLOCK):
            self._check_act(move)
            self.facts = take_step.park(before, move, self.policy, self.now)
        elif move.kind is MoveKind.PERFORM and move.step:
            self._check_act(move)
            check_sending(before, move, self.policy, self.now)
            self.left.append((before.cycle, move.step))
            if take_step.needs_no_channel(self._step(move.step), move):
                self.facts = take_step.park(before, move, self.policy, self.now)
                self._contact(move, self.facts.tasks[-1].id)
            else:
                self._send(move, move.step, answer)
        elif move.kind in (MoveKind.WAIT, MoveKind.SUSPENDED):
            assert move.wake_at is None or move.wake_at > self.now, "it would wake for nothing"
            return
        again = next_move(self.facts, self.policy, self.now)
        assert (again.kind, again.step) != (MoveKind.PERFORM, move.step) or again.step is None, "a busy loop"

    def _send(self, move: Move, key: str, answer: str) -> None:
        charged = charges_of(
            self._step(key), self.facts, self.policy, self.today, DebtorAccount(), Money.zero("EUR")
        )
        self.facts = take_step.claim(book(self.facts, charged), move, self.policy, self.now)
        notice = str(next(t for t in self.facts.steps if t.step == key and t.state is SENDING).notice_id)
        self._contact(move, notice)
        if answer == "printed" and move.channel is Channel.LETTER:
            self.facts = take_step.print_letter(self.facts, key, self.now)
        elif answer in ("taken", "printed"):
            self.facts = take_step.finish(self.facts, key, self.now)
        elif answer == "refused":
            self.facts = take_step.defer(self.facts, key, self.now)
            self._forget(notice)
        elif answer == "blocked":
            self.facts = take_step.block(self.facts, key, ReasonCode.DELIVERY_FAILED, self.now)
            self._forget(notice)

    def _contact(self, move: Move, ref: str) -> None:
        if move.step and move.channel not in (Channel.INTERNAL, Channel.HAND_OVER):
            courtesy = self._step(move.step).is_courtesy
            self.facts = self.facts.with_contact(Contact(self.now, courtesy, ref))

    def _forget(self, notice: str) -> None:
        contacts = tuple(c for c in self.facts.contacts if c.ref != notice)
        self.facts = replace(self.facts, contacts=contacts)

    def _check_act(self, move: Move) -> None:
        facts, policy, now = self.facts, self.policy, self.now
        assert facts.open.is_positive
        assert facts.ending is None
        assert not suspensions(facts, policy, now)
        assert move.stage is not Stage.HANDED_OVER
        assert move.step is not None
        assert move.planned_at is not None
        taken = facts.taken(move.step)
        assert move.planned_at <= now or (taken and taken.is_by_hand)
        passed = {p.step for p in move.passed_over}
        reached = [i for i, s in enumerate(policy.steps) if (t := facts.taken(s.key)) and t.state.is_finished]
        position, above = policy.position(move.step), max(reached, default=-1) + 1
        assert position >= above, f"{move.step} was left behind"
        for step in policy.steps[above:position]:
            is_met = step.when is None or facts.taken(step.key) or holds_for(step.when, facts)
            assert is_met == (step.key in passed), f"{move.step} would overtake {step.key}"
        for step in policy.steps:
            assert step.key not in passed or step.is_courtesy, f"{step.key} would be passed over"
        merged = any(p.state is StepState.COLLAPSED for p in move.passed_over)
        by_hand = taken is not None and taken.state is StepState.REQUESTED
        assert by_hand or not merged or self._step(move.step).is_courtesy, (
            f"a courtesy merged into {move.step}"
        )

    @rule()
    def look(self) -> None:
        move = next_move(self.facts, self.policy, self.now)
        planned = planned_steps(self.facts, self.policy, move, self.now)
        assert [m.leaves_at for m in planned] == sorted(m.leaves_at for m in planned)
        assert all(m.leaves_at >= max(self.now, m.earliest) for m in planned)
        assert str(move.stage) in case_details(self.facts, self.policy, move, self.now)

    # -- time ------------------------------------------------------------------------------------------------

    @rule(times=st.integers(1, 4))
    def live_on(self, times: int) -> None:
        """As a worker does: whatever is due is taken, then it sleeps until it wakes."""
        for _ in range(times):
            wake_at = next_move(self.facts, self.policy, self.now).wake_at
            self.now = max(self.now, wake_at or self.now)
            self.take_next_step("taken", resuming=False)

    @rule(hours=st.sampled_from([1, 7, 24, 24 * 9, 24 * 50, 24 * 200]))
    def outage(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.take_next_step("taken", resuming=False)

    @rule()
    def a_moment_passes(self) -> None:
        self.now += timedelta(seconds=31)

    # -- events ----------------------------------------------------------------------------------------------

    def _tell(self, kind: EventKind, **fields: Any) -> None:
        self.events += 1
        event = Event(kind, f"e{self.events}", **({"on": self.today} | fields))
        before, now = self.facts, self.now
        stage = stage_of(before, self.policy, now)
        try:
            after = apply_event(before, event, self.policy, now)
        except DoesNotFit:
            return
        became = stage_of(after, self.policy, now)
        assert became in STAGE_TABLE[kind][stage], f"{kind} led from {stage} to {became}"
        self.facts = after

    @rule(ref=few, amount=amounts, days_ago=st.sampled_from([0, 0, 0, 3, 20]))
    def payment(self, ref: str, amount: Money, days_ago: int) -> None:
        on = self.today - timedelta(days=days_ago)
        self._tell(EventKind.PAYMENT_RECEIVED, ref=ref, amount=amount, on=on)

    @rule(ref=few)
    def reversal(self, ref: str) -> None:
        self._tell(EventKind.PAYMENT_REVERSED, ref=ref)

    @rule(ref=few, amount=amounts)
    def credit_note(self, ref: str, amount: Money) -> None:
        self._tell(EventKind.CREDIT_NOTE_ISSUED, ref=ref, amount=amount)

    @rule(ref=few, amount=st.none() | amounts)
    def dispute(self, ref: str, amount: Money | None) -> None:
        self._tell(EventKind.DISPUTE_OPENED, ref=ref, amount=amount)

    @rule(ref=few, outcome=st.sampled_from(["accepted", "rejected"]))
    def dispute_resolved(self, ref: str, outcome: str) -> None:
        self._tell(EventKind.DISPUTE_RESOLVED, ref=ref, outcome=outcome)

    @rule(ref=few, amount=amounts, days=st.integers(0, 20), exact=st.booleans())
    def promise(self, ref: str, amount: Money, days: int, exact: bool) -> None:
        until = self.now + timedelta(days=days, seconds=1)
        self._tell(EventKind.PROMISE_MADE, ref=ref, amount=amount, until=until if exact else until.date())

    @rule(kind=st.sampled_from([EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN]), ref=few)
    def promise_ended(self, kind: EventKind, ref: str) -> None:
        self._tell(kind, ref=ref)

    @rule(ref=few)
    def plan(self, ref: str) -> None:
        self._tell(EventKind.PLAN_AGREED, ref=ref)

    @rule(kind=st.sampled_from([EventKind.PLAN_COMPLETED, EventKind.PLAN_BROKEN]), ref=few)
    def plan_ended(self, kind: EventKind, ref: str) -> None:
        self._tell(kind, ref=ref)

    @rule(ref=few, days=st.none() | st.integers(0, 20), term=st.sampled_from([None, None, 1, 2]))
    def hold(self, ref: str, days: int | None, term: int | None) -> None:
        until = None if days is None else self.today + timedelta(days=days)
        self._tell(EventKind.HOLD_PLACED, ref=ref, until=until, term=term)

    @rule(ref=few, days=st.integers(0, 20))
    def hold_extended(self, ref: str, days: int) -> None:
        self._tell(EventKind.HOLD_EXTENDED, ref=ref, until=self.today + timedelta(days=days))

    @rule(days=st.none() | st.integers(1, 20))
    def hold_on_the_debtor(self, days: int | None) -> None:
        until = None if days is None else self.now + timedelta(days=days)
        self.facts = replace(self.facts, standing_holds=(Hold("all", self.now, until),))
        self._tell(EventKind.FACTS_CHANGED)

    @rule()
    def hold_on_the_debtor_lifted(self) -> None:
        self.facts = replace(self.facts, standing_holds=())
        self._tell(EventKind.FACTS_CHANGED)

    @rule(ref=few)
    def hold_lifted(self, ref: str) -> None:
        self._tell(EventKind.HOLD_LIFTED, ref=ref)

    @rule(data=st.data(), approved=st.booleans())
    def decision(self, data: st.DataObject, approved: bool) -> None:
        step = data.draw(st.sampled_from([s.key for s in self.policy.steps]))
        waiting = [t.step for t in self.facts.steps if t.state is StepState.AWAITING_APPROVAL]
        self._tell(
            EventKind.STEP_APPROVED if approved else EventKind.STEP_REJECTED, step=(waiting or [step])[0]
        )

    @rule(data=st.data())
    def bounce(self, data: st.DataObject) -> None:
        left = [t.step for t in self.facts.steps if t.state is StepState.DONE and t.notice_id]
        self._tell(EventKind.NOTICE_BOUNCED, step=data.draw(st.sampled_from(left or ["one"])))

    @rule(data=st.data())
    def request(self, data: st.DataObject) -> None:
        self._tell(
            EventKind.STEP_REQUESTED, step=data.draw(st.sampled_from([s.key for s in self.policy.steps]))
        )

    @rule(name=st.sampled_from([*POLICIES]), really=st.integers(0, 4))
    def policy_changed(self, name: str, really: int) -> None:
        policy = POLICIES[name]
        if (
            really == 0
            and stage_of(self.facts, self.policy, self.now) in STAGE_TABLE[EventKind.POLICY_CHANGED]
        ):
            self._tell(EventKind.POLICY_CHANGED, ref=policy.reference)
            self.policy, self.left = policy, []

    @precondition(lambda self: any(t.completed_at is None for t in self.facts.tasks))
    @rule(outcome=st.sampled_from(["", "done", "retry", "approved", "rejected"]), data=st.data())
    def task(self, outcome: str, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from([t.id for t in self.facts.tasks if t.completed_at is None]))
        self._tell(EventKind.TASK_COMPLETED, ref=task, outcome=outcome)

    @rule(kind=st.sampled_from([EventKind.WRITTEN_OFF, EventKind.WITHDRAWN]), really=st.integers(0, 7))
    def end(self, kind: EventKind, really: int) -> None:
        if really == 0:
            self._tell(kind)

    @rule(mailable=st.booleans(), letterable=st.booleans())
    def facts_changed(self, mailable: bool, letterable: bool) -> None:
        self.facts = replace(self.facts, mailable=mailable, letterable=letterable)
        self._tell(EventKind.FACTS_CHANGED)

    @rule(cash=st.none() | amounts)
    def cash(self, cash: Money | None) -> None:
        covers = min(cash, self.facts.open) if cash else None
        self.facts = replace(self.facts, cash=covers or None)
        self._tell(EventKind.FACTS_CHANGED)

    @rule()
    def statement(self) -> None:
        self.facts = replace(self.facts, statement_on=self.today)
        self._tell(EventKind.FACTS_CHANGED)

    @rule(courtesy=st.booleans())
    def another_invoice_is_reminded(self, courtesy: bool) -> None:
        self.events += 1
        self.facts = self.facts.with_contact(Contact(self.now, courtesy, f"other {self.events}"))

    # -- what holds after every rule -------------------------------------------------------------------------

    @invariant()
    def the_books_balance(self) -> None:
        facts = self.facts
        assert facts.open.amount >= 0
        assert sum(e.amount.amount for e in facts.entries) == facts.open.amount
        moved = tuple(e for e in facts.entries if e.kind in SURPLUSES)
        assert facts.credits == moved
        left_over = balance(facts.credits, facts.currency)
        assert left_over.amount >= 0
        assert not (left_over and facts.open), "owed while money is left over"
        assert facts.disputed <= facts.open

    @invariant()
    def each_step_is_taken_once_and_in_order(self) -> None:
        taken = self.facts.steps
        assert len({(t.cycle, t.step) for t in taken}) == len(taken)
        for cycle in {t.cycle for t in taken}:
            positions = [self.policy.position(key) for of, key in self.left if of == cycle]
            assert positions == sorted(positions)
        for t in taken:
            if t.state in (StepState.AWAITING_APPROVAL, StepState.BLOCKED, StepState.PRINTED):
                tasks = [
                    x
                    for x in self.facts.tasks
                    if (x.cycle, x.step) == (t.cycle, t.step) and x.completed_at is None
                ]
                assert len(tasks) == 1, f"{t.state} needs one open task, has {tasks}"

    @invariant()
    def the_case_always_knows_what_comes_next(self) -> None:
        facts = settle_promises(self.facts, self.policy, self.now)
        move = next_move(facts, self.policy, self.now)
        assert move.stage is stage_of(facts, self.policy, self.now)
        assert (move.kind is MoveKind.CLOSE) == move.stage.is_closed
        if move.kind is MoveKind.WAIT:
            assert move.wake_at is not None
            assert move.wake_at > self.now
        if move.kind in (MoveKind.WAIT, MoveKind.SUSPENDED):
            assert move.reasons
            assert all(r.until or r.code in EVENT_ENDS for r in move.reasons)
            assert all(r.until is None or r.until > self.now for r in move.reasons)
        # Until it wakes, time alone changes nothing. Only what is late may leave earlier, if asked in time.
        late = move.reasons and move.reasons[0].code in (ReasonCode.SEND_WINDOW, ReasonCode.CONTACT_BUDGET)
        if move.kind is MoveKind.SUSPENDED or (move.kind is MoveKind.WAIT and not late):
            for nap in (timedelta(seconds=1), timedelta(hours=9), timedelta(days=9), timedelta(days=200)):
                if move.wake_at is None or self.now + nap < move.wake_at:
                    asleep = next_move(facts, self.policy, self.now + nap)
                    if move.reasons[0].code in DISTRUSTED:  # by night it would wait for the morning first
                        assert asleep.kind in (MoveKind.SUSPENDED, MoveKind.WAIT)
                    else:
                        assert (asleep.kind, asleep.wake_at) == (move.kind, move.wake_at)
        if move.kind is MoveKind.SUSPENDED:
            ends = min((r.until for r in move.reasons if r.until), default=None)
            # What covers the claim may go to another one untold: that is looked at every day.
            daily = move.reasons[0].code is ReasonCode.UNALLOCATED_CASH
            assert move.wake_at == ends or (daily and move.wake_at)

    def _step(self, key: str) -> Step:
        return self.policy.steps[self.policy.position(key)]
