"""One contact instead of five: what goes out together, what waits, and that each invoice keeps its own state."""

from __future__ import annotations

from tests.unit.asks.telling import REMINDER_1, ladder, owed, tell

DAYS_APART = (owed("a"), owed("b", due="2026-01-17"))
BARELY_LATE = (owed("a"), owed("b", due="2026-01-21"))


def test_ask_40_an_invoice_waits_for_the_debtors_next_free_day_and_no_longer() -> None:
    told = tell(DAYS_APART, until="2026-03-01")
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-27 b reminder-1 100.00",  # five days after; its own day was Monday the 26th
        "2026-02-05 a reminder-2 100.00",
        "2026-02-10 b reminder-2 100.00",
    ]


def test_ask_40_and_says_what_it_waits_for() -> None:
    told = tell(DAYS_APART, until="2026-01-26")
    assert (told.next("b"), told.why("b")) == ("2026-01-27 reminder-1", ["contact_budget 2026-01-27"])


def test_ask_41_what_is_barely_late_is_not_dragged_along() -> None:
    told = tell(BARELY_LATE, until="2026-01-31")
    assert told.mails == ["2026-01-22 a 100.00", "2026-01-28 b 100.00"]


def test_ask_41_unless_the_policy_wants_it_named_and_even_then_it_keeps_its_own_step() -> None:
    told = tell(BARELY_LATE, policy=ladder(REMINDER_1, bundling="{include: all_overdue}"), until="2026-01-31")
    assert told.mails == ["2026-01-22 a+b 200.00", "2026-01-28 b+a 200.00"]


def test_ask_42_an_invoice_taken_out_of_the_reminder_leaves_the_others_in() -> None:
    told = tell(
        [owed("a"), owed("b"), owed("c")],
        "2026-01-21 invoice: b, hold: {until: 2026-02-02, reason: asked for a copy}",
        until="2026-02-03",
    )
    assert [mail.split()[0] for mail in told.mails] == ["2026-01-22", "2026-02-02"]
    assert sorted(told.sent) == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-22 c reminder-1 100.00",
        "2026-02-02 b reminder-1 100.00",
    ]


def test_ask_44_a_customer_gets_one_mail_with_all_that_is_due() -> None:
    told = tell([owed(name) for name in "abcde"], until="2026-01-31")
    (mail,) = told.mails
    assert (mail[:10], mail[-6:]) == ("2026-01-22", "500.00")
    assert len(told.sent) == 5


def test_ask_44_also_of_two_hundred_invoices_and_each_moves_on() -> None:
    names = [f"i{n}" for n in range(200)]
    told = tell([owed(name, "10.00") for name in names], until="2026-03-01")
    assert [mail.split()[::2] for mail in told.mails] == [
        ["2026-01-22", "2000.00"],
        ["2026-02-05", "2000.00"],
    ]
    assert {told.why(name)[0] for name in names} == {"policy_exhausted"}


def test_ask_44_invoices_at_different_steps_share_one_mail() -> None:
    """a is due for its second reminder on the day of b's first."""
    told = tell([owed("a"), owed("b", due="2026-01-29")], until="2026-02-06")
    assert [mail.split()[0] for mail in told.mails] == ["2026-01-22", "2026-02-05"]
    assert sorted(told.sent[1:]) == ["2026-02-05 a reminder-2 100.00", "2026-02-05 b reminder-1 100.00"]


def test_ask_44_also_in_two_currencies() -> None:
    told = tell([owed("a"), owed("b", currency="GBP")], until="2026-01-31")
    assert [mail.split()[0] for mail in told.mails] == ["2026-01-22"]
    assert len(told.sent) == 2


def test_wanted_13_a_debtor_is_contacted_so_often_in_seven_days_over_all_invoices() -> None:
    budget = "{per_day: 1, per_seven_days: 2, courtesy_gap: null}"
    told = tell(
        [owed(f"i{day}", due=f"2026-01-{day}") for day in (12, 13, 14, 15)],
        policy=ladder(REMINDER_1, contact_budget=budget),
        until="2026-03-01",
    )
    assert [mail.split()[0] for mail in told.mails] == ["2026-01-19", "2026-01-20", "2026-01-26"]
    assert len(told.sent) == 4


def test_ask_44_two_customers_get_a_mail_each() -> None:
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        until="2026-01-31",
    )
    assert sorted(told.mails) == ["2026-01-22 a 100.00", "2026-01-22 b 100.00"]
