"""Invoices that are late when they come in: a few a day, the oldest first, one contact for each debtor."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.bundle import Case
from domain.entry import entries_of
from domain.foresee import foresee
from domain.next_move import next_move
from domain.policy import Bundling, ContactBudget, EntryRule, Policy
from domain.spread import Entered, _hold, first_contacts, spread
from domain.stages import Stage
from domain.volume import day_of, volume
from tests.support.database import POLICIES
from tests.support.facts import a_case, a_policy, at

MONDAY = at("2026-03-02 08:00")
POLICY = replace(a_policy(), budget=ContactBudget())
SINGLE = replace(POLICY, bundling=Bundling.OFF, budget=None)
BY_NAME = {"usual": POLICY, "single": SINGLE, "shipped": POLICIES["nl-business"]}


def id_of(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


def case(name: str, debtor: str, due: str, policy: Policy = POLICY, now: datetime = MONDAY) -> Case:
    facts = a_case(invoice_id=id_of(name), debtor_id=debtor, due=due, issued="2025-06-01")
    return Case(replace(facts, enrolled_at=now), policy)


def by_debtor(*cases: Case) -> dict[str, list[Case]]:
    debtors: dict[str, list[Case]] = {}
    for one in cases:
        debtors.setdefault(one.facts.debtor_id, []).append(one)
    return debtors


def enter(
    *cases: Case, per_day: int | None, now: datetime = MONDAY, taken: Counter[date] | None = None
) -> dict[str, Entered]:
    return spread(by_debtor(*cases), {c.facts.invoice_id for c in cases}, now, per_day, taken or Counter())


def contacts(entered: dict[str, Entered]) -> dict[str, int]:
    """First contacts by local date."""
    days = Counter(
        day_of(d).isoformat()
        for one in entered.values()
        for d in first_contacts(one.departures, {c.facts.invoice_id for c in one.cases})
    )
    return dict(sorted(days.items()))


def test_sixty_late_invoices_leave_twenty_a_day_oldest_first() -> None:
    late = [case(f"f{n}", f"d{n}", str(date(2025, 11, 1) + timedelta(days=n))) for n in range(60)]
    entered = enter(*late, per_day=20)
    assert contacts(entered) == {"2026-03-02": 20, "2026-03-03": 20, "2026-03-04": 20}
    held = {one.facts.invoice_id: entered[one.facts.debtor_id].held for one in late}
    assert [bool(held[one.facts.invoice_id]) for one in late] == [False] * 20 + [True] * 40
    assert held[late[-1].facts.invoice_id] == {late[-1].facts.invoice_id: date(2026, 3, 4)}


def test_without_a_limit_nothing_is_held() -> None:
    entered = enter(*(case(f"f{n}", f"d{n}", "2025-11-01") for n in range(5)), per_day=None)
    assert contacts(entered) == {"2026-03-02": 5}
    assert not any(one.held for one in entered.values())


def test_what_goes_in_one_notice_counts_once() -> None:
    late = [case(f"f{n}", f"d{n // 3}", "2025-11-01") for n in range(9)]
    entered = enter(*late, per_day=1)
    assert contacts(entered) == {"2026-03-02": 1, "2026-03-03": 1, "2026-03-04": 1}
    days = sorted(sorted(str(day) for day in one.held.values()) for one in entered.values())
    assert days == [[], ["2026-03-03"] * 3, ["2026-03-04"] * 3]


def test_where_nothing_is_bundled_each_invoice_has_a_day() -> None:
    entered = enter(*(case(f"f{n}", "d", "2025-11-01", SINGLE) for n in range(3)), per_day=1)
    assert contacts(entered) == {"2026-03-02": 1, "2026-03-03": 1, "2026-03-04": 1}


def test_nobody_is_contacted_on_a_weekend_and_the_hold_says_so() -> None:
    entered = enter(
        *(case(f"f{n}", f"d{n}", "2025-11-01") for n in range(2)), per_day=1, now=at("2026-03-06 08:00")
    )
    assert contacts(entered) == {"2026-03-06": 1, "2026-03-09": 1}
    assert [list(one.held.values()) for one in entered.values() if one.held] == [[date(2026, 3, 9)]]


def test_invoices_that_are_not_late_are_never_held_and_have_their_place() -> None:
    early = [case(f"e{n}", f"e{n}", "2026-02-24") for n in range(2)]  # reminder-1 on 3 March
    late = [case(f"f{n}", f"d{n}", "2025-11-01") for n in range(3)]
    not_due = replace(POLICY, steps=a_policy("soon -1d due").steps)
    soon = case("s", "s", "2026-03-04", not_due)  # announced on 3 March
    entered = enter(*early, *late, soon, per_day=2)
    assert entered["s"].held == {}
    assert all(count <= 2 for count in contacts(entered).values())


def test_days_that_are_taken_already_are_left_alone() -> None:
    entered = enter(
        case("f", "d", "2025-11-01"), per_day=2, taken=Counter({date(2026, 3, 2): 2, date(2026, 3, 3): 1})
    )
    assert contacts(entered) == {"2026-03-03": 1}


def test_the_entry_is_the_step_at_which_it_will_be_on_its_day() -> None:
    """Due on 16 February it is at its first reminder today, and still when its turn comes a day later."""
    late = [case("f1", "d1", "2025-11-01"), case("f2", "d2", "2026-02-16")]
    entered = enter(*late, per_day=1)
    first = entries_of(entered["d1"], MONDAY)[late[0].facts.invoice_id]
    second = entries_of(entered["d2"], MONDAY)[late[1].facts.invoice_id]
    assert (first.step, str(first.channel), first.held_until) == ("call", "call_task", None)
    assert (second.step, str(second.channel), second.held_until) == ("reminder-1", "email", date(2026, 3, 3))
    assert second.at
    assert second.at.astimezone(POLICY.zone).date() == date(2026, 3, 3)
    assert second.stage is Stage.ON_HOLD


def test_where_a_person_decides_the_entry_says_so() -> None:
    asking = replace(POLICY, entry=EntryRule.NONE)
    late = case("f", "d", "2025-11-01", asking)
    entry = entries_of(enter(late, per_day=1)["d"], MONDAY)[late.facts.invoice_id]
    assert entry.needs_approval


def test_volume_counts_notices_by_channel_and_names_every_day() -> None:
    late = [case(f"f{n}", f"d{n // 2}", "2026-02-16") for n in range(6)]
    entered = enter(*late, per_day=2)
    days = volume((d for one in entered.values() for d in one.departures), date(2026, 3, 2))
    assert len(days) == 14
    assert [(str(day.on), dict(day.by_channel)) for day in days if day.total] == [
        ("2026-03-02", {"email": 2}),
        ("2026-03-03", {"email": 1}),
    ]


def slowly(debtors: dict[str, list[Case]], now: datetime, per_day: int) -> dict[str, dict[str, date]]:
    """The plan as it is defined: every debtor's days are lived through anew after each contact on a full day."""
    new = {c.facts.invoice_id for cases in debtors.values() for c in cases}
    late = {c.facts.invoice_id for cases in debtors.values() for c in cases if c.facts.due < now.date()}
    used: Counter[date] = Counter()
    plan: dict[str, dict[str, date]] = {}

    def oldest(debtor: str) -> date:
        return min((c.facts.due for c in debtors[debtor] if c.facts.invoice_id in late), default=date.min)

    for debtor in sorted(debtors, key=oldest):
        held: dict[str, date] = {}
        while True:
            cases = [_hold(c, held.get(c.facts.invoice_id), now) for c in debtors[debtor]]
            last_day = max(held.values(), default=now.date()) + timedelta(days=14)
            departures = foresee(cases, now, last_day=last_day, approve=new).departures
            days = used.copy()
            for departure in first_contacts(departures, new):
                moved = {line.case.facts.invoice_id for line in departure.lines if line.move} & late
                day = day_of(departure)
                if moved and days[day] >= per_day:
                    while days[day] >= per_day:
                        day += timedelta(days=1)
                    held |= dict.fromkeys(moved, day)
                    break
                days[day] += 1
                held |= dict.fromkeys(moved & held.keys(), day)
            else:
                break
        used, plan[debtor] = days, held
    return plan


@settings(max_examples=40, deadline=None)
@given(
    dues=st.lists(st.tuples(st.integers(0, 9), st.integers(-12, 120)), min_size=1, max_size=16),
    per_day=st.integers(1, 3),
    policies=st.lists(st.sampled_from(sorted(BY_NAME)), min_size=10, max_size=10),
)
def test_the_plan_is_that_of_living_through_all_days_again_and_again(
    dues: list[tuple[int, int]], per_day: int, policies: list[str]
) -> None:
    cases = [
        case(f"f{n}", f"d{debtor}", str(MONDAY.date() - timedelta(days=days)), BY_NAME[policies[debtor]])
        for n, (debtor, days) in enumerate(dues)
    ]
    told: list[int] = []
    new = {c.facts.invoice_id for c in cases}
    entered = spread(by_debtor(*cases), new, MONDAY, per_day, {}, told.append)
    assert {id_: one.held for id_, one in entered.items()} == slowly(by_debtor(*cases), MONDAY, per_day)
    assert told[-1] == len(cases)


@settings(max_examples=60, deadline=None)
@given(
    dues=st.lists(st.tuples(st.integers(0, 5), st.integers(-10, 120)), min_size=1, max_size=12),
    per_day=st.integers(1, 3),
    hour=st.integers(0, 23),
)
def test_no_day_is_too_full_and_nobody_is_forgotten(
    dues: list[tuple[int, int]], per_day: int, hour: int
) -> None:
    now = at(f"2026-03-0{1 + hour % 7} {hour:02}:00")
    cases = [
        case(f"f{n}", f"d{debtor}", str(now.date() - timedelta(days=days)), now=now)
        for n, (debtor, days) in enumerate(dues)
    ]
    entered = enter(*cases, per_day=per_day, now=now)
    late = {c.facts.invoice_id for c in cases if c.facts.due < now.astimezone(POLICY.zone).date()}
    used = Counter(
        day_of(d)
        for one in entered.values()
        for d in first_contacts(one.departures, {c.facts.invoice_id for c in cases})
        if {line.case.facts.invoice_id for line in d.lines if line.move} & late
    )
    assert all(count <= per_day for count in used.values())
    for one in entered.values():
        assert set(one.held) <= late
        for kept in one.cases:
            move = next_move(kept.facts, POLICY, now)
            assert move.wake_at, "it has its day"
