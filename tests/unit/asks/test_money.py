"""What is asked for is what is owed at that moment, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.asks.telling import REMINDER_1, Told, ladder, owed, tell, with_fee

CENTS = st.integers(min_value=1_000, max_value=100_000)


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def test_ask_06_when_the_older_invoice_is_paid_the_younger_begins_at_its_own_first_step() -> None:
    told = tell(
        [owed("a"), owed("b", due="2026-02-20")],
        '2026-02-25 invoice: a, payment: "100.00"',
        until="2026-03-20",
    )
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-02-05 a reminder-2 100.00",
        "2026-02-27 b reminder-1 100.00",
        "2026-03-13 b reminder-2 100.00",
    ]


def test_ask_08_a_fee_is_charged_once_however_often_anything_runs() -> None:
    told = tell(
        [owed("a")],
        "2026-01-22T08:00 outage: {until: 2026-01-22T11:00}",
        "2026-01-26 invoice: a, hold: {until: 2026-02-02, reason: in contact}",
        "2026-02-10 outage: {until: 2026-02-20}",
        policy=with_fee("10.00"),
        until="2026-12-31",
    )
    assert [line["step"] for line in told.lines("charge")] == ["notice"]
    assert told.open() == "110.00"


@pytest.mark.parametrize("paid_on", ["2026-01-16", "2026-01-22", "2026-01-22T08:59"])
def test_ask_13_who_has_paid_gets_no_reminder(paid_on: str) -> None:
    told = tell([owed("a")], f'{paid_on} invoice: a, payment: "100.00"', until="2026-06-01")
    assert told.sent == []
    assert (told.stage(), told.why()) == ("settled", ["paid"])


def test_ask_13_nor_who_paid_while_nothing_ran() -> None:
    told = tell(
        [owed("a")],
        "2026-01-20 outage: {until: 2026-01-29}",
        '2026-01-25 invoice: a, payment: "100.00"',
        until="2026-06-01",
    )
    assert told.sent == []


def test_ask_14_money_on_account_that_covers_the_claim_holds_the_reminder_back() -> None:
    told = tell([owed("a")], '2026-01-20 debtor: d, unallocated: "100.00"', until="2026-06-01")
    assert told.sent == []
    assert (told.stage(), told.open()) == ("chasing", "100.00")


def test_ask_14_and_that_is_the_reason_at_any_hour() -> None:
    told = tell([owed("a")], '2026-01-20 debtor: d, unallocated: "100.00"', until="2026-01-23")
    assert told.why() == ["unallocated_cash"]


def test_ask_14_money_on_account_that_covers_part_of_it_lowers_what_is_asked() -> None:
    told = tell([owed("a")], '2026-01-20 debtor: d, unallocated: "40.00"', until="2026-01-31")
    assert told.sent == ["2026-01-22 a reminder-1 60.00"]
    assert told.open() == "100.00"


def test_ask_15_a_payment_at_the_very_moment_of_sending_comes_first() -> None:
    (reminder,) = tell([owed("a")], until="2026-01-31").lines("notice")
    moment = reminder["at"]
    told = tell([owed("a")], f'"{moment}" invoice: a, payment: "100.00"', until="2026-01-31")
    assert told.sent == []


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        (['2026-01-19 invoice: a, payment: "100.00"'], "settled"),
        (['2026-01-19 invoice: a, credit_note: "100.00"'], "settled"),
        (['2026-01-19 invoice: a, credit_note: "130.00"'], "settled"),
        (["2026-01-19 invoice: a, write_off: true"], "written_off"),
        (["2026-01-19 invoice: a, withdrawal: true"], "withdrawn"),
        (
            [
                "2026-01-19 invoice: a, dispute: {id: x}",
                "2026-01-20 dispute_resolved: {id: x, outcome: accepted}",
            ],
            "settled",
        ),
    ],
)
def test_ask_16_whatever_brings_the_balance_to_zero_ends_the_chasing(events: list[str], stage: str) -> None:
    told = tell([owed("a")], *events, until="2026-06-01")
    assert told.sent == []
    assert (told.stage(), told.open()) == (stage, "0.00")


def test_ask_16_money_that_is_taken_back_opens_the_case_again_where_it_stood() -> None:
    told = tell(
        [owed("a")],
        '2026-01-26 invoice: a, payment: "100.00"',
        '2026-02-16 invoice: a, reversal: "100.00"',
        until="2026-03-31",
    )
    assert told.stages() == ["2026-01-16 chasing", "2026-01-26 settled", "2026-02-16 chasing"]
    assert told.sent == ["2026-01-22 a reminder-1 100.00", "2026-02-16 a reminder-2 100.00"]


def test_ask_18_a_credit_note_lowers_what_the_next_reminder_asks() -> None:
    told = tell([owed("a")], '2026-01-26 invoice: a, credit_note: "30.00"', until="2026-03-01")
    assert told.sent == ["2026-01-22 a reminder-1 100.00", "2026-02-05 a reminder-2 70.00"]


def test_ask_18_money_on_account_comes_off_the_oldest_line_and_the_total() -> None:
    told = tell(
        [owed("b", due="2026-01-29"), owed("a")],
        '2026-02-02 debtor: d, unallocated: "30.00"',
        until="2026-02-06",
    )
    assert sorted(told.sent[1:]) == ["2026-02-05 a reminder-2 70.00", "2026-02-05 b reminder-1 100.00"]
    assert told.mails[-1].endswith(" 170.00")


def test_ask_19_who_has_paid_in_part_is_chased_for_the_rest() -> None:
    told = tell([owed("a")], '2026-01-19 invoice: a, payment: "99.00"', until="2026-01-31")
    assert told.sent == ["2026-01-22 a reminder-1 1.00"]


@pytest.mark.parametrize(("paid", "sent"), [("99.00", []), ("98.99", ["2026-01-22 a reminder-1 1.01"])])
def test_ask_19_only_what_is_open_above_the_tolerance_counts(paid: str, sent: list[str]) -> None:
    policy = ladder(REMINDER_1, tolerance='{EUR: "1.00"}')
    told = tell([owed("a")], f'2026-01-19 invoice: a, payment: "{paid}"', policy=policy, until="2026-06-01")
    assert told.sent == sent
    assert told.stage() == ("chasing" if sent else "settled")


def test_ask_20_the_reminder_shows_the_balance_and_not_the_invoice() -> None:
    told = tell([owed("a", "250.00")], '2026-01-19 invoice: a, payment: "50.00"', until="2026-01-31")
    assert [line["amounts"] for line in told.lines("notice")] == [{"open": "200.00", "asked": "200.00"}]


def test_ask_21_each_invoice_of_a_notice_has_its_own_outstanding_amount() -> None:
    told = tell(
        [owed("a"), owed("b", "250.00"), owed("c", "75.50")],
        '2026-01-19 invoice: b, payment: "50.00"',
        until="2026-01-31",
    )
    assert sorted(told.sent) == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-22 b reminder-1 200.00",
        "2026-01-22 c reminder-1 75.50",
    ]
    assert [mail.split()[-1] for mail in told.mails] == ["375.50"]


@settings(max_examples=25)
@given(
    claims=st.lists(st.tuples(CENTS, st.integers(min_value=0, max_value=99)), min_size=1, max_size=5),
    on_account=st.integers(min_value=0, max_value=150_000),
)
def test_ask_21_the_lines_of_a_notice_add_up_to_what_the_debtor_owes(
    claims: list[tuple[int, int]], on_account: int
) -> None:
    """Each invoice is paid for so many per cent; money on account is taken off the whole."""
    invoices = [owed(f"i{n}", euros(cents)) for n, (cents, _) in enumerate(claims)]
    paid = {f"i{n}": cents * percent // 100 for n, (cents, percent) in enumerate(claims)}
    events = [
        f'2026-01-19 invoice: {name}, payment: "{euros(cents)}"' for name, cents in paid.items() if cents
    ]
    if on_account:
        events.append(f'2026-01-20 debtor: d, unallocated: "{euros(on_account)}"')
    told = tell(invoices, *events, until="2026-01-23")
    owing = sum(cents for cents, _ in claims) - sum(paid.values()) - on_account
    assert [mail.split()[-1] for mail in told.mails] == ([euros(owing)] if owing > 0 else [])


def test_ask_22_who_pays_too_much_has_paid() -> None:
    told = tell([owed("a", "850.00")], '2026-01-19 invoice: a, payment: "1000.00"', until="2026-06-01")
    assert told.sent == []
    assert (told.stage(), told.open()) == ("settled", "0.00")


IN_TWO = owed("a", terms='[{due: 2026-01-15, amount: "50.00"}, {due: 2026-02-16, amount: "50.00"}]')


def test_ask_23_each_instalment_is_chased_by_itself() -> None:
    told = tell([IN_TWO], '2026-02-09 invoice: a, payment: "50.00"', until="2026-03-01")
    assert told.sent == [
        "2026-01-22 a reminder-1 50.00",
        "2026-02-05 a reminder-2 50.00",
        "2026-02-23 a reminder-1 50.00",
    ]
    assert told.stages() == ["2026-01-16 chasing", "2026-02-09 not_due", "2026-02-17 chasing"]


def test_ask_23_what_is_not_due_is_not_asked_and_what_is_due_is_asked_together() -> None:
    soon = owed("a", terms='[{due: 2026-01-15, amount: "50.00"}, {due: 2026-01-26, amount: "30.00"}]')
    told = tell([soon], until="2026-02-10")
    assert told.sent == ["2026-01-22 a reminder-1 50.00", "2026-02-05 a reminder-2 80.00"]


def test_ask_24_a_fee_stays_due_when_only_the_invoice_is_paid() -> None:
    told = _with_the_invoice_paid_but_not_the_fee()
    assert (told.stage(), told.open()) == ("chasing", "10.00")


def test_ask_24_and_is_given_up_by_an_act_of_its_own() -> None:
    told = _with_the_invoice_paid_but_not_the_fee("2026-02-02 invoice: a, write_off: true")
    assert (told.stage(), told.open()) == ("written_off", "0.00")


def _with_the_invoice_paid_but_not_the_fee(*events: str) -> Told:
    paid = '2026-01-26 invoice: a, payment: "100.00"'
    return tell([owed("a")], paid, *events, policy=with_fee("10.00"), until="2026-03-01")


EARLY = owed("a", due="2026-01-19", issued="2026-01-05", discount='{percent: "2", until: 2026-01-12}')


def test_ask_31_the_discount_is_offered_in_time_and_the_full_amount_asked() -> None:
    policy = ladder("{key: upcoming, after: -10d, anchor: due, channel: email}", REMINDER_1)
    told = tell([EARLY], policy=policy, until="2026-02-01")
    assert told.sent == ["2026-01-09 a upcoming 100.00", "2026-01-26 a reminder-1 100.00"]


@pytest.mark.parametrize(
    ("tolerance", "paid_on", "stage"),
    [
        ("0d", "2026-01-12", "settled"),
        ("0d", "2026-01-13", "chasing"),
        ("1d", "2026-01-13", "settled"),
        ("1d", "2026-01-14", "chasing"),
    ],
)
def test_ask_31_a_payment_less_the_discount_settles_within_its_date_and_tolerance(
    tolerance: str, paid_on: str, stage: str
) -> None:
    policy = ladder(REMINDER_1, discount_tolerance=tolerance)
    told = tell([EARLY], f'{paid_on} invoice: a, payment: "98.00"', policy=policy, until="2026-02-01")
    assert told.stage() == stage
    assert told.sent == ([] if stage == "settled" else ["2026-01-26 a reminder-1 2.00"])


def test_ask_31_a_cent_of_rounding_is_no_reason_to_chase() -> None:
    third = owed("a", "33.33", due="2026-01-19", discount='{percent: "2", until: 2026-01-12}')
    policy = ladder(REMINDER_1, tolerance='{EUR: "0.05"}')
    told = tell([third], '2026-01-12 invoice: a, payment: "32.65"', policy=policy, until="2026-02-01")
    assert told.sent == []
    assert told.stage() == "settled"


def test_defect_a_tolerance_in_one_currency_is_none_in_another() -> None:
    policy = ladder(REMINDER_1, tolerance='{EUR: "1.00"}')
    told = tell(
        [owed("a", currency="USD")],
        '2026-01-19 invoice: a, payment: "99.50"',
        policy=policy,
        until="2026-01-31",
    )
    assert told.sent == ["2026-01-22 a reminder-1 0.50"]


def test_defect_the_minimum_looks_at_what_is_open_and_not_at_the_invoice() -> None:
    policy = ladder(REMINDER_1, minimum='{EUR: "50.00"}')
    told = tell(
        [owed("a"), owed("b", "50.00", debtor="e")],
        '2026-01-19 invoice: a, payment: "60.00"',
        policy=policy,
        until="2026-01-31",
    )
    assert told.sent == ["2026-01-22 b reminder-1 50.00"]
    assert told.why() == ["below_minimum"]


def test_defect_one_paid_invoice_of_a_notice_does_not_end_the_others() -> None:
    told = tell(
        [owed("a"), owed("b")],
        '2026-01-26 invoice: b, payment: "100.00"',
        until="2026-03-01",
    )
    assert told.sent[2:] == ["2026-02-05 a reminder-2 100.00"]
    assert (told.stage("a"), told.stage("b")) == ("chasing", "settled")
