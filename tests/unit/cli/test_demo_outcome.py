"""The demo notices when something is not as it should be."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Final

from cli.demo.outcome import differences
from cli.demo.portfolio import portfolio
from cli.demo.story import STORY, Outcome
from intake.find_policies import read_policy_file
from intake.read_invoices_csv import read_invoices_csv
from store.overview import CaseSeen, StepSeen
from tests.support.termijn import PROJECT
from worker.embedded.maildir import SunkMail

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
DEMO: Final = read_policy_file(PROJECT / "policies/demo.yaml")
CASE: Final = CaseSeen(
    invoice_id="1",
    number="F-1",
    debtor="Bakker",
    debtor_id="2",
    stage="settled",
    open=Decimal("0.00"),
    next_step=None,
    next_at=None,
    reasons=("paid",),
    steps=(StepSeen("reminder-1", "done", NOW, Decimal("1234.50"), "<a@here>"),),
    tasks={},
    announced=0,
)
ENDS: Final = {"F-1": Outcome("settled", "0.00", ("1234.50",))}


def mail(message_id: str = "<a@here>", text: str = "Graag EUR 1.234,50 voor vrijdag.") -> SunkMail:
    message = EmailMessage()
    message["Message-ID"] = message_id
    message.set_content(text)
    return SunkMail("key", NOW, "from@here", ("to@there",), message.as_bytes())


def found(case: CaseSeen, *mails: SunkMail, ends: dict[str, Outcome] = ENDS) -> list[tuple[str, str, str]]:
    told = differences(ends, {"F-1": case}, DEMO, mails, ["<a@here>"])
    return [(d.what, d.expected, d.found) for d in told]


def test_nothing_is_said_when_all_is_well() -> None:
    assert found(CASE, mail()) == []


def test_a_mail_that_arrived_twice_never_or_unasked() -> None:
    assert found(CASE, mail(), mail()) == [("mails", "1", "2")]
    assert found(CASE) == [("mails", "1", "0")]
    assert found(CASE, mail(), mail("<b@here>")) == [("mails", "0", "1")]


def test_a_letter_that_asks_another_amount() -> None:
    assert found(CASE, mail(text="Graag EUR 1.000,00.")) == [("amount in reminder-1", "1234.50", "not named")]


def test_a_case_that_stands_elsewhere_or_was_asked_otherwise() -> None:
    case = replace(CASE, stage="chasing", open=Decimal("4.50"))
    assert found(case, mail()) == [("stage", "settled", "chasing"), ("open", "0.00", "4.50")]
    lowered = {"F-1": Outcome("settled", "0.00", ("1234.50", "234.50"))}
    (difference,) = found(CASE, mail(), ends=lowered)
    assert difference == ("notices", "friendly 1234.50, firm 234.50", "friendly 1234.50")


def test_a_dossier_that_is_not_with_the_mail() -> None:
    handed = replace(CASE.steps[0], step="hand-over")
    case = replace(CASE, stage="handed_over", steps=(handed,))
    ends = {"F-1": Outcome("handed_over", "0.00", dossier=True)}
    assert found(case, mail(), ends=ends) == [("dossier", "dossier-F-1.zip", "no file")]


def test_the_portfolio_is_overdue_today_whatever_the_year_and_has_a_chapter_for_each_invoice() -> None:
    for today in (date(2025, 2, 28), date(2031, 7, 1)):
        made = portfolio(PROJECT / "samples/invoices.csv", today)
        read = read_invoices_csv(made, today=today)
        assert not read.problems
        assert max(row.invoice.due for row in read.rows) < today
        assert {row.invoice.policy for row in read.rows} == {"demo"}
        numbers = [row["number"] for row in csv.DictReader(made.decode().splitlines())]
        assert numbers == list(STORY)
