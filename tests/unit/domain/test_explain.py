"""Every reason that holds a case back is told, with its end, and what comes next."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.explain import explain
from domain.facts import Contact, StepState
from domain.move import ReasonCode
from domain.policy import ContactBudget, Duration, StaleMoney
from tests.support.facts import a_case, a_policy, at, eur
from tests.support.termijn import PROJECT
from tests.unit.domain.story import Story


def told(story: Story) -> list[str]:
    return [
        f"{r.code.value} {story.local(r.until)[:10]}" if r.until else r.code.value
        for r in explain(story.facts, story.policy, story.now).reasons
    ]


def comes(story: Story) -> tuple[str | None, str | None]:
    found = explain(story.facts, story.policy, story.now)
    return found.next_step, story.local(found.next_at)[:10] if found.next_at else None


def test_a_fresh_case_waits_for_its_first_step() -> None:
    story = Story()
    assert told(story) == ["not_due 2026-01-22"]
    assert comes(story) == ("reminder-1", "2026-01-22")
    assert explain(story.facts, story.policy, story.now).last_step is None


def test_the_last_step_is_the_last_one_that_left() -> None:
    story = Story().until("2026-02-28")
    found = explain(story.facts, story.policy, story.now)
    assert found.last_step
    assert (found.last_step.step, found.last_step.state) == ("formal", StepState.DONE)
    assert comes(story) == ("hand-over", "2026-03-05")


def test_what_stands_behind_a_hold_is_told_too() -> None:
    policy = replace(a_policy(), stale_money=StaleMoney(Duration(3, "d")), minimum={"EUR": Decimal("500.00")})
    story = Story(policy).until("2026-01-25")
    story.facts = replace(story.facts, statement_on=date(2026, 1, 5))
    story.tell("hold_placed", ref="h", until="2026-02-20").tell("hold_placed", ref="g", until="2026-02-10")
    assert told(story) == [
        "on_hold 2026-02-10",
        "on_hold 2026-02-20",
        "below_minimum",
        "send_window 2026-01-26",  # a Sunday
        "stale_bank_data",
    ]
    assert comes(story) == ("call", None), "only news can tell"


def test_a_hold_alone_ends_by_itself() -> None:
    story = Story().until("2026-01-20").tell("hold_placed", ref="h", until="2026-02-20")
    assert told(story) == ["on_hold 2026-02-20", "scheduled 2026-01-22"]
    assert comes(story) == ("call", "2026-02-20"), "the step at which it will then be"


def test_budget_and_window_and_cash_are_told_together() -> None:
    policy = replace(a_policy(), budget=ContactBudget())
    story = Story(policy).until("2026-01-21")
    story.now = at("2026-01-24 12:00")  # a Saturday
    story.facts = replace(
        story.facts, contacts=(Contact(at("2026-01-23 10:00"), True, "n"),), cash=eur("100.00")
    )
    assert told(story) == ["contact_budget 2026-01-28", "send_window 2026-01-26", "unallocated_cash"]


def test_a_later_step_may_be_moved_by_the_budget() -> None:
    story = Story(replace(a_policy(), budget=ContactBudget()))
    story.now = at("2026-01-20 12:00")
    story.facts = replace(story.facts, contacts=(Contact(at("2026-01-20 10:00"), True, "n"),))
    assert told(story) == ["scheduled 2026-01-26", "contact_budget 2026-01-26"]  # the fifth day is a Sunday


def test_behind_an_approval_stands_what_is_still_in_the_way() -> None:
    policy = replace(a_policy("reminder 7d due letter approval"), stale_money=StaleMoney(Duration(3, "d")))
    story = Story(policy, replace(a_case(), statement_on=date(2026, 1, 22))).until("2026-01-24")
    assert told(story) == ["awaiting_approval", "send_window 2026-01-26", "no_address"]
    story.now = at("2026-01-29 12:00")
    assert told(story) == ["awaiting_approval", "stale_bank_data", "no_address"]
    assert comes(story) == ("reminder", None)


def test_a_case_that_is_over_has_nothing_to_come() -> None:
    story = Story().until("2026-02-01").pay("100.00")
    assert told(story) == ["paid"]
    assert comes(story) == (None, None)


def test_every_reason_of_a_move_is_told_on_the_way_of_a_whole_case() -> None:
    story = Story()
    for day in range(60):
        story.until(f"2026-0{1 + day // 28 + 1}-{day % 28 + 1:02}")
        found = explain(story.facts, story.policy, story.now)
        assert set(story.move.reasons) <= set(found.reasons)


def test_the_manual_has_a_sentence_for_every_code() -> None:
    text = (PROJECT / "docs/reasons.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+\.) \|$", text, re.MULTILINE)
    assert sorted(code for code, _ in rows) == sorted(ReasonCode)
    assert len({sentence for _, sentence in rows}) == len(rows)
