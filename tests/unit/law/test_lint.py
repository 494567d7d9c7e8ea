"""Ladders that the law forbids are refused, with the rule and the step; each of them, mended, passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import DebtorKind
from domain.law.country import SUPPORTED
from domain.law.legal_calendar import LegalCalendar
from domain.law.legal_step import USUAL_TERM
from domain.law.lint import RULES, Finding, lint_for, lint_policy
from domain.law.lint_ladder import LONGEST_WAY, LintedLadder
from domain.law.settings import LegalStep
from domain.law.window import legal_window
from domain.policy import Anchor, Audience, Channel, Charges, Condition, Duration, Policy, Step
from intake.read_policy import read_policy

BROKEN: Final = Path(__file__).parent / "broken"
CONSUMER, BUSINESS, UNKNOWN = DebtorKind.CONSUMER, DebtorKind.BUSINESS, DebtorKind.UNKNOWN

MENDED: Final = {
    "nl_charges_before_letter": ("demand", "after: 15d, anchor: previous", "after: 1d, anchor: receipt"),
    "nl_letter_charges": ("letter", ", charges: {costs: true}", ""),
    "nl_letter_before_default": ("letter", "after: 0d", "after: 1d"),
    "nl_letter_term": ("letter", "term: 13d", "term: 14d"),
    "nl_letter_channel": ("letter", ", call_task", ""),
    "nl_fee": ("demand", 'fee: "10.00"', "costs: true"),
    "be_first_reminder_charges": ("first-reminder", ", charges: {costs: true}", ""),
    "be_first_reminder_term": ("first-reminder", "term: 10d", "term: 14d"),
    "be_first_reminder_before_default": ("first-reminder", "after: -3d", "after: 3d"),
    "be_first_reminder_channel": ("first-reminder", "call_task", "letter"),
    "be_no_clause": ("notice", "costs_clause: false", "costs_clause: true"),
    "be_fee": ("notice", "recurring: false", "recurring: true"),
    "costs_above_cap": ("notice", "7.51", "7.50"),
    "fr_consumer_costs": ("notice", ", charges: {costs: true}", ""),
    "gb_consumer_costs": ("notice", ", charges: {costs: true}", ""),
    "fr_consumer_interest": ("notice", "contractual_rate: null", 'contractual_rate: "5"'),
    "gb_consumer_interest": ("notice", "contractual_rate: null", 'contractual_rate: "5"'),
    "charge_before_default": ("reminder", "after: 0d", "after: 1d"),
    "formal_notice_before_default": ("notice", "after: 0d", "after: 1d"),
    "formal_notice_channel": ("notice", "call_task", "letter"),
    "legal_step_of_another_country": ("letter", "[NL, BE]", "[NL]"),
    "hand_over_too_early": ("agency", "after: 14d, anchor: previous", "after: 1d, anchor: receipt"),
    "hand_over_without_notice": ("agency", "tone: friendly", "tone: formal"),
    "contact_hours": (None, "20:30", "20:00"),
    "vat_not_applicable": ("notice", "vat_on_costs: true", "vat_on_costs: false"),
}
"""By rule: the step at fault, what is wrong in its file, and what would be right."""
WARNINGS: Final = {"hand_over_without_notice", "vat_not_applicable"}
FOR_CONSUMERS: Final = [
    file for file in sorted(BROKEN.glob("*.yaml")) if "-consumer\n" in file.read_text(encoding="utf-8")
]


def ladder(*steps: str, name: str = "nl-consumer", head: str = "") -> Policy:
    body = "".join(f"  - {{{step}}}\n" for step in steps)
    text = f"name: {name}\nversion: 1\ntime_zone: Europe/Amsterdam\n{head}\nsteps:\n{body}"
    return read_policy(text, name)


def errors(policy: Policy) -> set[tuple[str, str | None]]:
    return {(found.rule, found.step) for found in lint_policy(policy) if found.is_error}


LETTER: Final = "key: letter, after: 7d, anchor: due, channel: letter, legal: nl_14_day_letter"
DEMAND: Final = "key: demand, after: 1d, anchor: receipt, channel: email, charges: {costs: true}"


@pytest.mark.parametrize("file", sorted(BROKEN.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_broken_ladder_is_found_by_rule_and_step_and_mended_it_passes(file: Path) -> None:
    broken, rule = file.read_text(encoding="utf-8"), file.stem
    step, wrong, right = MENDED[rule]
    found = lint_policy(read_policy(broken, rule))
    assert [(f.rule, f.step, f.is_error) for f in found] == [(rule, step, rule not in WARNINGS)]
    assert wrong in broken
    assert lint_policy(read_policy(broken.replace(wrong, right), rule)) == ()


def test_every_rule_has_a_ladder_that_breaks_it() -> None:
    assert {file.stem for file in BROKEN.glob("*.yaml")} == MENDED.keys()
    broken = [read_policy(file.read_text(encoding="utf-8"), file.stem) for file in BROKEN.glob("*.yaml")]
    met = [LintedLadder(p, country, kind) for p in broken for country in SUPPORTED for kind in DebtorKind]
    silent = {rule.__name__ for rule in RULES if not any(True for one in met for _ in rule(one))}
    # What a file cannot say, since the loader refuses it; tested below.
    assert silent == {"approval", "receipt_without_window", "no_law_for_country"}


@pytest.mark.parametrize("file", FOR_CONSUMERS, ids=lambda file: file.stem)
def test_a_debtor_of_unknown_kind_has_the_protection_of_a_consumer(file: Path) -> None:
    policy = read_policy(file.read_text(encoding="utf-8"), file.stem)
    (country,) = policy.audience.countries or ()
    unknown = lint_for(policy, country, UNKNOWN)
    assert [replace(found, kind=CONSUMER) for found in unknown] == list(lint_for(policy, country, CONSUMER))
    assert file.stem in {found.rule for found in unknown}
    (found,) = lint_policy(policy)
    assert "consumer, unknown" in found.message


def test_what_is_forbidden_to_consumers_is_allowed_to_businesses() -> None:
    """The questions settled: fixed fees, and courtesy steps, formal notice and hand-over with approval."""
    policy = ladder(
        'key: reminder, after: 7d, anchor: due, channel: email, charges: {fee: "15.00"}',
        "key: notice, after: 10d, channel: letter, tone: formal, legal: formal_notice, term: 14d,"
        " charges: {interest: true, costs: true}",
        "key: agency, after: 1d, anchor: receipt, channel: hand_over",
        name="nl-business",
    )
    assert lint_policy(policy) == ()
    assert {f.rule for f in lint_for(policy, "NL", UNKNOWN)} == {
        "nl_fee",
        "nl_charges_before_letter",
        "hand_over_too_early",
    }


def test_a_policy_for_everyone_is_held_against_the_law_of_each_country() -> None:
    policy = ladder(
        "key: demand, after: 7d, anchor: due, channel: email, charges: {interest: true, costs: true}",
        name="all",
    )
    found = {f.rule: f.message for f in lint_policy(policy)}
    assert found.keys() == {
        "nl_charges_before_letter",
        "be_first_reminder_charges",
        "be_no_clause",
        "fr_consumer_costs",
        "fr_consumer_interest",
        "gb_consumer_costs",
        "gb_consumer_interest",
    }
    assert found["be_no_clause"].endswith("(BE; consumer, unknown)")


def test_interest_waits_for_the_letter_to_a_consumer_and_for_default_from_a_business() -> None:
    """A business owes it by art. 6:119a BW from the first day late; with a consumer we are stricter than the law."""
    late = "key: a, after: 1d, anchor: due, channel: email, charges: {interest: true}"
    assert errors(ladder(late)) == {("nl_charges_before_letter", "a")}
    assert errors(ladder(late, name="nl-business")) == set()


def test_costs_may_come_at_any_step_after_the_letter_has_run_out() -> None:
    later = "key: later, after: 1d, channel: email, charges: {interest: true, costs: true}"
    assert (
        lint_policy(ladder(LETTER, "key: call, after: 1d, anchor: receipt, channel: call_task", later)) == ()
    )
    call_while_it_runs = "key: call, after: 3d, channel: call_task"
    assert errors(ladder(LETTER, call_while_it_runs, later)) == {("nl_charges_before_letter", "later")}
    long_enough = later.replace("1d", f"{USUAL_TERM + 3 + LONGEST_WAY - 3}d")
    assert lint_policy(ladder(LETTER, call_while_it_runs, long_enough)) == ()


def test_days_after_the_due_date_say_nothing_about_a_letter_that_may_leave_late() -> None:
    demand = DEMAND.replace("after: 1d, anchor: receipt", "after: 90d, anchor: due")
    assert errors(ladder(LETTER, demand)) == {("nl_charges_before_letter", "demand")}


def test_a_letter_that_some_debtors_do_not_get_allows_no_costs_to_them() -> None:
    when = ", when: {amount: {at_least: {EUR: '100.00'}}}"
    assert errors(ladder(LETTER + when, DEMAND)) == {("nl_charges_before_letter", "demand")}
    assert lint_policy(ladder(LETTER + when, DEMAND + when)) == ()
    # The demand for large amounts waits for the term; who is passed over there has waited for nothing.
    last = "key: last, after: 1d, channel: email, charges: {costs: true}"
    assert errors(ladder(LETTER, DEMAND + when, last)) == {("nl_charges_before_letter", "last")}


def test_each_country_may_have_its_own_letter_in_one_ladder() -> None:
    policy = ladder(
        LETTER + ", when: {country: NL}",
        "key: be, after: 7d, anchor: due, channel: email, legal: be_first_reminder, when: {country: BE}",
        "key: agency, after: 1d, anchor: receipt, channel: hand_over",
        head="applies_to: {countries: [NL, BE], kinds: [consumer]}",
    )
    assert lint_policy(policy) == ()


def test_what_is_meant_for_consumers_meets_who_may_be_one() -> None:
    consumers = replace(
        _step("a"), charges=Charges(fee=Decimal(5)), when=Condition(kinds=frozenset({CONSUMER}))
    )
    policy = _policy(consumers)
    assert {f.rule for f in lint_for(policy, "NL", UNKNOWN)} == {"nl_fee"}
    assert lint_for(policy, "NL", BUSINESS) == ()


def test_a_german_consumer_pays_no_more_than_a_reminder_costs() -> None:
    fee = 'key: a, after: 7d, anchor: due, channel: email, charges: {fee: "%s"}'
    assert errors(ladder(fee % "5.01", name="de-consumer")) == {("costs_above_cap", "a")}
    assert lint_policy(ladder(fee % "5.00", name="de-consumer")) == ()


@pytest.mark.parametrize(
    ("head", "outside"),
    [
        ("send_window: always", "at any hour"),
        ('send_window: {from: "06:59"}', "from 06:59"),
        ('send_window: {to: "20:01"}', "until 20:01"),
        ("send_window: {days: [sat, sun]}", "on Sundays"),
        ("send_window: {holidays: send}", "on public holidays"),
    ],
)
def test_contact_days_and_hours_bind_whoever_mails_consumers(head: str, outside: str) -> None:
    """Art. 4.2 Bki. Businesses: a warning. Off: no rule. Paper mail: at any hour."""
    step = "key: a, after: 7d, anchor: due, channel: email"
    (found,) = lint_policy(ladder(step, head=head))
    assert (found.rule, found.is_error) == ("contact_hours", True)
    assert outside in found.message
    (found,) = lint_policy(ladder(step, name="nl-business", head=head))
    assert (found.rule, found.is_error) == ("contact_hours", False)
    assert lint_policy(ladder(step, head=f"{head}\nlaw: {{contact_hours: off}}")) == ()
    assert lint_policy(ladder(step.replace("email", "letter"), head=head)) == ()


def test_a_business_keeps_the_term_it_was_given() -> None:
    notice = (
        "key: notice, after: 7d, anchor: due, channel: email, tone: formal, legal: formal_notice, term: 14d"
    )
    agency = "key: agency, after: 13d, channel: hand_over"
    assert errors(ladder(notice, agency, name="nl-business")) == {("hand_over_too_early", "agency")}
    assert lint_policy(ladder(notice, agency.replace("13d", "16d"), name="nl-business")) == ()


def test_a_belgian_consumer_goes_to_no_agency_before_the_first_reminder_has_run_out() -> None:
    notice = "key: notice, after: 7d, anchor: due, channel: letter, legal: formal_notice"
    agency = "key: agency, after: 1d, anchor: receipt, channel: hand_over"
    assert errors(ladder(notice, agency, name="be-consumer")) == {("hand_over_too_early", "agency")}
    assert lint_policy(ladder(notice, agency, name="de-consumer")) == ()


def test_no_machine_hands_a_case_over() -> None:
    """Refused by the loader already: this is for policies that come from elsewhere."""
    agency = replace(_step("agency"), channel=Channel.HAND_OVER, tone="formal")
    always = replace(agency, requires_approval=True)
    above = replace(always, approval_above={"EUR": Decimal(100)})
    for step, refused in ((agency, True), (above, True), (always, False)):
        found = lint_for(_policy(step), "NL", BUSINESS)
        assert ("approval" in {f.rule for f in found if f.is_error}) is refused


def test_a_step_cannot_count_from_a_term_that_nobody_granted() -> None:
    receipt = replace(_step("b"), anchor=Anchor.RECEIPT)
    (found,) = lint_for(_policy(_step("a"), receipt), "NL", CONSUMER)
    assert (found.rule, found.step) == ("receipt_without_window", "b")
    assert lint_for(_policy(replace(_step("a"), term=Duration(14, "d")), receipt), "NL", CONSUMER) == ()


def test_nothing_is_charged_where_the_law_is_not_known() -> None:
    charging = _policy(replace(_step("a"), charges=Charges(interest=True)))
    assert [f.rule for f in lint_for(charging, "PL", BUSINESS)] == ["no_law_for_country"]
    assert lint_for(_policy(_step("a")), "PL", CONSUMER) == ()


def test_uk_is_gb() -> None:
    charging = _policy(replace(_step("a"), charges=Charges(costs=True)))
    assert lint_for(charging, "UK", CONSUMER) == lint_for(charging, "GB", CONSUMER)


@pytest.mark.parametrize("country", SUPPORTED)
def test_the_longest_way_is_that_of_the_worst_day_in_years(country: str) -> None:
    """What lets a ladder count from sending instead of receipt: both ends of a term at their worst."""
    calendar, day = LegalCalendar(country), timedelta(days=1)
    days = [date(2024, 1, 1) + n * day for n in range(16 * 366)]
    begins = max(
        (legal_window(country, CONSUMER, "post", sent, safe=True).first_day - sent).days for sent in days
    )
    extends = max((calendar.working_day_from(last, safe=True) - last).days for last in days)
    assert begins + extends <= LONGEST_WAY


@settings(deadline=None)  # a year's holidays are made when first asked for
@given(
    term=st.integers(1, 30),
    after=st.integers(1, 60),
    anchor=st.sampled_from((Anchor.PREVIOUS, Anchor.RECEIPT)),
    sent=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
)
def test_what_passes_never_charges_a_dutch_consumer_inside_the_window(
    term: int, after: int, anchor: Anchor, sent: date
) -> None:
    letter = replace(_step("letter"), legal=LegalStep.NL_14_DAY_LETTER, term=Duration(term, "d"))
    costs = replace(_step("costs"), anchor=anchor, after=Duration(after, "d"), charges=Charges(costs=True))
    found = {f.rule for f in lint_for(_policy(letter, costs), "NL", CONSUMER)}
    assert ("nl_letter_term" in found) is (term < USUAL_TERM)
    window = legal_window("NL", CONSUMER, "post", sent, days=term, buffer_days=3, safe=True)
    begin = sent if anchor is Anchor.PREVIOUS else window.last_day
    assert "nl_charges_before_letter" in found or begin + timedelta(days=after) >= window.costs_from


def test_a_finding_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each decision asks for one debtor: it must cost nothing."""
    policy = _policy(replace(_step("a"), charges=Charges(fee=Decimal(7))))
    first: tuple[Finding, ...] = lint_for(policy, "NL", CONSUMER)
    assert lint_for(replace(policy), "NL", CONSUMER) is first


def _step(key: str) -> Step:
    return Step(key=key, after=Duration(7, "d"), anchor=Anchor.DUE, channel=Channel.EMAIL)


def _policy(*steps: Step) -> Policy:
    plain = ladder("key: a, after: 1d, channel: email, anchor: due")
    return replace(plain, steps=steps, audience=Audience())
