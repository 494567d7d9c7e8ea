"""The stage table says exactly what events do: nothing happens that it does not list, all it lists happens.

Tried out: a case at every point of its ladder, under all that can suspend or end it, meets every event.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final

from domain import take_step
from domain.apply_event import DoesNotFit, apply_event
from domain.events import Message, parse_event
from domain.facts import Facts, StepState, Term
from domain.move import ReasonCode
from domain.next_move import stage_of
from domain.policy import Policy
from domain.stages import CLOSED, STAGE_TABLE, EventKind, Stage, fits
from tests.support.facts import a_case, a_policy, eur
from tests.unit.domain.story import Story

LADDER: Final = a_policy(
    "upcoming -3d approval", "one 2d", "call 1d previous call_task", "two 3d previous approval"
)
AGENCY: Final = a_policy("agency 1s enrolled hand_over", window=None)
IN_TERMS: Final = replace(
    a_case(), terms=(Term(date(2026, 1, 15), eur("40.00")), Term(date(2026, 1, 30), eur("60.00")))
)
MADE: Final = {"event_id": "e", "on": "2026-01-02"}


@dataclass(frozen=True)
class Case:
    facts: Facts
    policy: Policy
    now: datetime

    @property
    def stage(self) -> Stage:
        return stage_of(self.facts, self.policy, self.now)

    def tell(self, kind: str, **fields: str) -> Case:
        """The case after the event. Raises DoesNotFit."""
        event = parse_event(EventKind(kind), Message(**(MADE | fields)), "EUR")
        return replace(self, facts=apply_event(self.facts, event, self.policy, self.now))

    def later(self) -> Case:
        return replace(self, now=self.now + timedelta(seconds=5))


def progress() -> Iterator[Case]:
    """Every point of a ladder that makes a difference."""
    for day in ("2026-01-05", "2026-01-13", "2026-01-16", "2026-01-29"):
        story = Story(LADDER).until(day)  # not due, upcoming awaits, chasing, two awaits (and a call is open)
        yield Case(story.facts, story.policy, story.now)
    for day in ("2026-01-13", "2026-01-20"):  # something has left
        story = Story(a_policy("upcoming -3d", "one 2d", "two 9d previous")).until(day)
        yield Case(story.facts, story.policy, story.now)
    for day in ("2026-01-14", "2026-01-17", "2026-01-20"):  # later steps count on a formal notice
        story = Story(a_policy("notice -9d formal", "call -2d call_task", "two 3d approval")).until(day)
        yield Case(story.facts, story.policy, story.now)
    story = Story(
        a_policy("one 1s enrolled", "call 1s previous call_task", "agency 2s previous hand_over", window=None)
    )
    story.until("2026-01-20")
    yield Case(story.facts, story.policy, story.now)
    for day in ("2026-01-05", "2026-01-20"):  # due or not, the agency's address is missing
        story = Story(AGENCY, start=day)
        claimed = take_step.claim(story.facts, story.move, story.policy, story.now)
        blocked = take_step.block(claimed, "agency", ReasonCode.NO_AGENCY, story.now)
        yield Case(blocked, AGENCY, story.now)
    for day in (
        "2026-01-05",
        "2026-01-20",
        "2026-01-26",
        "2026-02-03",
    ):  # of two terms one or both are overdue
        story = Story(LADDER, IN_TERMS).until(day)
        yield Case(story.facts, story.policy, story.now)
    for second, day in (("2026-01-30", "2026-01-28"), ("2026-01-16", "2026-01-14")):
        # The first term is paid, already overdue or not; the second one waits for approval.
        terms = (IN_TERMS.terms[0], Term(date.fromisoformat(second), eur("60.00")))
        story = Story(LADDER, replace(IN_TERMS, terms=terms)).pay("40.00", ref="part").until(day)
        yield Case(story.facts, story.policy, story.now)
    story = Story(a_policy("upcoming -3d"), a_case(mailable=False)).until("2026-01-14")
    yield Case(story.facts, story.policy, story.now)


def part_paid(case: Case) -> Case:
    return case.tell("payment_received", ref="part", amount="40.00")


def promised(case: Case) -> Case:
    return case.tell("promise_made", ref="promise", amount="50.00", until="2027-01-01")


def promise_kept(case: Case) -> Case:
    return part_paid(case.tell("promise_made", ref="kept", amount="30.00", until="2027-01-01"))


def promise_broken(case: Case) -> Case:
    soon = (case.now + timedelta(seconds=1)).isoformat()
    return case.tell("promise_made", ref="broken", amount="30.00", until=soon).later()


def on_plan(case: Case) -> Case:
    return case.tell("plan_agreed", ref="plan")


def held(case: Case) -> Case:
    return case.tell("hold_placed", ref="hold")


def held_again(case: Case) -> Case:
    return case.tell("hold_placed", ref="other")


def a_term_held(case: Case) -> Case:
    return case.tell("hold_placed", ref="hold", term="1").tell("hold_placed", ref="of-two", term="2")


def the_first_term_held(case: Case) -> Case:
    return case.tell("hold_placed", ref="hold", term="1")


def the_first_term_held_and_disputed(case: Case) -> Case:
    return disputed_like_the_first_term(the_first_term_held(case))


def the_first_term_held_and_paid(case: Case) -> Case:
    return the_first_term_held(part_paid(case))


def the_second_term_held(case: Case) -> Case:
    return case.tell("hold_placed", ref="of-two", term="2")


def the_second_term_held_and_chased(case: Case) -> Case:
    return the_second_term_held(part_paid(case))


def disputed(case: Case) -> Case:
    return case.tell("dispute_opened", ref="dispute")


def disputed_in_part(case: Case) -> Case:
    return case.tell("dispute_opened", ref="dispute", amount="60.00")


def disputed_like_the_first_term(case: Case) -> Case:
    return case.tell("dispute_opened", ref="dispute", amount="40.00")


def the_disputed_term_paid(case: Case) -> Case:
    return disputed_like_the_first_term(part_paid(case))


def disputed_twice(case: Case) -> Case:
    return disputed_in_part(case).tell("dispute_opened", ref="other", amount="50.00")


def only_the_disputed_left(case: Case) -> Case:
    return disputed_in_part(part_paid(case))


def paid(case: Case) -> Case:
    return case.tell("payment_received", ref="all", amount="100.00")


def written_off(case: Case) -> Case:
    return case.tell("written_off")


def withdrawn(case: Case) -> Case:
    return case.tell("withdrawn")


def sent_by_hand(case: Case) -> Case:
    open_task = next((t for t in case.facts.tasks if t.completed_at is None), None)
    return case.tell("task_completed", ref=open_task.id if open_task else "none", outcome="done")


REASONS: Final = (
    part_paid,
    promise_kept,
    promise_broken,
    promised,
    on_plan,
    held,
    held_again,
    a_term_held,
    the_first_term_held,
    the_first_term_held_and_disputed,
    the_first_term_held_and_paid,
    the_second_term_held,
    the_second_term_held_and_chased,
    disputed,
    disputed_in_part,
    disputed_like_the_first_term,
    the_disputed_term_paid,
    disputed_twice,
    only_the_disputed_left,
)
ENDS: Final = (paid, written_off, withdrawn, sent_by_hand)
HISTORIES: Final = (
    (),
    *((reason,) for reason in REASONS),
    *((end,) for end in ENDS),
    *((reason, end) for reason in REASONS for end in ENDS),
)


def cases() -> Iterator[Case]:
    for start in progress():
        pairs = combinations(REASONS, 2) if start.policy is LADDER else ()
        for history in (*HISTORIES, *pairs):
            case = start
            try:
                for happens in history:
                    case = happens(case)
            except DoesNotFit:
                continue
            yield case


def events(case: Case) -> Iterator[tuple[EventKind, dict[str, str]]]:
    kind = EventKind
    for amount in ("10.00", "40.00", "55.00", "100.00"):
        yield kind.PAYMENT_RECEIVED, {"ref": "new", "amount": amount}
        yield kind.CREDIT_NOTE_ISSUED, {"ref": "new", "amount": amount}
    for payment in ("part", "all"):
        yield kind.PAYMENT_REVERSED, {"ref": payment}
    yield kind.DISPUTE_OPENED, {"ref": "new"}
    yield kind.DISPUTE_OPENED, {"ref": "new", "amount": "1.00"}
    for outcome in ("accepted", "rejected"):
        yield kind.DISPUTE_RESOLVED, {"ref": "dispute", "outcome": outcome}
    yield kind.PROMISE_MADE, {"ref": "new", "amount": "1.00", "until": "2027-01-01"}
    yield kind.PROMISE_KEPT, {"ref": "kept"}
    yield kind.PROMISE_BROKEN, {"ref": "broken"}
    yield kind.PLAN_AGREED, {"ref": "new"}
    yield kind.PLAN_BROKEN, {"ref": "plan"}
    yield kind.PLAN_COMPLETED, {"ref": "plan"}
    yield kind.HOLD_PLACED, {"ref": "new"}
    yield kind.HOLD_PLACED, {"ref": "new", "term": "2"}
    for hold in ("hold", "of-two"):
        yield kind.HOLD_LIFTED, {"ref": hold}
        yield kind.HOLD_EXTENDED, {"ref": hold, "until": "2027-01-01"}
    yield kind.POLICY_CHANGED, {"ref": "other/1"}
    for step in case.policy.steps:
        yield kind.STEP_REQUESTED, {"step": step.key}
        yield kind.NOTICE_BOUNCED, {"step": step.key}
    for taken in case.facts.steps:
        if taken.state is StepState.AWAITING_APPROVAL:
            yield kind.STEP_APPROVED, {"step": taken.step}
            yield kind.STEP_REJECTED, {"step": taken.step}
    for task in case.facts.tasks:
        for outcome in ("done", "retry", "approved"):
            yield kind.TASK_COMPLETED, {"ref": task.id, "outcome": outcome}
    for plain in (kind.WRITTEN_OFF, kind.WITHDRAWN, kind.FACTS_CHANGED):
        yield plain, {}


def test_events_lead_where_the_table_says_and_everywhere_it_says() -> None:
    listed = {(e, a, b) for e, row in STAGE_TABLE.items() for a, targets in row.items() for b in targets}
    happened = set()
    for case in cases():
        stage = case.stage
        for kind, fields in events(case):
            if fits(kind, stage):
                with suppress(DoesNotFit):
                    happened.add((kind, stage, case.tell(kind, **fields).stage))
    assert happened - listed == set(), "the table does not list this"
    assert listed - happened == set(), "the table lists what never happens"


def test_every_event_has_a_row_and_nothing_opens_a_closed_case_but_a_reversal() -> None:
    assert set(STAGE_TABLE) == set(EventKind)
    for event, row in STAGE_TABLE.items():
        for stage in CLOSED & set(row):
            assert row[stage] <= CLOSED or (event, stage) == (EventKind.PAYMENT_REVERSED, Stage.SETTLED)


def test_money_and_news_fit_every_stage() -> None:
    for stage in Stage:
        assert fits(EventKind.PAYMENT_RECEIVED, stage)
        assert fits(EventKind.CREDIT_NOTE_ISSUED, stage)
        assert fits(EventKind.PAYMENT_REVERSED, stage)
        assert fits(EventKind.FACTS_CHANGED, stage)
