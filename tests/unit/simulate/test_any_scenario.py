"""Whatever scenario is told, the laws that need no look into its policies hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from domain.policy import Policy, Step
from tests.unit.simulate.scenarios import COMPANIES, UNTIL, Scenario, policy_of, scenarios

Line = Mapping[str, Any]
_CLOSED = ("settled", "written_off", "withdrawn")
_ACTS = ("notice", "task", "escalation")
_WEEK = timedelta(days=7)


@settings(max_examples=150, deadline=None, report_multiple_bugs=False)
@given(scenario=scenarios())
def test_any_scenario_keeps_the_laws(scenario: Scenario) -> None:
    told = scenario.told()
    assert scenario.told() == told, "another story the second time"
    timeline, cases = told.story["timeline"], told.story["cases"]
    moments = [datetime.fromisoformat(line["at"]) for line in timeline]
    assert moments == sorted(moments)
    for debtor in set(scenario.debtor_of.values()):
        the_budget_is_kept(scenario, notices(scenario, timeline, debtor))
    for notice in notices(scenario, timeline):
        a_notice_is_one_mail_that_asks_for_something(notice)
    nobody_is_chased_after_the_end(timeline)
    each_step_goes_once(scenario, timeline)
    for line in timeline:
        nothing_is_negative_or_early(line)
        no_legal_step_is_passed_over(scenario, line)
    for case in cases.values():
        there_is_a_next_step_a_reason_or_an_end(case)


def notices(scenario: Scenario, timeline: Sequence[Line], debtor: str = "") -> list[list[Line]]:
    """All that reached a debtor, line by line, in order of time."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in timeline:
        if line["notice"] and debtor in ("", scenario.debtor_of[line["invoice"]]):
            found[line["notice"]].append(line)
    return list(found.values())


def a_notice_is_one_mail_that_asks_for_something(lines: Sequence[Line]) -> None:
    assert len({(line["at"], line["channel"], line["kind"]) for line in lines}) == 1
    assert len({line["invoice"] for line in lines}) == len(lines)
    assert sum(Decimal(line["amounts"]["asked"]) for line in lines) > 0


def the_budget_is_kept(scenario: Scenario, contacts: Sequence[Sequence[Line]]) -> None:
    """What came back was no contact: a story that is told of a bounce is held to the budget without that."""
    budget = policy_of(scenario.policy).budget
    assert budget
    said = {(name, step) for name, step in +scenario.bounces}
    made = [n for n in contacts if not any((line["invoice"], line["step"]) in said for line in n)]
    for number, lines in enumerate(made):
        today, before = _day(lines[0]), made[:number]
        days = [_day(other[0]) for other in before]
        assert days.count(today) < (budget.per_day or 99)
        assert sum(on > today - _WEEK for on in days) < (budget.per_seven_days or 99)
        if budget.courtesy_gap and _is_courtesy(scenario, lines):
            courteous = [_day(other[0]) for other in before if _is_courtesy(scenario, other)]
            assert all(today - on >= timedelta(days=budget.courtesy_gap.amount) for on in courteous)


def nobody_is_chased_after_the_end(timeline: Sequence[Line]) -> None:
    stage: dict[str, str] = {}
    for line in timeline:
        if line["kind"] == "stage":
            stage[line["invoice"]] = line["stage"]
        elif line["kind"] in _ACTS:
            assert stage.get(line["invoice"]) not in _CLOSED, f"{line} after the end"


def each_step_goes_once(scenario: Scenario, timeline: Sequence[Line]) -> None:
    """In each cycle, that is for each term; and again when it came back, with every line of its notice."""
    bounced = {
        notice[0]["notice"]
        for notice in notices(scenario, timeline)
        if any(scenario.bounces[line["invoice"], line["step"]] for line in notice)
    }
    went = Counter(
        (line["invoice"], line["step"])
        for line in timeline
        if line["kind"] in _ACTS and line["channel"] and line["planned_at"] and line["notice"] not in bounced
    )
    for (name, step), times in went.items():
        again = scenario.bounces[name, step] if _step(scenario, step).channel == "hand_over" else 0
        assert times <= scenario.terms[name] + again, f"{step} of {name} {times} times"


def nothing_is_negative_or_early(line: Line) -> None:
    open_, asked = line["amounts"]["open"], line["amounts"]["asked"]
    assert Decimal(open_) >= 0
    assert asked is None or 0 <= Decimal(asked) <= Decimal(open_)
    if line["planned_at"]:
        assert datetime.fromisoformat(line["planned_at"]) <= datetime.fromisoformat(line["at"])


def no_legal_step_is_passed_over(scenario: Scenario, line: Line) -> None:
    if line["kind"] == "skipped" and line["step"] and line["planned_at"]:
        assert _step(scenario, line["step"]).is_courtesy


def there_is_a_next_step_a_reason_or_an_end(case: Mapping[str, Any]) -> None:
    assert case["next"]["reasons"]
    assert Decimal(case["open"]) >= 0
    assert case["next"]["at"] is None or (case["next"]["step"] and case["next"]["at"][:10] >= UNTIL)


def _policies(scenario: Scenario) -> list[Policy]:
    return [policy_of(said) for said in scenario.company.policies]


def _step(scenario: Scenario, key: str) -> Step:
    """Of whichever policy: those that share a key mean the same by it."""
    return next(step for policy in _policies(scenario) if (step := policy.find(key)))


def _is_courtesy(scenario: Scenario, lines: Sequence[Line]) -> bool:
    return all(_step(scenario, line["step"]).is_courtesy for line in lines if line["planned_at"])


def _day(line: Line) -> date:
    return date.fromisoformat(line["at"][:10])


def test_the_policies_of_a_company_share_their_budget() -> None:
    for company in COMPANIES:
        assert len({policy_of(said).budget for said in company.policies}) == 1
