"""Whoever cannot be reached one way is reached another, or a person hears of it."""

from __future__ import annotations

from tests.unit.asks.telling import AGENCY, FORMAL_NOTICE, REMINDER_1, REMINDER_2, ladder, owed, tell

BY_WHATEVER = "{key: reminder-1, after: 7d, anchor: due, channel: [email, letter, call_task], tone: friendly}"


def test_ask_17_a_debtor_who_cannot_be_reached_at_all_is_overdue_all_the_same() -> None:
    nowhere = {"email": "false", "address": "false", "phone": "false", "mandate": "false"}
    told = tell([owed("a")], debtors={"d": nowhere}, until="2026-06-01")
    assert told.stages() == ["2026-01-16 chasing"]
    assert (told.stage(), told.why()) == ("chasing", ["no_address"])


def test_ask_48_a_bounced_mail_goes_as_a_letter_and_the_ladder_counts_from_that() -> None:
    told = tell(
        [owed("a")],
        "2026-01-26 invoice: a, bounce: {step: reminder-1}",
        policy=ladder(BY_WHATEVER, REMINDER_2),
        until="2026-03-01",
    )
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-26 a reminder-1 100.00 by letter",
        "2026-02-09 a reminder-2 100.00",
    ]
    assert len(told.mails) == 3


def test_ask_48_with_all_the_invoices_that_were_in_the_mail() -> None:
    told = tell(
        [owed("a"), owed("b")],
        "2026-01-26 invoice: a, bounce: {step: reminder-1}",
        policy=ladder(BY_WHATEVER),
        until="2026-02-01",
    )
    assert [mail.split()[0] for mail in told.mails] == ["2026-01-22", "2026-01-26"]
    assert sorted(told.sent[2:]) == [
        "2026-01-26 a reminder-1 100.00 by letter",
        "2026-01-26 b reminder-1 100.00 by letter",
    ]


def test_ask_48_a_mail_that_comes_back_with_no_other_way_is_a_task_for_a_person() -> None:
    told = tell([owed("a")], "2026-01-26 invoice: a, bounce: {step: reminder-1}", until="2026-06-01")
    assert told.sent == ["2026-01-22 a reminder-1 100.00"]
    assert (told.stage(), told.why()) == ("chasing", ["no_address"])


CALL = "{key: call, after: 5d, anchor: previous, channel: call_task, tone: firm}"
BY_MAIL = FORMAL_NOTICE.replace("channel: letter", "channel: [email, letter]")


def test_ask_48_a_formal_notice_that_comes_back_goes_again_and_its_term_counts_from_that() -> None:
    told = tell(
        [owed("a")],
        "2026-02-04 invoice: a, bounce: {step: notice}",
        policy=ladder(REMINDER_1, BY_MAIL, AGENCY),
        until="2026-03-31",
    )
    assert told.sent[1:] == ["2026-02-02 a notice 100.00", "2026-02-04 a notice 100.00 by letter"]
    assert told.stages()[-1] == "2026-02-24 awaiting_approval", "fourteen days after the letter, not the mail"


def test_ask_48_one_that_a_later_step_has_followed_is_for_a_person_before_anything_else_happens() -> None:
    told = tell(
        [owed("a"), owed("b")],
        "2026-02-10 invoice: a, bounce: {step: notice}",
        policy=ladder(
            REMINDER_1, BY_MAIL, CALL, AGENCY.replace("1d, anchor: receipt", "20d, anchor: previous")
        ),
        until="2026-06-01",
    )
    assert told.happened[-2:] == [
        "2026-02-10 b notice task: delivery_failed",
        "2026-02-10 a notice task: delivery_failed",
    ]
    assert (told.stage("a"), told.stage("b"), told.why()[0]) == ("on_hold", "on_hold", "on_hold")
    assert not told.lines("escalation")


def test_ask_50_without_an_address_a_person_is_asked_and_nothing_counts_as_sent() -> None:
    told = tell([owed("a")], debtors={"d": {"email": "false"}}, until="2026-06-01")
    assert told.sent == []
    assert told.happened == ["2026-01-22 a reminder-1 task: no_address"]


def test_ask_50_or_the_step_goes_to_its_next_channel() -> None:
    told = tell(
        [owed("a"), owed("b", debtor="e")],
        policy=ladder(BY_WHATEVER),
        debtors={"d": {"email": "false"}, "e": {"email": "false", "address": "false"}},
        until="2026-02-01",
    )
    assert sorted(told.happened) == [
        "2026-01-22 a reminder-1 100.00 by letter",
        "2026-01-22 b reminder-1 task",
    ]


def test_ask_52_the_whole_ladder_works_without_an_email_address() -> None:
    policy = ladder(BY_WHATEVER, FORMAL_NOTICE, AGENCY)
    told = tell([owed("a")], policy=policy, debtors={"d": {"email": "false"}}, until="2026-03-01")
    assert told.sent == ["2026-01-22 a reminder-1 100.00 by letter", "2026-02-02 a notice 100.00 by letter"]
    assert told.stage() == "awaiting_approval"
