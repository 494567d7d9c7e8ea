"""What the timeline shows of the days to come."""

from __future__ import annotations

from domain.preview import case_details, planned_steps
from tests.support.facts import a_case
from tests.unit.domain.story import Story


def shown(story: Story) -> list[str]:
    steps = planned_steps(story.facts, story.policy, story.move, story.now)
    return [f"{story.local(m.leaves_at)[:10]} {m.step.key}" for m in steps]


def test_the_ladder_ahead_is_what_then_happens() -> None:
    story = Story()
    promised = shown(story)
    assert promised == [
        "2026-01-22 reminder-1",
        "2026-02-05 reminder-2",
        "2026-02-10 call",
        "2026-02-17 formal",
        "2026-03-05 hand-over",
    ]
    assert [" ".join(line.split()[:2]) for line in story.until("2026-04-01").log] == promised


def test_under_a_hold_the_ladder_counts_from_its_end() -> None:
    story = Story().until("2026-01-27").tell("hold_placed", ref="h", until="2026-02-20")
    promised = shown(story)
    assert promised == ["2026-02-20 call", "2026-02-27 formal", "2026-03-16 hand-over"]
    assert [" ".join(line.split()[:2]) for line in story.until("2026-04-01").log[1:]] == promised


def test_nothing_is_planned_when_only_an_event_can_end_the_wait() -> None:
    assert (
        shown(Story().tell("hold_placed", ref="h", until="2026-02-20").tell("dispute_opened", ref="d")) == []
    )
    assert shown(Story().pay("100.00")) == []
    assert shown(Story(facts=a_case(mailable=False)).until("2026-02-01")) == []


def test_late_steps_are_shown_on_the_day_they_can_leave() -> None:
    late = a_case(due="2025-10-01", issued="2025-09-01", enrolled="2026-01-03 08:00")  # a Saturday
    assert shown(Story(facts=late)) == ["2026-01-05 call", "2026-01-12 formal", "2026-01-28 hand-over"]


def test_details_are_a_table_of_what_was_done_and_what_comes() -> None:
    story = Story().until("2026-02-05 17:00").pay("40.00")
    details = case_details(story.facts, story.policy, story.move, story.now)
    head, _, reasons, _, *table = details.splitlines()
    assert head == "**chasing** · open 60.00 EUR · policy test/1"
    assert reasons.startswith("scheduled until 2026-02-10 ")
    assert [(row.split(" | ")[0][2:12], *row.strip(" |").split(" | ")[1:]) for row in table[2:]] == [
        ("2026-01-22", "reminder-1", "done"),
        ("2026-02-05", "reminder-2", "done"),
        ("2026-02-10", "call", "planned"),
        ("2026-02-17", "formal", "planned"),
        ("2026-03-05", "hand-over", "planned"),
    ]
