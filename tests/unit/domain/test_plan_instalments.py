"""A payment plan: what may be agreed, and what happens to it day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import is_open
from domain.errors import DomainError
from domain.money import Money
from domain.plan_instalments import (
    Instalment,
    NoticeState,
    PlanFacts,
    PlanMoveKind,
    PlanState,
    check_instalments,
    next_plan_move,
)
from domain.policy import Duration, Policy, deadline
from tests.support.facts import a_policy, at, eur

POLICY = a_policy()
NOW = at("2026-01-05 10:00")


def instalments(*parts: tuple[str, str]) -> tuple[Instalment, ...]:
    return tuple(
        Instalment(n, date.fromisoformat(due) if len(due) == 10 else at(due), eur(amount))
        for n, (due, amount) in enumerate(parts, start=1)
    )


THREE = instalments(("2026-02-02", "40.00"), ("2026-03-02", "40.00"), ("2026-04-01", "20.00"))


def a_plan(parts: tuple[Instalment, ...] = THREE, paid: str = "0.00") -> PlanFacts:
    return PlanFacts(
        plan_id="plan",
        debtor_id="debtor",
        country="NL",
        mailable=True,
        state=PlanState.ACTIVE,
        agreed_at=NOW,
        open_then=eur("100.00"),
        open_now=eur("100.00") - eur(paid),
        instalments=parts,
    )


def live(
    plan: PlanFacts, policy: Policy, payments: dict[str, str], until: str
) -> tuple[list[str], PlanFacts]:
    """What was done, by local day; announcements succeed, payments arrive at the start of their day."""
    now, log = plan.agreed_at, []
    paydays = {at(day): eur(amount) for day, amount in payments.items()}
    while now <= at(until):
        for moment in [m for m in paydays if m <= now]:
            plan = replace(plan, open_now=plan.open_now - paydays.pop(moment))
        move = next_plan_move(plan, policy, now)
        number = move.instalment.number if move.instalment else ""
        if move.kind is PlanMoveKind.WAIT:
            assert move.wake_at
            assert move.wake_at > now
            now = min([move.wake_at, *paydays])
            continue
        log.append(f"{now.astimezone(policy.zone):%Y-%m-%d} {move.kind.value} {number}".strip())
        if move.kind is not PlanMoveKind.ANNOUNCE:
            break
        plan = replace(
            plan,
            instalments=tuple(
                replace(i, announced=NoticeState.DONE, at=now) if i == move.instalment else i
                for i in plan.instalments
            ),
        )
    return log, plan


def test_a_plan_that_is_kept_is_announced_and_completed() -> None:
    paid = {"2026-02-01": "40.00", "2026-03-02": "40.00", "2026-04-03": "20.00"}
    log, _ = live(a_plan(), POLICY, paid, "2026-12-31")
    assert log == [
        "2026-01-30 announce 1",
        "2026-02-27 announce 2",
        "2026-03-30 announce 3",  # three days before is a Sunday
        "2026-04-03 complete",
    ]


def test_an_unpaid_instalment_breaks_the_plan_after_two_days_of_grace() -> None:
    log, plan = live(a_plan(), POLICY, {"2026-02-02": "39.99"}, "2026-12-31")
    assert log == ["2026-01-30 announce 1", "2026-02-05 break 1"]
    assert next_plan_move(plan, POLICY, at("2026-02-04 23:59")).kind is PlanMoveKind.WAIT


def test_money_ahead_of_time_needs_no_announcement() -> None:
    log, _ = live(a_plan(), POLICY, {"2026-01-06": "80.00", "2026-01-07": "20.00"}, "2026-12-31")
    assert log == ["2026-01-07 complete"]


def test_a_reversal_brings_back_the_instalment_it_had_paid() -> None:
    plan = a_plan(paid="40.00")
    assert next_plan_move(plan, POLICY, at("2026-02-10 10:00")).kind is PlanMoveKind.WAIT
    reversed_ = replace(plan, open_now=eur("100.00"))
    assert next_plan_move(reversed_, POLICY, at("2026-02-10 10:00")).kind is PlanMoveKind.BREAK


def test_what_was_owed_besides_goes_away_and_the_plan_is_completed() -> None:
    assert next_plan_move(a_plan(paid="100.00"), POLICY, NOW).kind is PlanMoveKind.COMPLETE


def test_an_announcement_is_tried_again_in_the_window_and_not_after_its_day() -> None:
    tried = replace(THREE[0], announced=NoticeState.DEFERRED, retry_at=at("2026-01-30 17:30"), attempts=3)
    move = next_plan_move(a_plan((tried, *THREE[1:])), POLICY, at("2026-01-30 16:30"))
    assert move.wake_at
    assert move.wake_at.astimezone(POLICY.zone).date() == date(2026, 2, 2)  # Monday
    late = replace(tried, retry_at=at("2026-02-02 17:30"))
    move = next_plan_move(a_plan((late, *THREE[1:])), POLICY, at("2026-02-02 16:30"))
    assert (move.kind, move.wake_at) == (PlanMoveKind.WAIT, at("2026-02-05"))


@pytest.mark.parametrize("state", [NoticeState.DONE, NoticeState.BLOCKED])
def test_what_was_announced_or_cannot_be_is_not_announced_again(state: NoticeState) -> None:
    plan = a_plan((replace(THREE[0], announced=state), *THREE[1:]))
    assert next_plan_move(plan, POLICY, at("2026-01-30 16:30")).kind is PlanMoveKind.WAIT


def test_an_announcement_whose_sender_died_leaves_again() -> None:
    plan = a_plan((replace(THREE[0], announced=NoticeState.SENDING), *THREE[1:]))
    assert next_plan_move(plan, POLICY, at("2026-01-30 16:30")).kind is PlanMoveKind.ANNOUNCE


def test_a_plan_in_seconds() -> None:
    policy = a_policy("one 6s enrolled", window=None, plan_grace="3s", notice="3s")
    parts = instalments(("2026-01-05 10:00:10", "100.00"))
    plan = replace(a_plan(parts), open_then=eur("100.00"))
    assert next_plan_move(plan, policy, NOW).wake_at == NOW + timedelta(seconds=7)
    assert next_plan_move(plan, policy, NOW + timedelta(seconds=7)).kind is PlanMoveKind.ANNOUNCE
    assert next_plan_move(plan, policy, NOW + timedelta(seconds=12)).kind is PlanMoveKind.WAIT
    assert next_plan_move(plan, policy, NOW + timedelta(seconds=13)).kind is PlanMoveKind.BREAK


@pytest.mark.parametrize("state", [PlanState.COMPLETED, PlanState.BROKEN, PlanState.CANCELLED])
def test_a_plan_that_has_ended_is_left_alone(state: PlanState) -> None:
    plan = replace(a_plan(), state=state)
    assert next_plan_move(plan, POLICY, at("2030-01-01")).kind is PlanMoveKind.CLOSE


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "no_instalments"),
        ((("2026-02-02", "60.00"), ("2026-03-02", "39.99")), "sum_differs"),
        ((("2026-02-02", "60.00"), ("2026-03-02", "40.01")), "sum_differs"),
        ((("2026-03-02", "60.00"), ("2026-02-02", "40.00")), "out_of_order"),
        ((("2026-02-02", "60.00"), ("2026-02-02", "40.00")), "out_of_order"),
        ((("2026-01-04", "60.00"), ("2026-02-02", "40.00")), "in_the_past"),
        ((("2026-02-02", "120.00"), ("2026-03-02", "-20.00")), "amount_not_positive"),
    ],
)
def test_a_plan_that_cannot_stand_is_refused(parts: tuple[tuple[str, str], ...], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        check_instalments(instalments(*parts), eur("100.00"), NOW, POLICY)
    assert refusal.value.code == code


def test_an_instalment_may_fall_due_today_and_must_be_in_the_invoices_currency() -> None:
    check_instalments(instalments(("2026-01-05", "100.00")), eur("100.00"), NOW, POLICY)
    dollars = (Instalment(1, date(2026, 2, 2), Money(Decimal(100), "USD")),)
    with pytest.raises(DomainError) as refusal:
        check_instalments(dollars, eur("100.00"), NOW, POLICY)
    assert refusal.value.code == "currency_mismatch"


gaps = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9999)), min_size=1, max_size=5)


@given(gaps=gaps, paid=st.integers(0, 60_000), days=st.integers(0, 250), minute=st.integers(0, 1439))
def test_laws_of_the_next_move_of_a_plan(
    gaps: list[tuple[int, int]], paid: int, days: int, minute: int
) -> None:
    day, parts = NOW.date(), []
    for number, (gap, cents) in enumerate(gaps, start=1):
        day += timedelta(days=gap)
        parts.append(Instalment(number, day, Money(Decimal(cents) / 100, "EUR")))
    owed = sum((p.amount for p in parts), Money.zero("EUR"))
    check_instalments(tuple(parts), owed, NOW, POLICY)
    open_now = max(owed - Money(Decimal(paid) / 100, "EUR"), Money.zero("EUR"))
    plan = replace(a_plan(tuple(parts)), open_then=owed, open_now=open_now)
    now: datetime = NOW + timedelta(days=days, minutes=minute)
    move = next_plan_move(plan, POLICY, now)
    late = [
        p.number
        for n, p in enumerate(parts)
        if deadline(p.due, POLICY.plan_grace, POLICY.zone) <= now
        and plan.paid < sum((q.amount for q in parts[: n + 1]), Money.zero("EUR"))
    ]
    assert (move.kind is PlanMoveKind.COMPLETE) == (not plan.open_now)
    assert (move.kind is PlanMoveKind.BREAK) == bool(late and plan.open_now)
    if move.kind is PlanMoveKind.WAIT:
        assert move.wake_at
        assert move.wake_at > now
        assert next_plan_move(plan, POLICY, move.wake_at).kind in (PlanMoveKind.ANNOUNCE, PlanMoveKind.BREAK)
    if move.kind is PlanMoveKind.ANNOUNCE:
        assert move.instalment
        assert now < deadline(move.instalment.due, Duration(0, "d"), POLICY.zone)
        assert is_open(POLICY.window, now, POLICY.zone, "NL")
