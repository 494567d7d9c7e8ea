"""Scenarios: what is read, and what is refused on which line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import DebtorKind, Term
from domain.money import Money
from domain.simulate.scenario import Scenario
from intake.read_scenario import InvalidScenario, read_scenario, read_scenario_file
from intake.scenario_forms import FORMS

PROJECT: Final = Path(__file__).parents[3]
POLICIES: Final = PROJECT / "policies"

HEAD: Final = """\
policy: nl-business
until: 2026-06-01
debtors:
  - {id: d1, country: NL, kind: business, language: nl}
invoices:
  - {id: a, debtor: d1, number: F-1, currency: EUR, issued: 2026-01-01, terms: [{due: 2026-01-15, amount: "100.00"}]}
"""
FIRST_EVENT: Final = 8
"""The line on which the first event of `happens` stands."""

INLINE: Final = """\
name: own
version: 2
time_zone: Europe/Brussels
steps:
  - {key: nudge, after: 3d, anchor: due, channel: email}
  - {key: again, after: 7d, anchor: previous, channel: email, tone: firm}
"""


def read(text: str, beside: Path = PROJECT) -> Scenario:
    return read_scenario(text, "s.yaml", beside=beside, named_policies=lambda: POLICIES)


def happens(*events: str) -> str:
    return HEAD + "events:\n" + "".join(f"  - {event}\n" for event in events)


def reasons(text: str, beside: Path = PROJECT) -> list[str]:
    with pytest.raises(InvalidScenario) as caught:
        read(text, beside)
    return [str(problem) for problem in caught.value.problems]


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def indented(text: str, by: int) -> str:
    return re.sub("^", " " * by, text, flags=re.MULTILINE).rstrip() + "\n"


def test_the_sample_is_read_whole() -> None:
    scenario = read_scenario_file(PROJECT / "samples" / "scenario.yaml", lambda: POLICIES)
    assert (len(scenario.debtors), len(scenario.invoices), len(scenario.events)) == (2, 3, 12)
    cake = scenario.invoices[1]
    assert [term.due for term in cake.terms] == [date(2026, 1, 19), date(2026, 2, 2)]
    assert cake.discount
    assert (cake.discount.percent, cake.discount.until) == (2, date(2026, 1, 12))


def test_dates_are_local_mornings_and_the_last_day_counts_whole() -> None:
    scenario = read(HEAD)
    assert scenario.start == datetime(2026, 1, 1, 7, tzinfo=UTC)  # issued, 08:00 in Amsterdam
    assert scenario.until == datetime(2026, 6, 1, 22, tzinfo=UTC)  # 2 June, 00:00, in summer
    assert scenario.invoices[0].delivered == date(2026, 1, 1)
    assert scenario.invoices[0].terms == (Term(date(2026, 1, 15), euro("100.00")),)


@pytest.mark.parametrize(
    ("on", "moment"),
    [
        ("2026-02-01", datetime(2026, 2, 1, 7, tzinfo=UTC)),
        ('"2026-02-01"', datetime(2026, 2, 1, 7, tzinfo=UTC)),
        ("2026-02-01T10:30", datetime(2026, 2, 1, 9, 30, tzinfo=UTC)),
        ("'2026-02-01 10:30:15'", datetime(2026, 2, 1, 9, 30, 15, tzinfo=UTC)),
        ("2026-02-01T23:30-02:00", datetime(2026, 2, 2, 1, 30, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, 6, tzinfo=UTC)),
    ],
)
def test_an_event_is_on_a_day_or_at_an_hour_quoted_or_not(on: str, moment: datetime) -> None:
    (event,) = read(happens(f'{{on: {on}, invoice: a, payment: "40.00"}}')).events
    assert (event.at, event.kind, event.amount, event.line) == (moment, "payment", euro("40.00"), FIRST_EVENT)


def test_every_kind_of_event_is_understood() -> None:
    events = read(
        happens(
            '{on: 2026-02-01, invoice: a, payment: "40.00"}',
            '{on: 2026-02-02, invoice: a, reversal: "40.00"}',
            '{on: 2026-02-03, invoice: a, credit_note: "5"}',
            '{on: 2026-02-04, debtor: d1, unallocated: "25.00"}',
            '{on: 2026-02-04, debtor: d1, unallocated: {amount: "3.00", currency: GBP}}',
            '{on: 2026-02-05, invoice: a, dispute: {id: x, amount: "10.00"}}',
            "{on: 2026-02-06, invoice: a, dispute: {id: y}}",
            "{on: 2026-02-07, dispute_resolved: {id: x, outcome: rejected}}",
            '{on: 2026-02-11, invoice: a, hold: {until: 2026-02-20, reason: "in contact"}}',
            "{on: 2026-02-12, debtor: d1, hold: {reason: bankrupt}}",
            '{on: 2026-02-13, invoice: a, promise: {date: 2026-02-13, amount: "50.00"}}',
            "{on: 2026-02-14, invoice: a, plan: {instalments: "
            '[{due: 2026-03-01, amount: "1"}, {due: 2026-04-01, amount: "2"}]}}',
            "{on: 2026-03-01, outage: {until: 2026-03-09}}",
            "{on: 2026-03-10, invoice: a, bounce: {step: reminder-1}}",
            "{on: 2026-03-11, invoice: a, approve: {step: hand-over}}",
            "{on: 2026-03-12, invoice: a, policy: friendly}",
            "{on: 2026-03-13, invoice: a, write_off: true}",
            "{on: 2026-03-14, invoice: a, withdrawal: true}",
        )
    ).events
    by_day = {event.on.isoformat()[5:]: event for event in events}
    assert by_day["02-02"].amount == euro("40.00")
    assert by_day["02-03"].amount == euro("5.00")
    assert [event.amount for event in events[3:5]] == [euro("25.00"), Money(Decimal("3.00"), "GBP")]
    assert (by_day["02-05"].id, by_day["02-05"].amount) == ("x", euro("10.00"))
    assert by_day["02-06"].amount is None
    resolved = by_day["02-07"]
    assert (resolved.invoice, resolved.id, resolved.outcome) == ("a", "x", "rejected")
    assert by_day["02-11"].until == datetime(2026, 2, 19, 23, tzinfo=UTC)
    assert (by_day["02-11"].reason, by_day["02-11"].debtor) == ("in contact", "")
    assert (by_day["02-12"].debtor, by_day["02-12"].invoice, by_day["02-12"].until) == ("d1", "", None)
    assert (by_day["02-13"].until, by_day["02-13"].amount) == (date(2026, 2, 13), euro("50.00"))
    assert by_day["02-14"].instalments == (
        Term(date(2026, 3, 1), euro("1.00")),
        Term(date(2026, 4, 1), euro("2.00")),
    )
    assert by_day["03-01"].until == datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert (by_day["03-10"].step, by_day["03-11"].step) == ("reminder-1", "hand-over")
    moved_to = by_day["03-12"].policy
    assert moved_to
    assert moved_to.name == "friendly"
    assert [event.kind for event in events[-2:]] == ["write_off", "withdrawal"]


def test_a_debtor_says_how_it_can_be_reached_and_who_it_is() -> None:
    more = "kind: business, language: nl, segment: key, tags: [vip, old], behaviour: slow, mandate: true, email: false"
    (debtor,) = read(HEAD.replace("kind: business, language: nl", more)).debtors
    assert (debtor.kind, debtor.segment, debtor.tags) == (
        DebtorKind.BUSINESS,
        "key",
        frozenset({"vip", "old"}),
    )
    assert (debtor.behaviour, debtor.mandate) == ("slow", True)
    assert (debtor.email, debtor.address, debtor.phone) == (False, True, True)


def test_a_policy_may_be_a_file_beside_the_scenario_or_stand_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(INLINE, encoding="utf-8")
    assert read(HEAD.replace("nl-business", "mine.yaml"), tmp_path).policy.reference == "own/2"
    inline = HEAD.replace(" nl-business\n", "\n" + indented(INLINE, 2))
    assert read(inline).policy.reference == "own/2"
    assert read(inline).start == datetime(2026, 1, 1, 7, tzinfo=UTC)


def test_an_invoice_may_have_a_policy_of_its_own() -> None:
    own = HEAD.replace("terms:", "policy: friendly, delivered: 2026-01-03, terms:")
    (invoice,) = read(own).invoices
    assert invoice.policy
    assert (invoice.policy.name, invoice.delivered) == ("friendly", date(2026, 1, 3))


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("nl-business", "nl-busyness", "1: policy: there is no policy 'nl-busyness' in "),
        ("nl-business", "./gone.yaml", "1: policy: './gone.yaml' is neither the name of a policy nor a file"),
        ("until: 2026-06-01", "until: 2025-12-31", "2: until: is before the scenario starts"),
        ("until: 2026-06-01", "until: 2026-06-31", "2: until: '2026-06-31' is not a date that exists"),
        ("until: 2026-06-01", "until: 9999-12-31", "2: until: '9999-12-31' is not between 1900 and 2199"),
        ("until: 2026-06-01", "til: 2026-06-01", "2: til: unknown key; known are policy, start, until"),
        ("country: NL", "country: Holland", "4: country: is not a two-letter country code"),
        ("id: d1, ", "", "4: a debtor has no 'id'"),
        ("debtor: d1", "debtor: d2", "6: debtor: there is no debtor 'd2'"),
        ("currency: EUR", "currency: XXX", "6: currency: 'XXX' is not one of CHF, CZK"),
        ("issued: 2026-01-01", "issued: 01-01-2026", "6: issued: '01-01-2026' is not a date such as"),
        ("due: 2026-01-15", "due: 2025-12-31", "6: due: 2025-12-31 is before the invoice is issued"),
        ('"100.00"', '"0.00"', "6: amount: must be more than zero"),
        ('"100.00"', '"-1.00"', "6: amount: '-1.00' is negative"),
        ('"100.00"', '"1.005"', "6: amount: amount 1.005 has 3 decimals; at most two"),
        ('"100.00"', "1e3", "6: amount: '1e3' is not an amount"),
        ('[{due: 2026-01-15, amount: "100.00"}]', "[]", "6: terms: at least one term is needed"),
        ("terms:", "trems:", "6: an invoice has no 'terms'"),
        ("terms:", "delivered: 2025-12-30, terms:", "6: delivered: 2025-12-30 is before the invoice is issued"),
        ("terms:", 'discount: {percent: "100", until: 2026-01-08}, terms:', "6: percent: '100.00' is not less"),
    ],
)  # fmt: skip
def test_each_mistake_about_the_portfolio_is_told_with_its_line(right: str, wrong: str, reason: str) -> None:
    assert right in HEAD
    told = reasons(HEAD.replace(right, wrong))
    assert any(line.startswith(f"s.yaml:{reason}") for line in told), told


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ('{on: 2026-02-01, invoice: b, payment: "40.00"}', "invoice: there is no invoice 'b'"),
        ('{on: 2026-02-01, debtor: b, unallocated: "40.00"}', "debtor: there is no debtor 'b'"),
        ('{on: 2026-02-01, invoice: a, payment: "0"}', "payment: must be more than zero"),
        ('{on: 2026-02-01, invoice: a, payment: "-4.00"}', "payment: '-4.00' is negative"),
        ('{on: 2026-02-01, invoice: a, payment: "4.005"}', "payment: amount 4.005 has 3 decimals"),
        ('{on: 2026-02-01, invoice: a, credit_note: "0.00"}', "credit_note: must be more than zero"),
        ('{on: 2026-02-01, invoice: a, dispute: {id: x, amount: "0"}}', "amount: must be more than zero"),
        ('{on: 2026-02-01, invoice: a, reversal: "40.00"}', "reversal: invoice 'a' has no payment of 40.00 EUR"),
        ("{on: 2026-02-01, dispute_resolved: {id: x, outcome: rejected}}", "id: there is no dispute 'x'"),
        ("{on: 2026-02-01, invoice: a, bounce: {step: later}}", "step: 'later' is not a step of nl-business/1"),
        ("{on: 2026-02-01, invoice: a, approve: {step: later}}", "step: 'later' is not a step of nl-business/1"),
        ("{on: 2026-02-11, invoice: a, hold: {until: 2026-02-11}}", "until: '2026-02-11' is not after it begins"),
        ("{on: 2026-02-11, debtor: d1, hold: {until: 2026-02-10}}", "until: '2026-02-10' is not after it begins"),
        ("{on: 2026-03-09, outage: {until: 2026-03-09}}", "until: '2026-03-09' is not after it begins"),
        ("{on: 2026-03-09, outage: {}}", "an outage has no 'until'"),
        ("{on: 2026-03-09, invoice: a, outage: {until: 2026-03-10}}", "outage: such an event names neither"),
        ("{on: 2026-03-09, hold: {until: 2026-03-10}}", "hold: such an event names 'invoice' or 'debtor'"),
        ('{on: 2026-03-09, debtor: d1, payment: "1.00"}', "payment: such an event names 'invoice'"),
        ("{on: 2026-03-09, invoice: a}", "an event needs one of payment, reversal"),
        ('{on: 2026-03-09, invoice: a, payment: "1", write_off: true}', "an event is one thing, not payment and"),
        ("{on: 2026-03-09, invoice: a, write_off: false}", "write_off: can only be true"),
        ("{on: 2026-03-09, invoice: a, policy: gone}", "policy: there is no policy 'gone'"),
        ('{on: 2026-03-09, invoice: a, paymnet: "1.00"}', "paymnet: unknown key; known are on, invoice, debtor"),
        ('{invoice: a, payment: "1.00"}', "an event has no 'on'"),
        ('{on: tomorrow, invoice: a, payment: "1.00"}', "on: 'tomorrow' is not a date"),
        ('{on: 2025-12-31, invoice: a, payment: "1.00"}', "on: 2025-12-31 is before invoice 'a' is issued"),
        ('{on: 2026-03-09, invoice: a, promise: {date: 2026-03-08, amount: "1"}}', "date: the promise is made after"),
        ("{on: 2026-03-09, invoice: a, plan: {instalments: []}}", "instalments: at least one instalment"),
    ],
)  # fmt: skip
def test_an_impossible_event_is_one_line_with_file_line_and_reason(event: str, reason: str) -> None:
    (told,) = reasons(happens(event))
    assert told.startswith(f"s.yaml:{FIRST_EVENT}: {reason}"), told


def test_events_out_of_order_are_refused_where_time_goes_back() -> None:
    (told,) = reasons(
        happens(
            '{on: 2026-02-05, invoice: a, payment: "1.00"}',
            '{on: 2026-02-04, invoice: a, payment: "1.00"}',
            '{on: 2026-02-05, invoice: a, payment: "1.00"}',
        )
    )
    assert (
        told
        == f"s.yaml:{FIRST_EVENT + 1}: on: events are in order of time, and one above it is on 2026-02-05 08:00"
    )


def test_a_payment_can_be_reversed_once() -> None:
    (told,) = reasons(
        happens(
            '{on: 2026-02-05, invoice: a, payment: "1.00"}',
            '{on: 2026-02-06, invoice: a, reversal: "1.00"}',
            '{on: 2026-02-07, invoice: a, reversal: "1.00"}',
        )
    )
    assert told.startswith(f"s.yaml:{FIRST_EVENT + 2}: reversal: ")


def test_instalments_are_in_order_of_their_dates() -> None:
    instalments = '[{due: 2026-05-01, amount: "1"}, {due: 2026-04-01, amount: "1"}]'
    (told,) = reasons(happens(f"{{on: 2026-03-09, invoice: a, plan: {{instalments: {instalments}}}}}"))
    assert (
        told
        == f"s.yaml:{FIRST_EVENT}: instalments: 2026-04-01 is not after the instalment above it (2026-05-01)"
    )


def test_steps_of_a_ladder_are_known_once_the_invoice_was_moved_to_it() -> None:
    moved = (
        "{on: 2026-02-05, invoice: a, policy: friendly}",
        "{on: 2026-02-06, invoice: a, bounce: {step: reminder-3}}",
        "{on: 2026-02-06, invoice: a, bounce: {step: formal-notice}}",
    )
    assert len(read(happens(*moved)).events) == 3
    (told,) = reasons(happens(moved[1]))
    assert told.startswith(f"s.yaml:{FIRST_EVENT}: step: 'reminder-3' is not a step of nl-business/1")


@pytest.mark.parametrize(("what", "line"), [("debtor", 5), ("invoice", 7)])
def test_ids_are_unique(what: str, line: int) -> None:
    text = re.sub(rf"({what}s:\n)(.*\n)", r"\1\2\2", HEAD)
    (told,) = reasons(text)
    assert told.startswith(f"s.yaml:{line}: id: two {what}s are called ")


def test_mistakes_in_a_policy_are_told_where_they_stand(tmp_path: Path) -> None:
    wrong = INLINE.replace("after: 7d", "after: soon")
    assert reasons(HEAD.replace(" nl-business\n", "\n" + indented(wrong, 2)))[0].startswith(
        "s.yaml:7: after: 'soon' is not a duration"
    )
    (tmp_path / "mine.yaml").write_text(wrong, encoding="utf-8")
    (told,) = reasons(HEAD.replace("nl-business", "mine.yaml"), tmp_path)
    assert told.startswith(f"{tmp_path / 'mine.yaml'}:6: after: ")


def test_the_policy_is_held_against_the_law_of_the_debtors_it_applies_to() -> None:
    consumer = HEAD.replace("kind: business", "kind: consumer")
    told = reasons(consumer)
    assert told
    assert all(line.startswith("s.yaml:1: policy: ") and "(NL; consumer)" in line for line in told)
    assert read(consumer.replace("terms:", "policy: nl-consumer, terms:"))
    fee = INLINE.replace("tone: firm}", 'tone: firm, charges: {fee: "10.00"}}')
    assert read(HEAD.replace(" nl-business\n", "\n" + indented(fee, 2)))


def test_an_unlawful_policy_is_refused_at_the_event_that_brings_it() -> None:
    consumer = HEAD.replace("kind: business", "kind: consumer").replace("nl-business", "nl-consumer")
    told = reasons(consumer + "events:\n  - {on: 2026-02-05, invoice: a, policy: nl-business}\n")
    assert all(line.startswith(f"s.yaml:{FIRST_EVENT}: policy: ") for line in told)


def test_all_mistakes_are_told_at_once_and_only_once() -> None:
    told = reasons(
        HEAD.replace("country: NL", "country: Holland")
        + 'events:\n  - {on: never, invoice: a, payment: "1.00"}\n  - {on: 2026-02-06, invoice: a, reversal: "1.00"}\n'
    )
    assert [line.split(": ")[0] for line in told] == ["s.yaml:4", "s.yaml:8"]


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(HEAD.encode() + b"# \xe9t\xe9\n")
    with pytest.raises(InvalidScenario) as caught:
        read_scenario_file(file, lambda: POLICIES)
    assert str(caught.value) == f"{file}:7: not UTF-8 at byte {len(HEAD) + 2}"


_KEYS: Final = ["on", "invoice", "debtor", *FORMS]
_SCRAPS: Final = ["", "null", "[]", "{}", "a", "d1", "x", "true", "0", "[[]]", "{id: x}", "{1: 2}", "&a b"]
_DAYS: Final = ["2026-02-01", "2026-02-30"]
_EVENT: Final = st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_SCRAPS + _DAYS), max_size=4)


@given(st.lists(_EVENT, max_size=4))
def test_whatever_an_event_holds_it_is_read_or_refused_on_its_line(events: list[dict[str, str]]) -> None:
    text = happens(*("{" + ", ".join(f"{k}: {v}" for k, v in event.items()) + "}" for event in events))
    try:
        read(text)
    except InvalidScenario as refused:
        lines = {problem.line for problem in refused.problems}
        assert lines <= set(range(FIRST_EVENT - 1, FIRST_EVENT + len(events) + 1))
