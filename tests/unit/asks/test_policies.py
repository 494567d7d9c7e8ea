"""Policies that change while invoices are open, that differ by customer, and that meet what is already late."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.asks.telling import REMINDER_1, REMINDER_2, REMINDERS, ladder, owed, tell, with_fee

LATE_INTEREST = (
    "{key: notice, after: 30d, anchor: due, channel: email, tone: formal, charges: {interest: true}}"
)


def test_ask_04_a_new_step_reaches_open_invoices_only_where_that_is_asked_for() -> None:
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        f"2026-03-02 invoice: a, policy: {REMINDERS}",
        policy=ladder(REMINDER_1),
        until="2026-06-01",
    )
    assert sorted(told.sent) == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-22 b reminder-1 100.00",
        "2026-03-02 a reminder-2 100.00",
    ]


def test_ask_05_what_was_sent_and_late_before_the_start_is_taken_up() -> None:
    told = tell(
        [owed("late"), owed("young", due="2026-03-20", debtor="e"), owed("paid", debtor="f")],
        '2026-02-20 invoice: paid, payment: "100.00"',
        start="2026-03-02",
        until="2026-03-10",
    )
    assert told.sent == ["2026-03-02 late reminder-2 100.00"]
    assert (told.stage("young"), told.next("young"), told.why("young")) == (
        "not_due",
        "2026-03-27 reminder-1",
        ["not_due 2026-03-27"],
    )
    assert (told.stage("paid"), told.why("paid")) == ("settled", ["paid"])


def test_ask_05_none_is_left_without_a_next_step_a_reason_or_an_end() -> None:
    days = ["2026-01-15", "2026-02-10", "2026-02-27", "2026-03-01", "2026-03-31"]
    invoices = [owed(f"i{n}", due=due, debtor=f"d{n}") for n, due in enumerate(days)]
    for until in ("2026-03-02", "2026-03-09", "2026-04-15", "2026-12-31"):
        told = tell(invoices, start="2026-03-02", until=until)
        assert all(told.why(f"i{n}") for n in range(len(days)))


def test_ask_26_interest_is_charged_but_to_the_customer_who_is_let_off() -> None:
    spared = ladder("{key: notice, after: 30d, anchor: due, channel: email, tone: formal}")
    told = tell(
        [owed("a", "10000.00"), owed("b", "10000.00", debtor="e", policy=spared)],
        policy=ladder(LATE_INTEREST),
        until="2026-03-01",
    )
    assert [line["invoice"] for line in told.lines("charge")] == ["a"]
    assert Decimal(told.open("a")) > 10_000
    assert told.open("b") == "10000.00"
    asked = {line["invoice"]: line["amounts"]["asked"] for line in told.lines("notice")}
    assert asked == {"a": told.open("a"), "b": "10000.00"}


def test_ask_30_a_new_fee_counts_for_what_has_not_left_yet() -> None:
    dearer = with_fee("15.00")
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        f"2026-01-20 invoice: a, policy: {dearer}",
        f"2026-01-26 invoice: b, policy: {dearer}",
        policy=with_fee("10.00"),
        until="2026-06-01",
    )
    assert (told.open("a"), told.open("b")) == ("115.00", "110.00")


def test_ask_33_who_pays_by_direct_debit_is_left_in_peace() -> None:
    silent = [
        step.replace("channel: email", "channel: email, when: {mandate: false}")
        for step in (REMINDER_1, REMINDER_2)
    ]
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        policy=ladder(*silent),
        debtors={"e": {"mandate": "true"}},
        until="2026-06-01",
    )
    assert told.sent == ["2026-01-22 a reminder-1 100.00", "2026-02-05 a reminder-2 100.00"]
