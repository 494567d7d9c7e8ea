"""The shape of the ladder: as many steps as one likes, each once, in their order, for whom they are meant."""

from __future__ import annotations

from collections import Counter

from tests.unit.asks.telling import AGENCY, FORMAL_NOTICE, REMINDER_1, ladder, owed, tell

NAGGING = ladder(
    REMINDER_1,
    "{key: reminder-2, after: 5d, anchor: previous, channel: email, tone: firm, repeat: {every: 5d, times: 3}}",
    FORMAL_NOTICE,
)


def test_ask_02_reminders_repeat_until_their_cap() -> None:
    policy = ladder(
        "{key: nudge, after: 7d, anchor: due, channel: email, repeat: {every: 10d, times: 3}}",
    )
    told = tell([owed("a")], policy=policy, until="2026-12-31")
    assert told.sent == [
        "2026-01-22 a nudge 100.00",
        "2026-02-02 a nudge.1 100.00",
        "2026-02-12 a nudge.2 100.00",
        "2026-02-23 a nudge.3 100.00",
    ]
    assert (told.stage(), told.why()) == ("chasing", ["policy_exhausted"])


def test_ask_02_reminders_repeat_only_until_the_invoice_is_paid() -> None:
    policy = ladder("{key: nudge, after: 7d, anchor: due, channel: email, repeat: {every: 10d, times: 3}}")
    told = tell([owed("a")], '2026-02-10 invoice: a, payment: "100.00"', policy=policy, until="2026-12-31")
    assert told.sent == ["2026-01-22 a nudge 100.00", "2026-02-02 a nudge.1 100.00"]
    assert told.stages()[-1] == "2026-02-10 settled"


def test_ask_12_no_level_comes_again_once_the_next_has_begun() -> None:
    told = tell([owed("a")], policy=NAGGING, until="2026-12-31")
    assert told.sent == [
        "2026-01-22 a reminder-1 100.00",
        "2026-01-27 a reminder-2 100.00",
        "2026-02-02 a reminder-2.1 100.00",
        "2026-02-09 a reminder-2.2 100.00",
        "2026-02-16 a reminder-2.3 100.00",
        "2026-02-26 a notice 100.00 by letter",
    ]


def test_ask_12_nor_after_an_outage_that_ran_over_all_of_them() -> None:
    told = tell([owed("a")], "2026-02-01 outage: {until: 2026-03-16}", policy=NAGGING, until="2026-12-31")
    assert told.sent[2:] == ["2026-03-16 a reminder-2.3 100.00", "2026-03-26 a notice 100.00 by letter"]


def test_ask_37_businesses_are_chased_closer_than_consumers() -> None:
    policy = ladder(
        "{key: nudge, after: 3d, anchor: due, channel: email, when: {kind: business}}",
        "{key: reminder, after: 10d, anchor: due, channel: email}",
    )
    told = tell(
        [owed("a", debtor="firm"), owed("b", debtor="person"), owed("c", debtor="stranger")],
        policy=policy,
        debtors={"person": {"kind": "consumer"}, "stranger": {"kind": "unknown"}},
        until="2026-03-01",
    )
    assert sorted(told.sent) == [
        "2026-01-19 a nudge 100.00",
        "2026-01-26 a reminder 100.00",
        "2026-01-26 b reminder 100.00",
        "2026-01-26 c reminder 100.00",  # who is unknown is treated as a consumer
    ]


def test_ask_38_more_than_three_levels_of_which_only_the_last_repeats() -> None:
    again = [f"{{key: level-{n}, after: 7d, anchor: previous, channel: email}}" for n in (2, 3)]
    last = "{key: level-4, after: 7d, anchor: previous, channel: email, repeat: {every: 7d, times: 2}}"
    policy = ladder("{key: level-1, after: 7d, anchor: due, channel: email}", *again, last)
    told = tell([owed("a")], policy=policy, until="2026-12-31")
    assert told.sent == [
        "2026-01-22 a level-1 100.00",
        "2026-01-29 a level-2 100.00",
        "2026-02-05 a level-3 100.00",
        "2026-02-12 a level-4 100.00",
        "2026-02-19 a level-4.1 100.00",
        "2026-02-26 a level-4.2 100.00",
    ]


def test_ask_53_each_step_leaves_once_however_often_the_clock_stops() -> None:
    stops = [
        f"{day}T09:00 outage: {{until: {day}T16:00}}" for day in ("2026-01-22", "2026-01-27", "2026-02-02")
    ]
    told = tell([owed("a"), owed("b")], *stops, policy=NAGGING, until="2026-12-31")
    times = Counter((line["invoice"], line["step"]) for line in told.lines("notice"))
    assert set(times.values()) == {1}
    assert len(times) == 12


def test_ask_58_colleagues_hear_of_it_before_the_debtor_does() -> None:
    policy = ladder("{key: tell-us, after: 1d, anchor: due, channel: internal}", REMINDER_1)
    told = tell([owed("a")], policy=policy, until="2026-02-01")
    assert told.happened == ["2026-01-16 a tell-us task", "2026-01-22 a reminder-1 100.00"]


def test_ask_29_every_notice_has_a_term_of_its_own_before_the_agency_may_act() -> None:
    policy = ladder(REMINDER_1, FORMAL_NOTICE, AGENCY)
    told = tell([owed("a")], policy=policy, until="2026-02-20")
    assert told.sent[-1] == "2026-02-02 a notice 100.00 by letter"
    # delivered on Wednesday the 4th, three days to be sure, fourteen days, and the last is no Saturday
    assert (told.next(), told.why()) == ("2026-02-24 agency", ["awaiting_window 2026-02-24"])


def test_ask_29_the_term_counts_from_the_notice_as_it_really_left() -> None:
    told = tell(
        [owed("a")],
        "2026-01-30 invoice: a, hold: {until: 2026-02-09, reason: in contact}",
        policy=ladder(REMINDER_1, FORMAL_NOTICE, AGENCY),
        until="2026-02-20",
    )
    assert told.sent[-1] == "2026-02-09 a notice 100.00 by letter"
    assert told.next() == "2026-03-03 agency"
