"""The small rules of planning at their boundaries: budget, conditions, channels, cash, terms and discount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.apply_money import discount_of
from domain.bundle import Case, bundle, heading_step
from domain.choose_channel import choose_channel
from domain.conditions import holds_for
from domain.contact_budget import days_looked_at, first_free_day
from domain.cover import cover
from domain.facts import Contact, DebtorKind, Discount, Dispute, Facts, StepState, StepTaken, Term
from domain.ledger import balance
from domain.next_move import next_move
from domain.policy import Bundling, Channel, Condition, ContactBudget, Duration, Policy
from tests.support.facts import AMSTERDAM, a_case, a_policy, a_step, at, eur
from tests.unit.domain.story import Story

MONDAY = date(2026, 1, 19)


def contacts(*days: int, courtesy: bool = True) -> tuple[Contact, ...]:
    """So many days before Monday."""
    return tuple(
        Contact(at(f"{MONDAY - timedelta(days=ago)} 10:00"), courtesy, f"c{number}")
        for number, ago in enumerate(days)
    )


@pytest.mark.parametrize(
    ("budget", "made", "courtesy", "waits"),
    [
        (ContactBudget(), (), True, 0),
        (ContactBudget(), contacts(5), True, 0),  # the fifth day after is free again
        (ContactBudget(), contacts(4), True, 1),
        (ContactBudget(), contacts(4), False, 0),  # what is formal keeps no distance
        (ContactBudget(), contacts(4, courtesy=False), True, 0),
        (ContactBudget(), contacts(0), False, 1),
        (ContactBudget(), contacts(6, 2, 1), False, 1),  # seven days are rolling
        (ContactBudget(), contacts(7, 2, 1), False, 0),
        (ContactBudget(per_day=None), contacts(0), False, 0),
        (ContactBudget(per_seven_days=None), contacts(3, 2, 1), False, 0),
        (ContactBudget(per_day=2, per_seven_days=2), contacts(0, 0), False, 7),
        (ContactBudget(None, None, Duration(30, "d")), contacts(1), True, 29),
    ],
)
def test_the_budget_frees_a_day(
    budget: ContactBudget, made: tuple[Contact, ...], courtesy: bool, waits: int
) -> None:
    free = first_free_day(budget, made, MONDAY, AMSTERDAM, courtesy=courtesy)
    assert (free - MONDAY).days == waits


def test_a_notice_does_not_stand_in_its_own_way() -> None:
    made = contacts(0)
    assert first_free_day(ContactBudget(), made, MONDAY, AMSTERDAM, courtesy=True, besides="c0") == MONDAY


def test_as_many_days_are_looked_at_as_any_rule_asks() -> None:
    assert days_looked_at(ContactBudget()) == 7
    assert days_looked_at(ContactBudget(courtesy_gap=Duration(30, "d"))) == 30
    assert days_looked_at(ContactBudget(courtesy_gap=None)) == 7


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        (Condition(amount_at_least={"EUR": Decimal(100)}), True),
        (Condition(amount_at_least={"EUR": Decimal("100.01")}), False),
        (Condition(amount_at_least={"USD": Decimal(1)}), False),
        (Condition(amount_below={"EUR": Decimal(100)}), False),
        (Condition(amount_below={"EUR": Decimal("100.01")}), True),
        (Condition(kinds=frozenset({DebtorKind.CONSUMER})), True),  # who is unknown counts as one
        (Condition(kinds=frozenset({DebtorKind.BUSINESS})), False),
        (Condition(countries=frozenset({"BE"})), False),
        (Condition(segments=frozenset({"retail"})), True),
        (Condition(tags=frozenset({"vip", "shop"})), True),
        (Condition(tags=frozenset({"vip"})), False),
        (Condition(behaviours=frozenset({"slow"})), False),
        (Condition(mandate=True), False),
        (Condition(mandate=False), True),
        (Condition(mandate=False, countries=frozenset({"BE"})), False),
    ],
)
def test_everything_that_a_condition_names_must_be_true(asked: Condition, holds: bool) -> None:
    case = replace(a_case(), debtor_kind=DebtorKind.UNKNOWN, segment="retail", tags=frozenset({"shop"}))
    assert holds_for(asked, case) is holds


def a_taken(state: StepState, channel: Channel) -> StepTaken:
    return StepTaken(1, "one", state, at("2026-01-20"), at("2026-01-20"), channel=channel.value)


@pytest.mark.parametrize(
    ("taken", "mail", "letter", "goes_by"),
    [
        (None, True, True, Channel.EMAIL),
        (None, False, True, Channel.LETTER),
        (None, False, False, Channel.CALL_TASK),
        (a_taken(StepState.BOUNCED, Channel.EMAIL), True, True, Channel.LETTER),
        (a_taken(StepState.BOUNCED, Channel.EMAIL), True, False, Channel.CALL_TASK),
        (a_taken(StepState.BOUNCED, Channel.CALL_TASK), True, True, None),
        (a_taken(StepState.DEFERRED, Channel.LETTER), True, True, Channel.LETTER),  # no way back
        (a_taken(StepState.BLOCKED, Channel.EMAIL), True, True, Channel.LETTER),
    ],
)
def test_the_first_channel_that_reaches_the_debtor_and_was_not_in_vain(
    taken: StepTaken | None, mail: bool, letter: bool, goes_by: Channel | None
) -> None:
    step = replace(a_step("one 7d"), fallbacks=(Channel.LETTER, Channel.CALL_TASK))
    case = replace(a_case(), mailable=mail, letterable=letter, steps=(taken,) if taken else ())
    assert choose_channel(step, case) is goes_by


def test_cash_covers_the_oldest_claims_of_its_currency_first() -> None:
    old, new = a_case(invoice_id="old"), a_case(invoice_id="new", due="2026-01-16")
    assert cover([new, old], eur("130.00")) == {"old": eur("100.00"), "new": eur("30.00")}
    assert cover([new, old], eur("100.00")) == {"old": eur("100.00")}
    assert cover([replace(old, currency="USD"), new], eur("5.00")) == {"new": eur("5.00")}


def in_terms(*paid: str) -> Facts:
    """60 due on the 15th and 40 on the 30th of January."""
    terms = (Term(date(2026, 1, 30), eur("40.00")), Term(date(2026, 1, 15), eur("60.00")))
    story = Story(facts=replace(a_case(), terms=terms), start="2026-01-10")
    for number, amount in enumerate(paid):
        story.pay(amount, ref=f"p{number}")
    return story.facts


@pytest.mark.parametrize(
    ("paid", "cycle", "left", "by_the_20th", "by_the_31st"),
    [
        ((), 1, [60, 40], 60, 100),
        (("59.99",), 1, [Decimal("0.01"), 40], Decimal("0.01"), Decimal("40.01")),
        (("60.00",), 2, [0, 40], 40, 40),
        (("60.00", "40.00"), 2, [0, 0], 0, 0),
    ],
)
def test_money_pays_the_earliest_term_first(
    paid: tuple[str, ...], cycle: int, left: list[Decimal], by_the_20th: Decimal, by_the_31st: Decimal
) -> None:
    case = in_terms(*paid)
    assert (case.cycle, [part for _, part in case.unpaid]) == (cycle, left)
    assert case.due_by(date(2026, 1, 20)).amount == by_the_20th
    assert case.due_by(date(2026, 1, 31)).amount == by_the_31st


def test_a_term_is_overdue_from_the_day_after_its_due_date() -> None:
    case = in_terms()
    assert case.due_by(date(2026, 1, 30)) == eur("60.00")
    assert case.due_by(date(2026, 1, 31)) == eur("100.00")


def test_what_is_disputed_or_covered_is_not_asked() -> None:
    case = replace(in_terms(), disputes=(Dispute("d", eur("15.00"), at("2026-01-10")),), cash=eur("20.00"))
    assert case.asked_on(date(2026, 1, 20)) == eur("25.00")
    assert replace(case, cash=eur("99.00")).asked_on(date(2026, 1, 20)) == eur("0.00")


@pytest.mark.parametrize(
    ("amount", "on", "is_settled"),
    [
        ("98.00", "2026-01-12", True),
        ("98.00", "2026-01-13", True),  # a day of tolerance
        ("98.00", "2026-01-14", False),
        ("97.99", "2026-01-12", False),
    ],
)
def test_a_discount_is_earned_in_time_and_in_full(amount: str, on: str, is_settled: bool) -> None:
    policy = replace(a_policy(), discount_tolerance=Duration(1, "d"))
    case = replace(a_case(), discount=Discount(Decimal(2), date(2026, 1, 12)))
    story = Story(policy, case, start="2026-01-14 10:00").tell(
        "payment_received", ref="p", amount=amount, on=on
    )
    assert (not story.facts.open) is is_settled


def test_a_discount_is_on_what_was_invoiced_and_not_credited() -> None:
    case = replace(a_case(), discount=Discount(Decimal(2), date(2026, 1, 12)))
    credited = Story(facts=case).tell("credit_note_issued", ref="c", amount="50.25", on="2026-01-02").facts
    assert (discount_of(case), discount_of(credited)) == (eur("2.00"), eur("1.00"))
    assert discount_of(a_case()) == eur("0.00")


@pytest.mark.parametrize(("taken_back", "owed"), [("early", "90.00"), ("late", "0.00")])
def test_a_discount_is_lost_only_when_something_is_owed_again(taken_back: str, owed: str) -> None:
    case = replace(a_case(), discount=Discount(Decimal(2), date(2026, 1, 12)))
    story = Story(facts=case, start="2026-01-14 10:00")
    story.tell("payment_received", ref="early", amount="98.00", on="2026-01-12")
    story.tell("payment_received", ref="late", amount="10.00", on="2026-01-14")
    story.tell("payment_reversed", ref=taken_back, on="2026-01-14")
    assert story.facts.open == eur(owed)


@pytest.mark.parametrize(("amount", "credit"), [("98.00", "50.00"), ("100.00", "50.00"), ("97.00", "47.00")])
def test_money_that_comes_too_late_costs_no_discount(amount: str, credit: str) -> None:
    """Whoever pays all in time has forgone it."""
    case = replace(a_case(), discount=Discount(Decimal(2), date(2026, 1, 12)))
    story = Story(facts=case, start="2026-01-14 10:00")
    story.tell("payment_received", ref="late", amount="50.00", on="2026-01-14")
    story.tell("payment_received", ref="early", amount=amount, on="2026-01-12")
    assert balance(story.facts.credits, "EUR") == eur(credit)


def test_money_for_what_is_written_off_earns_no_discount() -> None:
    case = replace(a_case(), discount=Discount(Decimal(2), date(2026, 1, 12)))
    story = Story(facts=case, start="2026-01-14 10:00").tell("written_off", on="2026-01-14")
    story.tell("payment_received", ref="late", amount="98.00", on="2026-01-12")
    assert balance(story.facts.credits, "EUR") == eur("98.00")


def together(rule: Bundling, other: Policy, *, due: str = "2026-01-15") -> list[str]:
    """What goes into the first reminder of an invoice with another: `!` where that takes its own step."""
    policy, now = replace(a_policy(), bundling=rule), at("2026-01-22 12:00")
    lead = Case(a_case(), policy)
    case = a_case(invoice_id="b", due=due)
    lines = bundle(lead, next_move(lead.facts, policy, now), [lead, Case(case, other)], now)
    assert heading_step(lines).key == "reminder-1"
    return [f"{line.case.facts.invoice_id[:1]}{'!' if line.move else ''}" for line in lines]


def test_what_is_due_today_goes_along_and_what_is_overdue_if_the_policy_names_it() -> None:
    plain, formal = a_policy(), a_policy("formal 7d formal")
    assert together(Bundling.DUE_TODAY, plain) == ["7!", "b!"]
    assert together(Bundling.OFF, plain) == ["7!"]
    assert together(Bundling.DUE_TODAY, plain, due="2026-01-21") == ["7!"]
    assert together(Bundling.ALL_OVERDUE, plain, due="2026-01-21") == ["7!", "b"]
    assert together(Bundling.ALL_OVERDUE, plain, due="2026-01-22") == ["7!"]  # not overdue before tomorrow
    assert together(Bundling.DUE_TODAY, formal) == ["7!"]  # no letter of another tone goes along
