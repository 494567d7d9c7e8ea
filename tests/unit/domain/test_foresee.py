"""What will leave for a debtor if nothing happens but time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.bundle import Case
from domain.facts import Hold
from domain.foresee import Departure, foresee, is_behind, why_not_on
from domain.move import ReasonCode
from domain.policy import Channel, ContactBudget, Duration, Policy, StaleMoney
from tests.support.facts import INVOICE, a_case, a_policy, at

NOW = at("2026-01-05 09:00")
LADDER = a_policy()


def case(number: int = 1, ladder: Policy = LADDER, **changes: Any) -> Case:
    return Case(a_case(invoice_id=f"{INVOICE[:-1]}{number}", **changes), ladder)


def told(departure: Departure) -> str:
    """Day, invoices by their last digit, step."""
    numbers = "+".join(sorted(line.case.facts.invoice_id[-1] for line in departure.lines if line.move))
    step = departure.lines[0].step
    return f"{departure.at:%m-%d} {numbers} {step.key if step else ''}"


def test_a_ladder_leaves_as_it_is_planned_up_to_the_step_that_a_person_must_approve() -> None:
    seen = foresee([case()], NOW)
    assert [told(d) for d in seen.departures] == [
        "01-22 1 reminder-1",
        "02-05 1 reminder-2",
        "02-10 1 call",
        "02-17 1 formal",
    ]
    assert [r.code for r in seen.moves[INVOICE].reasons] == [ReasonCode.AWAITING_APPROVAL]
    (*_, last) = foresee([case()], NOW, approve={INVOICE}).departures
    assert (told(last), last.channel) == ("03-05 1 hand-over", Channel.HAND_OVER)
    assert last.consented == {INVOICE}


def test_a_day_ends_the_view_and_a_hold_ends_on_its_day() -> None:
    held = case()
    held = Case(replace(held.facts, holds=(Hold("h", NOW, at("2026-02-09")),)), held.policy)
    kept = foresee([held], NOW, last_day=date(2026, 2, 8))
    assert kept.departures == ()
    assert is_behind(kept.cases[INVOICE], date(2026, 2, 8))
    assert not is_behind(kept.cases[INVOICE], date(2026, 1, 21))
    (first,) = foresee([held], NOW, last_day=date(2026, 2, 9)).departures
    assert told(first) == "02-09 1 reminder-2"


def test_a_day_on_which_a_case_stays_behind_tells_all_that_keeps_it() -> None:
    careful = replace(LADDER, stale_money=StaleMoney(Duration(3, "d")))
    held = case(ladder=careful)
    holds = (Hold("short", NOW, at("2026-02-03 14:00")), Hold("long", NOW, at("2026-02-09")))
    held = Case(replace(held.facts, holds=holds), careful)
    for day, now in ((date(2026, 2, 3), NOW), (date(2026, 2, 4), at("2026-02-04 11:00"))):
        seen = foresee([held], now, last_day=day)
        found = why_not_on(seen.cases[INVOICE], seen.moves[INVOICE], day, now)
        codes = [(reason.code, reason.until) for reason in found.reasons]
        assert codes == [(ReasonCode.ON_HOLD, at("2026-02-09")), (ReasonCode.STALE_BANK_DATA, None)]
        assert found.next_step == "reminder-2", "by then the first has merged into it"


def test_invoices_of_one_debtor_go_together_and_wait_for_the_contact_budget() -> None:
    sparing = replace(LADDER, budget=ContactBudget())
    cases = [case(1, sparing), case(2, sparing), case(3, sparing, due="2026-01-16")]
    seen = foresee(cases, NOW, last_day=date(2026, 1, 30))
    assert [told(d) for d in seen.departures] == ["01-22 1+2 reminder-1", "01-27 3 reminder-1"]


def test_a_letter_on_paper_waits_until_somebody_posts_it() -> None:
    paper = a_policy("first 7d due letter friendly", "second 7d previous email firm")
    posted = case(ladder=paper)
    seen = foresee([Case(replace(posted.facts, letterable=True), paper)], NOW)
    assert [told(d) for d in seen.departures] == ["01-22 1 first"]
    assert [r.code for r in seen.moves[INVOICE].reasons] == [ReasonCode.AWAITING_POST]


@given(
    dues=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    last=st.integers(0, 60),
    more=st.integers(0, 30),
)
def test_a_longer_view_only_adds_and_the_budget_is_never_exceeded(
    dues: list[int], last: int, more: int
) -> None:
    sparing = replace(LADDER, budget=ContactBudget())
    days = [(date(2026, 1, 6) + timedelta(days=due)).isoformat() for due in dues]
    cases = [case(n, sparing, due=day) for n, day in enumerate(days, 1)]
    day = NOW.date() + timedelta(days=last)
    short = foresee(cases, NOW, last_day=day).departures
    longer = foresee(cases, NOW, last_day=day + timedelta(days=more)).departures
    assert longer[: len(short)] == short
    assert [d.at for d in longer] == sorted(d.at for d in longer)
    left = [d.at.date() for d in longer if d.channel is not Channel.HAND_OVER]
    assert len(set(left)) == len(left)
    assert all(later - first >= timedelta(days=7) for first, later in zip(left, left[3:], strict=False))
