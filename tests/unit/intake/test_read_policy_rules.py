"""A policy's rules beside its ladder: the law, whom it is for, budgets, limits, bundling and stale money."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.facts import DebtorKind
from domain.law.settings import ClaimType, CreditorSize, DayCount, LawSettings
from domain.policy import Audience, Bundling, ContactBudget, Duration, EntryRule, StaleMoney
from intake.read_policy import read_policy
from tests.unit.intake.policy_texts import BY_THE_BOOK, HEAD, STEP, reasons_of_key, with_key

BUSINESS = frozenset({DebtorKind.BUSINESS})
CONSUMER = frozenset({DebtorKind.CONSUMER})


def test_the_names_fixed_for_exchange_are_read() -> None:
    policy = read_policy(BY_THE_BOOK, "p.yaml")
    assert [step.key for step in policy.steps] == [
        "reminder-1",
        "reminder-2",
        "reminder-2.1",
        "reminder-2.2",
        "notice",
        "agency",
    ]
    assert policy.minimum == {"EUR": Decimal(10)}
    assert policy.tolerance == {"EUR": Decimal("0.05")}
    assert policy.discount_tolerance == Duration(1, "d")
    assert policy.stale_money == StaleMoney(Duration(3, "d"), hold_when_covered=True)
    assert policy.audience == Audience(frozenset({"NL"}), BUSINESS)


def test_every_setting_of_the_law_is_read() -> None:
    policy = with_key(
        'law: {creditor_size: sme, costs_clause: true, contractual_rate: "12.5", day_count: actual/anniversary, '
        "vat_on_costs: true, safety_buffer: 5d, claim_type: services, recurring: true, contact_hours: off}"
    )
    assert policy.law == LawSettings(
        creditor_size=CreditorSize.SME,
        costs_clause=True,
        contractual_rate=Decimal("12.5"),
        day_count=DayCount.ACTUAL_ANNIVERSARY,
        vat_on_costs=True,
        safety_buffer_days=5,
        claim_type=ClaimType.SERVICES,
        recurring=True,
        contact_hours=False,
    )


def test_what_the_law_is_not_told_claims_least() -> None:
    assert with_key("law: {contractual_rate: null}").law == LawSettings()


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        ("nl-business", Audience(frozenset({"NL"}), BUSINESS)),
        ("uk-late-consumer", Audience(frozenset({"GB"}), CONSUMER)),
        ("be-strict", Audience(frozenset({"BE"}), None)),
        ("my-business", Audience(None, BUSINESS)),
        ("it-consumer", Audience(None, CONSUMER)),
        ("nl", Audience()),
        ("business", Audience()),
        ("be-businesslike", Audience(frozenset({"BE"}), None)),
    ],
)
def test_a_name_can_say_whom_a_policy_is_for(name: str, audience: Audience) -> None:
    text = HEAD.replace("name: p", f"name: {name}") + "steps:\n" + STEP
    assert read_policy(text, "p.yaml").audience == audience


def test_what_is_written_goes_before_the_name() -> None:
    head = HEAD.replace("name: p", "name: nl-business")
    text = head + "applies_to: {countries: [be, UK]}\nsteps:\n" + STEP
    assert read_policy(text, "p.yaml").audience == Audience(frozenset({"BE", "GB"}), None)


def test_a_budget_states_only_what_differs() -> None:
    assert with_key("contact_budget: off").budget is None
    assert with_key("contact_budget: {per_day: 2}").budget == ContactBudget(2, 3, Duration(5, "d"))
    unlimited = with_key("contact_budget: {per_day: null, per_seven_days: ~, courtesy_gap: null}")
    assert unlimited.budget == ContactBudget(None, None, None)


def test_only_a_ladder_in_seconds_at_any_hour_has_no_budget_unless_it_says_so() -> None:
    seconds = "steps:\n  - {key: a, after: 5s, channel: email}\n"
    assert read_policy(HEAD + "send_window: always\n" + seconds, "p").budget is None
    assert read_policy(HEAD + seconds, "p").budget == ContactBudget()
    assert with_key("send_window: always").budget == ContactBudget()
    budget = read_policy(HEAD + "send_window: always\ncontact_budget: {per_day: 9}\n" + seconds, "p").budget
    assert budget is not None
    assert budget.per_day == 9


def test_rules_for_entry_bundling_and_stale_money() -> None:
    assert with_key("entry: none").entry is EntryRule.NONE
    assert with_key("bundling: {include: off}").bundling is Bundling.OFF
    assert with_key("stale_money: {statement_age: null, unallocated: ignore}").stale_money == StaleMoney(
        None, hold_when_covered=False
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("law: {creditor_size: medium}", "creditor_size: 'medium' is not one of sme, large"),
        ("law: {contractual_rate: 12,5}", "5: unknown key"),
        ('law: {contractual_rate: "-1"}', "contractual_rate: '-1' is not a percentage"),
        ("law: {contractual_rate: 100.01}", "contractual_rate: '100.01' is more than 100 percent"),
        ("law: {day_count: actual/360}", "day_count: 'actual/360' is not one of actual/365"),
        ("law: {vat_on_costs: on}", "vat_on_costs: 'on' is not one of true, false"),
        ("law: {safety_buffer: 3wd}", "safety_buffer: '3wd' must be in calendar days"),
        ("law: {safety_buffer: -1d}", "safety_buffer: '-1d' is less than 0d"),
        ("law: {contact_hours: false}", "contact_hours: 'false' is not one of on, off"),
        ("law: {interest: 8}", "interest: unknown key; known are creditor_size, costs_clause"),
        ("applies_to: {countries: [IT]}", "countries: 'IT' is not a country whose law is known"),
        ("applies_to: {kinds: []}", "kinds: the list is empty"),
        ("applies_to: NL", "an audience must be a mapping"),
        ("contact_budget: on", "contact_budget: 'on' is not one of off"),
        ("contact_budget: {per_day: 0}", "per_day: '0' is not a whole number from 1 to 1000"),
        ("contact_budget: {per_week: 3}", "per_week: unknown key; known are per_day"),
        ("contact_budget: {courtesy_gap: 5wd}", "courtesy_gap: '5wd' must be in calendar days"),
        ("contact_budget: {per_day: }", "per_day: is empty"),
        ("minimum: 10.00", 'minimum: amounts per currency expected, such as {EUR: "10.00"}'),
        ("minimum: {EUR: -0.01}", "EUR: '-0.01' is negative"),
        ("minimum: {EURO: 1}", "EURO: unknown key; known are CHF"),
        ("tolerance: {EUR: 1, EUR: 2}", "duplicate key 'EUR', first on line 4"),
        ("tolerance: {EUR: 0.001}", "EUR: amount 0.001 has 3 decimals; at most two"),
        ("discount_tolerance: 30s", "discount_tolerance: '30s' must be in calendar days"),
        ("plan_grace: 2wd", "plan_grace: '2wd' must be in calendar days"),
        ("entry: last", "entry: 'last' is not one of latest_courtesy, first, none"),
        ("bundling: due_today", "bundling must be a mapping"),
        ("bundling: {}", "bundling has no 'include'"),
        ("stale_money: {statement_age: 0d}", "statement_age: '0d' is less than 1d"),
        ("stale_money: {unallocated: hold}", "unallocated: 'hold' is not one of hold_when_covered, ignore"),
        ("budget: off", "budget: unknown key; known are name, version"),
    ],
)
def test_each_mistake_is_told_with_its_line(line: str, reason: str) -> None:
    told = reasons_of_key(line)
    assert len(told) == 1
    assert told[0].startswith(f"p.yaml:4: {reason}")
