"""Events that have nothing to do with each other may be recorded in any order.

Not independent are: what a step is asked, approved or bounced for and the state of that step; a promise and the
money before it, since it is about what was owed then; a plan and the promise or dispute that it takes the place
of; what fits only a case that is open and what ends it; and an event about something with the one that began it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import Contact, Discount, Hold, Term
from domain.ledger import EntryKind, balance
from domain.policy import ContactBudget, Duration
from domain.preview import planned_steps
from domain.promises import settle_promises
from tests.support.facts import a_case, a_policy, at, eur
from tests.unit.domain.story import Story

Telling = tuple[str, dict[str, str]]
ON: Final = "2026-01-26"
NOW: Final = f"{ON} 10:00"
POLICY: Final = replace(a_policy(), budget=ContactBudget(), tolerance={"EUR": Decimal("0.05")})
IN_TERMS: Final = replace(
    a_case(),
    terms=(
        Term(date(2026, 1, 15), eur("50.00")),
        Term(date(2026, 1, 20), eur("30.00")),
        Term(date(2026, 3, 2), eur("20.00")),
    ),
)
START: Final = (
    Story(POLICY).pay("25.00", ref="bounced").until(NOW).tell("hold_placed", ref="x", until="2026-01-28")
)
TERMS: Final = (
    Story(POLICY, IN_TERMS)
    .pay("25.00", ref="bounced")
    .until(NOW)
    .tell("hold_placed", ref="x", until="2026-01-28")
)
FREE: Final = Story(POLICY).pay("25.00", ref="bounced").until(NOW)
DISCOUNTED: Final = Story(
    replace(POLICY, discount_tolerance=Duration(1, "d")),
    replace(a_case(), discount=Discount(Decimal(2), date(2026, 1, 12))),
    start="2026-01-14 10:00",
).tell("payment_received", ref="bounced", amount="40.00", on="2026-01-10")

COMMON: Final[list[Telling]] = [
    ("dispute_opened", {"ref": "d", "amount": "12.00"}),
    ("hold_placed", {"ref": "h", "until": "2026-02-20"}),
    ("hold_placed", {"ref": "t", "term": "2"}),
    ("hold_extended", {"ref": "x", "until": "2026-02-25"}),
    ("notice_bounced", {"step": "reminder-1"}),
    ("policy_changed", {"ref": "other:1"}),
    ("facts_changed", {"standing_hold": "2026-02-23"}),
    ("facts_changed", {"contact": "other"}),
    ("facts_changed", {"cash": "7.00"}),
    ("facts_changed", {"statement": ON}),
]
MONEY: Final[list[Telling]] = [
    ("payment_received", {"ref": "a", "amount": "30.00", "on": ON}),
    ("payment_received", {"ref": "b", "amount": "10.00", "on": ON}),
    ("payment_reversed", {"ref": "bounced", "on": ON}),
    ("credit_note_issued", {"ref": "c", "amount": "5.00", "on": ON}),
]
AGREED: Final[list[Telling]] = [
    ("promise_made", {"ref": "p", "amount": "20.00", "until": "2026-02-26"}),
    ("plan_agreed", {"ref": "q"}),
]
ASKED: Final[list[Telling]] = [
    ("step_requested", {"step": "reminder-2"}),
    ("dispute_opened", {"ref": "d", "amount": "12.00"}),
    ("policy_changed", {"ref": "other:1"}),
    *COMMON[-3:],
    *MONEY,
]
SETTLING: Final[list[Telling]] = [
    ("payment_received", {"ref": "a", "amount": "60.00", "on": ON}),
    ("payment_received", {"ref": "b", "amount": "70.00", "on": ON}),
    ("payment_reversed", {"ref": "bounced", "on": ON}),
    ("credit_note_issued", {"ref": "c", "amount": "5.00", "on": ON}),
]
_VALUE_DAYS: Final = ["2026-01-05", "2026-01-12", "2026-01-13", "2026-01-14"]
"""The discount counts to the 12th, and a day of tolerance after it."""


def tell(story: Story, kind: str, fields: dict[str, str]) -> None:
    """Also what is not an event of the case but changes what it knows: that is written into its facts."""
    facts, said = story.facts, dict(fields)
    if until := said.pop("standing_hold", ""):
        facts = replace(facts, standing_holds=(*facts.standing_holds, Hold("all", story.now, at(until))))
    if ref := said.pop("contact", ""):
        facts = facts.with_contact(Contact(story.now, courtesy=True, ref=ref))
    if amount := said.pop("cash", ""):
        facts = replace(facts, cash=eur(amount))
    if day := said.pop("statement", ""):
        facts = replace(facts, statement_on=date.fromisoformat(day))
    story.facts = facts
    story.tell(kind, **said)


def after(start: Story, events: Sequence[Telling]) -> Story:
    story = Story(start.policy, start.facts)
    story.now = start.now
    for kind, fields in events:
        tell(story, kind, fields)
    return story


def outcome(start: Story, events: Sequence[Telling]) -> object:
    """Money, the move with its reasons, and what is planned; of equal reasons the order is of no interest."""
    story = after(start, events)
    facts, move = story.facts, story.move
    planned = planned_steps(facts, story.policy, move, story.now)
    free = replace(
        settle_promises(facts, story.policy, at("2026-03-10")),
        holds=(),
        standing_holds=(),
        plans=(),
        disputes=(),
    )
    later = Story(story.policy, free, start="2026-03-10").move
    sums = (facts.open, facts.chaseable, balance(facts.credits, "EUR"))
    return move, sums, planned, later, sorted((p.id, str(p.outcome)) for p in facts.promises)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_next_move_does_not_depend_on_the_order(data: st.DataObject) -> None:
    start = data.draw(st.sampled_from([START, TERMS]))
    all_ = data.draw(st.sampled_from([COMMON + MONEY, COMMON[1:] + AGREED]))
    chosen = data.draw(st.lists(st.sampled_from(range(len(all_))), unique=True, min_size=2))
    events = [all_[number] for number in sorted(chosen)]
    assert outcome(start, data.draw(st.permutations(events))) == outcome(start, events)


@settings(max_examples=24, deadline=None)
@given(st.permutations(SETTLING))
def test_money_that_settles_does_so_in_any_order(events: list[Telling]) -> None:
    assert outcome(START, events) == outcome(START, SETTLING)


@settings(max_examples=24, deadline=None)
@given(st.permutations(ASKED))
def test_a_step_is_asked_for_before_or_after_anything_that_leaves_the_case_free(
    events: list[Telling],
) -> None:
    assert outcome(FREE, events) == outcome(FREE, ASKED)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_discount_is_earned_in_any_order(data: st.DataObject) -> None:
    """Payments, some of them late, some taken back, and a credit note."""
    amounts = st.sampled_from(["1.00", "30.00", "38.00", "58.00", "60.00", "98.00", "100.00"])
    events: list[Telling] = [
        ("payment_received", {"ref": ref, "amount": data.draw(amounts), "on": day})
        for ref, day in zip(
            "abc", data.draw(st.lists(st.sampled_from(_VALUE_DAYS), max_size=3)), strict=False
        )
    ]
    events.append(("payment_reversed", {"ref": "bounced", "on": "2026-01-14"}))
    if data.draw(st.booleans()):
        events.append(("credit_note_issued", {"ref": "n", "amount": "10.00", "on": "2026-01-14"}))
    other = data.draw(st.permutations(events))
    assert discounted(other) == discounted(events)


def discounted(events: Sequence[Telling]) -> object:
    story = after(DISCOUNTED, events)
    kinds = (EntryKind.DISCOUNT, EntryKind.DISCOUNT_WITHDRAWN)
    given = balance((entry for entry in story.facts.entries if entry.kind in kinds), "EUR")
    return given, outcome(DISCOUNTED, events)
