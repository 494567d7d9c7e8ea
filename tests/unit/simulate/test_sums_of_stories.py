"""The sums over a portfolio are those of its stories, one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.simulate import write_portfolio
from domain.policy import start_of_day
from domain.simulate.portfolio import simulate_portfolio
from domain.simulate.run import simulate
from domain.simulate.scenario import Scenario, ScenarioEvent
from intake.find_policies import read_policy_file
from intake.read_portfolio import read_portfolio
from tests.support.termijn import PROJECT

_ZONE = ZoneInfo("Europe/Amsterdam")


def test_the_weeks_of_a_portfolio_are_the_sums_of_its_stories(tmp_path: Path) -> None:
    write_portfolio(tmp_path / "invoices.csv", tmp_path / "payments.csv", 150)
    customers = read_portfolio(tmp_path / "invoices.csv", tmp_path / "payments.csv", today=date(2026, 1, 1))
    policy = read_policy_file(PROJECT / "policies" / "nl-business.yaml")
    policy = replace(policy, steps=policy.steps[:-1])  # the last step waits for a person
    start, until = start_of_day(date(2025, 1, 1), _ZONE), start_of_day(date(2026, 1, 1), _ZONE)
    payments = sorted(
        (payment for customer in customers for payment in customer.payments), key=lambda payment: payment.on
    )
    events = tuple(
        ScenarioEvent(
            at=datetime(payment.on.year, payment.on.month, payment.on.day, 8, tzinfo=_ZONE).astimezone(UTC),
            on=payment.on,
            line=0,
            kind="payment",
            invoice=payment.invoice,
            amount=payment.amount,
        )
        for payment in payments
    )
    story = simulate(
        Scenario(
            policy,
            start,
            until,
            tuple(customer.debtor for customer in customers),
            tuple(invoice for customer in customers for invoice in customer.invoices),
            events,
        )
    )
    tally = simulate_portfolio(customers, policy, start, until)
    notices: dict[date, set[str]] = defaultdict(set)
    asked: dict[date, Decimal] = defaultdict(Decimal)
    for line in story.lines:
        if line.kind == "notice" and line.notice and line.asked:
            day = line.at.astimezone(_ZONE).date()
            notices[day - timedelta(days=day.weekday())].add(line.notice)
            asked[day - timedelta(days=day.weekday())] += line.asked.amount
    weeks = {monday: week for monday, week in tally.weeks.items() if week.notices}
    assert {monday: week.notices for monday, week in weeks.items()} == {m: len(n) for m, n in notices.items()}
    assert {monday: week.asked["EUR"] for monday, week in weeks.items()} == asked
    assert sum(tally.open.values()) == sum(case.open.amount for case in story.cases.values())
