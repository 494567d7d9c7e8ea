"""A whole portfolio under a policy, from two files to the sums of each week."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.termijn import Ran, termijn

_HEAD = "number,debtor_reference,debtor_name,debtor_kind,country,language,email,issue_date,due_date,currency,amount"
_ADDRESS = ",address_line,city"


def _invoices(*rows: str) -> str:
    return "\n".join((_HEAD + _ADDRESS, *rows)) + "\n"


def _row(number: str, debtor: str, due: str, amount: str, email: str = "a@example.com") -> str:
    return (
        f"{number},{debtor},{debtor} B.V.,business,NL,nl,{email},2026-01-01,{due},EUR,{amount},Kade 1,Gouda"
    )


def _simulate(folder: Path, invoices: str, payments: str = "", *more: str) -> Ran:
    (folder / "invoices.csv").write_text(invoices)
    (folder / "payments.csv").write_text(f"number,on,amount\n{payments}")
    return termijn(
        "simulate",
        "--portfolio",
        str(folder / "invoices.csv"),
        "--payments",
        str(folder / "payments.csv"),
        "--policy",
        "nl-business",
        "--until",
        "2026-06-30",
        *more,
        directory=folder,
    )


def test_notices_letters_calls_and_hand_overs_are_summed_by_week(tmp_path: Path) -> None:
    invoices = _invoices(
        _row("F-1", "d", "2026-01-15", "100.00"),
        _row("F-2", "d", "2026-01-15", "50.00"),
        _row("F-3", "e", "2026-01-15", "200.00", email=""),
        _row("F-4", "f", "2026-01-15", "80.00"),
    )
    ran = _simulate(
        tmp_path, invoices, "F-2,2026-02-01,50.00\nF-3,2026-01-27,200.00\nF-4,2026-01-10,80.00\n", "--json"
    )
    assert ran.code == 0, ran.err
    sums = ran.json
    first = sums["weeks"][0]
    # Two invoices of d in one mail, and one of e on paper.
    assert (first["week"], first["from"]) == ("2026-W04", "2026-01-19")
    assert (first["notices"], first["letters"], first["asked"]) == (2, 1, {"EUR": "350.00"})
    total = sums["totals"]
    assert (total["notices"], total["letters"], total["calls"], total["hand_overs"]) == (4, 1, 1, 1)
    assert sums["cases"] == {"handed_over": 1, "settled": 3}
    assert Decimal(sums["open"]["EUR"]) > 140  # with the costs of the formal notice
    assert sums["weeks"][1]["notices"] == 0  # quiet weeks are weeks too


def test_approvals_are_counted_and_stay_pending_if_so_asked(tmp_path: Path) -> None:
    invoices = _invoices(_row("F-1", "d", "2026-01-15", "100.00"))
    given = _simulate(tmp_path, invoices, "", "--json").json
    assert (given["approvals"], given["totals"]["approvals"], given["totals"]["hand_overs"]) == (
        "given",
        1,
        1,
    )
    pending = _simulate(tmp_path, invoices, "", "--json", "--no-approve").json
    assert (pending["approvals"], pending["totals"]["approvals"]) == ("pending", 1)
    assert (pending["totals"]["hand_overs"], pending["cases"]) == (0, {"awaiting_approval": 1})
    assert "--no-approve" in _simulate(tmp_path, invoices).out


def test_people_see_the_weeks_and_what_is_left(tmp_path: Path) -> None:
    ran = _simulate(tmp_path, _invoices(_row("F-1", "d", "2026-01-15", "100.00")))
    assert ran.code == 0, ran.err
    assert "2026-01-19" in ran.out
    assert "still open" in ran.out


@pytest.mark.parametrize(
    ("payments", "said"),
    [
        ("F-9,2026-01-20,50.00\n", "payments.csv:2: number: there is no invoice 'F-9'"),
        ("F-1,2026-01-20,50.00\nF-1,20 Jan,1.00\n", "payments.csv:3: on: "),
        ("F-1,2026-01-20,-5.00\n", "payments.csv:2: amount: "),
        ("F-1,2026-01-20\n", "payments.csv:2: has 2 cells"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_by_its_line(tmp_path: Path, payments: str, said: str) -> None:
    ran = _simulate(tmp_path, _invoices(_row("F-1", "d", "2026-01-15", "100.00")), payments)
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""


def test_a_bad_invoice_is_refused_by_its_line(tmp_path: Path) -> None:
    ran = _simulate(tmp_path, _invoices(_row("F-1", "d", "2025-12-15", "100.00")))
    assert ran.code == 2
    assert "invoices.csv:2: due_date: " in ran.err


def test_a_scenario_and_a_portfolio_are_two_questions(tmp_path: Path) -> None:
    for asked in ((), ("--portfolio", "none.csv")):
        ran = termijn("simulate", *asked, directory=tmp_path)
        assert (ran.code, ran.out) == (2, "")
