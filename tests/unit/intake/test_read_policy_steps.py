"""Steps of a policy: channels in order, approval by amount, repetitions, windows, terms and charges."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import DebtorKind
from domain.law.settings import LegalStep
from domain.policy import Anchor, Channel, Charges, Condition, Duration, Step, Tone
from intake.read_policy import read_policy
from tests.unit.intake.policy_texts import ladder, reasons

FIRST = "key: a, after: 7d, channel: email"


def steps(*texts: str) -> tuple[Step, ...]:
    return read_policy(ladder(*texts), "p.yaml").steps


def step(text: str) -> Step:
    """The step, read as the second of a ladder."""
    return steps(FIRST, text)[1]


def test_channels_are_tried_in_the_order_written() -> None:
    read = step("key: b, after: 1d, channel: [email, letter, call_task]")
    assert read.channels == (Channel.EMAIL, Channel.LETTER, Channel.CALL_TASK)
    assert step("key: b, after: 1d, channel: [letter]").channels == (Channel.LETTER,)


def test_working_days_are_not_calendar_days() -> None:
    assert step("key: b, after: 5wd, channel: email").after == Duration(5, "wd")


def test_approval_can_depend_on_the_amount() -> None:
    read = step('key: b, after: 1d, channel: email, requires_approval: {above: {EUR: "500.00", GBP: 0}}')
    assert read.requires_approval
    assert read.approval_above == {"EUR": Decimal(500), "GBP": Decimal(0)}


@pytest.mark.parametrize("approval", ["", ", requires_approval: true"])
def test_a_hand_over_waits_for_a_person_whether_said_or_not(approval: str) -> None:
    read = step("key: b, after: 1d, channel: hand_over" + approval)
    assert read.requires_approval
    assert read.approval_above is None


def test_a_hand_over_may_be_approved_above_nothing() -> None:
    read = step('key: b, after: 1d, channel: hand_over, requires_approval: {above: {EUR: "0.00"}}')
    assert read.requires_approval


def test_a_formal_notice_grants_a_term_and_charges() -> None:
    text = "legal: formal_notice, term: 14d, charges: {interest: true, costs: true, fee: 10.00}"
    read = step("key: b, after: 1d, channel: letter, tone: formal, " + text)
    assert read.legal is LegalStep.FORMAL_NOTICE
    assert read.term == Duration(14, "d")
    assert read.charges == Charges(interest=True, costs=True, fee=Decimal(10))


@pytest.mark.parametrize("window", ["legal: nl_14_day_letter", "term: 10d"])
def test_receipt_counts_from_a_legal_window_or_a_term(window: str) -> None:
    read = steps(
        f"key: a, after: 7d, channel: email, {window}", "key: b, after: 2wd, anchor: receipt, channel: email"
    )
    assert read[1].anchor is Anchor.RECEIPT


def test_every_condition_is_read() -> None:
    read = step(
        'key: b, after: 1d, channel: email, when: {amount: {at_least: {EUR: "100.00"}, below: {EUR: "5000.00"}}, '
        "kind: [business, unknown], country: uk, segment: wholesale, tags: [vip, new], behaviour: [late], "
        "mandate: false}"
    )
    assert read.when == Condition(
        amount_at_least={"EUR": Decimal(100)},
        amount_below={"EUR": Decimal(5000)},
        kinds=frozenset({DebtorKind.BUSINESS, DebtorKind.UNKNOWN}),
        countries=frozenset({"GB"}),
        segments=frozenset({"wholesale"}),
        tags=frozenset({"vip", "new"}),
        behaviours=frozenset({"late"}),
        mandate=False,
    )


def test_a_repetition_becomes_further_steps_counted_from_the_one_before() -> None:
    first, again, twice, notice = steps(
        "key: r, after: 7d, anchor: due, channel: [email, letter], tone: firm, repeat: {every: 10d, times: 2}",
        "key: n, after: 9d, channel: letter, tone: formal",
    )
    assert [first.key, again.key, twice.key, notice.key] == ["r", "r.1", "r.2", "n"]
    assert (first.after, first.anchor) == (Duration(7, "d"), Anchor.DUE)
    for copy in (again, twice):
        assert (copy.after, copy.anchor) == (Duration(10, "d"), Anchor.PREVIOUS)
        assert (copy.channels, copy.tone) == (first.channels, Tone.FIRM)


@given(every=st.integers(1, 3650), unit=st.sampled_from(["d", "wd"]), times=st.integers(1, 12))
def test_a_ladder_grows_by_as_many_steps_as_it_repeats(every: int, unit: str, times: int) -> None:
    read = steps(
        FIRST, f"key: b, after: 1d, channel: email, repeat: {{every: {every}{unit}, times: {times}}}"
    )
    assert len({s.key for s in read}) == len(read) == 2 + times
    assert all(s.is_courtesy and str(s.after) == f"{every}{unit}" for s in read[2:])


def test_a_call_or_a_review_may_follow_what_is_repeated() -> None:
    read = steps(
        FIRST + ", repeat: {every: 3s, times: 1}",
        "key: c, after: 1d, channel: call_task",
        "key: d, after: 1d, channel: internal",
    )
    assert [s.key for s in read] == ["a", "a.1", "c", "d"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("channel: []", "channel: the list is empty"),
        ("channel: [email, email]", "channel: 'email' is named twice"),
        ("channel: [email, hand_over]", "channel: 'hand_over' stands alone, not in a list"),
        ("channel: [internal]", "channel: 'internal' stands alone, not in a list"),
        ("channel: [email, sms]", "channel: 'sms' is not supported by this version"),
        ("channel: email, requires_approval: {over: {EUR: 1}}", "an approval has no 'above'"),
        ("channel: email, requires_approval: {above: {}}", "above: amounts per currency expected"),
        ("channel: email, requires_approval: {above: {EUR: -1}}", "EUR: '-1' is negative"),
        ("channel: email, requires_approval: {above: {EUR: 1.005}}", "EUR: amount 1.005 has 3 decimals"),
        ("channel: email, requires_approval: {above: {XYZ: 1}}", "XYZ: unknown key; known are CHF, CZK"),
        (
            'channel: hand_over, requires_approval: {above: {EUR: "0.01"}}',
            "requires_approval: a hand-over always waits for a person",
        ),
        (
            "channel: email, legal: nl_15_day_letter",
            "legal: 'nl_15_day_letter' is not one of nl_14_day_letter",
        ),
        ("channel: hand_over, legal: formal_notice", "legal: the debtor gets no notice"),
        ("channel: internal, term: 14d", "term: the debtor gets no notice"),
        ("channel: email, term: 0d", "term: '0d' is less than 1d"),
        ("channel: email, term: 10wd", "term: '10wd' must be in calendar days"),
        ("channel: email, charges: {fee: 0}", "fee: must be more than zero"),
        ("channel: email, charges: {fee: ten}", "fee: 'ten' is not an amount such as 1234.50"),
        ("channel: email, charges: {cost: true}", "cost: unknown key; known are interest, costs, fee"),
        ("channel: email, charges: 10.00", "charges must be a mapping"),
        ("channel: email, when: {}", "when: no condition named"),
        ("channel: email, when: {weather: fine}", "weather: unknown key; known are amount, kind, country"),
        ("channel: email, when: {kind: []}", "kind: the list is empty"),
        ("channel: email, when: {kind: company}", "kind: 'company' is not one of consumer, business"),
        ("channel: email, when: {country: Belgium}", "country: 'Belgium' is not a country code"),
        ("channel: email, when: {mandate: yes}", "mandate: 'yes' is not one of true, false"),
        ("channel: email, when: {amount: {}}", "amount: neither 'at_least' nor 'below' named"),
        ("channel: email, when: {amount: {over: {EUR: 1}}}", "over: unknown key; known are at_least, below"),
        (
            "channel: email, when: {amount: {at_least: {EUR: 9}, below: {EUR: 9}}}",
            "amount: no amount is at least 9.00 and below 9.00 EUR",
        ),
        ("channel: email, repeat: {every: 10d}", "a repetition has no 'times'"),
        ("channel: email, repeat: {every: 10d, times: 0}", "times: '0' is not a whole number from 1 to 12"),
        ("channel: email, repeat: {every: 10d, times: -2}", "times: '-2' is not a whole number from 1"),
        ("channel: email, repeat: {every: 10d, times: 13}", "times: '13' is not a whole number from 1"),
        ("channel: email, repeat: {every: 0d, times: 1}", "every: '0d' is less than 1d"),
        ("channel: email, repeat: {every: -5wd, times: 1}", "every: '-5wd' is less than 1wd"),
        ("channel: email, tone: formal, repeat: {every: 5d, times: 1}", "repeat: only a courtesy step"),
        ("channel: hand_over, repeat: {every: 5d, times: 1}", "repeat: only a courtesy step"),
        ("anchor: receipt, channel: email", "anchor: 'a' has neither a legal effect nor a term"),
    ],
)
def test_each_mistake_is_told_once_with_its_line(text: str, reason: str) -> None:
    told = reasons(ladder(FIRST, f"key: b, after: 1d, {text}"))
    assert told[0].startswith(f"p.yaml:6: {reason}")
    assert len(told) == 1 + (" 'above'" in reason)  # who wrote another key also misses the right one


@pytest.mark.parametrize("after", ["0d", "0wd", "20s"])
def test_a_window_is_over_only_when_its_last_day_is(after: str) -> None:
    told = reasons(ladder(FIRST + ", term: 14d", f"key: b, after: {after}, anchor: receipt, channel: email"))
    assert told == [f"p.yaml:6: after: a window is over with its last day: 1d or more, not {after}"]


def test_a_step_before_its_window_began_is_refused() -> None:
    told = reasons(ladder(FIRST + ", term: 14d", "key: b, after: -1d, anchor: receipt, channel: email"))
    assert told[0].startswith("p.yaml:6: after: only a step anchored on 'due' can lie before its anchor")


@pytest.mark.parametrize("anchor", ["previous", "receipt"])
def test_the_first_step_has_nothing_before_it(anchor: str) -> None:
    assert reasons(ladder(f"key: a, after: 7d, anchor: {anchor}, channel: email")) == [
        "p.yaml:5: anchor: the first step has no previous step to count from"
    ]


def test_only_the_last_reminder_is_repeated() -> None:
    told = reasons(ladder(FIRST + ", repeat: {every: 5d, times: 1}", "key: b, after: 9d, channel: letter"))
    assert told == ["p.yaml:5: repeat: only the last courtesy step can be repeated, and 'b' follows"]


def test_an_announcement_is_not_repeated() -> None:
    told = reasons(ladder("key: a, after: -3d, channel: email, repeat: {every: 1d, times: 2}"))
    assert told == ["p.yaml:5: repeat: a step before the due date cannot be repeated"]


def test_keys_of_repetitions_cannot_be_taken() -> None:
    assert reasons(ladder(FIRST, "key: a.1, after: 1d, channel: email"))[0].startswith(
        "p.yaml:6: key: 'a.1' is"
    )


def test_nothing_is_said_about_what_hangs_on_a_refused_value() -> None:
    told = reasons(
        ladder(
            FIRST + ", legal: letter, repeat: {every: 5d, times: 1}",
            "key: b, after: 2d, anchor: receipt, channel: email, tone: loud",
        )
    )
    assert [line.split(": ")[1] for line in told] == ["legal", "tone"]
