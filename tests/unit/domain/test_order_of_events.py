"""Events that have nothing to do with each other may be recorded in any order."""

from __future__ import annotations

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ledger import balance
from domain.preview import planned_steps
from tests.unit.domain.story import Story

Telling = tuple[str, dict[str, str]]
START: Final = Story().pay("25.00", ref="bounced").until("2026-01-26 10:00")
ON: Final = "2026-01-26"

INDEPENDENT: Final[list[Telling]] = [
    ("payment_received", {"ref": "a", "amount": "30.00", "on": ON}),
    ("payment_received", {"ref": "b", "amount": "10.00", "on": ON}),
    ("payment_reversed", {"ref": "bounced", "on": ON}),
    ("credit_note_issued", {"ref": "c", "amount": "5.00", "on": ON}),
    ("dispute_opened", {"ref": "d", "amount": "12.00"}),
    ("hold_placed", {"ref": "h", "until": "2026-02-20"}),
    ("hold_placed", {"ref": "i", "until": "2026-02-10"}),
    ("facts_changed", {}),
]
MONEY: Final[list[Telling]] = [
    ("payment_received", {"ref": "a", "amount": "60.00", "on": ON}),
    ("payment_received", {"ref": "b", "amount": "70.00", "on": ON}),
    ("payment_reversed", {"ref": "bounced", "on": ON}),
    ("credit_note_issued", {"ref": "c", "amount": "5.00", "on": ON}),
]


def outcome(events: list[Telling]) -> object:
    story = Story(START.policy, START.facts)
    story.now = START.now
    for kind, fields in events:
        story.tell(kind, **fields)
    facts, move = story.facts, story.move
    planned = planned_steps(facts, story.policy, move, story.now)
    return move, facts.open, facts.chaseable, balance(facts.credits, "EUR"), planned


@settings(max_examples=30)
@given(st.permutations(INDEPENDENT))
def test_the_next_move_does_not_depend_on_the_order(events: list[Telling]) -> None:
    assert outcome(events) == outcome(INDEPENDENT)


@settings(max_examples=24)
@given(st.permutations(MONEY))
def test_money_that_settles_does_so_in_any_order(events: list[Telling]) -> None:
    assert outcome(events) == outcome(MONEY)
