"""`termijn hold` against a real database and a real Temporal, on which no worker listens."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.support.termijn import PROJECT, Ran, termijn
from worker.embedded.child import free_port
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal

ROWS = (
    "number,debtor_reference,debtor_name,debtor_kind,country,language,email,issue_date,due_date,currency,amount\n"
    "H-1,D-1,Bakker B.V.,business,NL,nl,info@bakker.example,2026-01-05,2026-02-04,EUR,10.00\n"
    "H-2,D-1,Bakker B.V.,business,NL,nl,info@bakker.example,2026-01-05,2026-02-04,EUR,20.00\n"
    "H-3,D-3,Smit B.V.,business,NL,nl,info@smit.example,2026-01-05,2026-02-04,EUR,30.00\n"
)


def day(offset: int) -> str:
    return (datetime.now(ZoneInfo("Europe/Amsterdam")).date() + timedelta(days=offset)).isoformat()


class Desk:
    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self.directory, self.environment = directory, environment

    def run(self, *arguments: str | Path, **changed: str) -> Ran:
        return termijn(*arguments, directory=self.directory, environment=self.environment | changed)

    def place(self, *arguments: str) -> str:
        """Its id."""
        ran = self.run("hold", "place", *arguments, "--reason", "in contact", "--by", "Anna", "--json")
        assert (ran.code, ran.err) == (0, "")
        return str(ran.json["hold_id"])

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        holds: list[dict[str, Any]] = self.run("hold", "list", *arguments, "--json").json["holds"]
        return holds

    def stage(self, number: str) -> str:
        return str(self.run("case", "show", number, "--json").json["stage"])


@pytest.fixture
def desk(tmp_path: Path, postgres: EmbeddedPostgres, temporal_server: EmbeddedTemporal) -> Desk:
    name = f"holds_{uuid4().hex}"
    url = postgres.url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    environment = {
        "DATABASE_URL": postgres.url_of(name),
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TASK_QUEUE": f"test-{uuid4()}",
    }
    desk = Desk(tmp_path, environment)
    (tmp_path / "invoices.csv").write_text(ROWS)
    for arguments in (
        ("migrate",),
        ("creditors", "load", PROJECT / "samples/creditors.yaml"),
        ("import", "invoices", tmp_path / "invoices.csv"),
    ):
        assert desk.run(*arguments).code == 0
    return desk


def test_a_debtor_is_held_until_later_and_let_go_again(desk: Desk) -> None:
    hold_id = desk.place("debtor", "D-1", "--until", day(5))
    assert [desk.stage(number) for number in ("H-1", "H-2", "H-3")] == ["on_hold", "on_hold", "chasing"]
    shown = desk.run("case", "show", "H-1").out
    assert "in contact" in shown
    assert "Anna" in shown
    extended = desk.run("hold", "extend", hold_id, "--until", day(9), "--note", "a week more")
    assert "open cases: 2" in extended.out
    (row,) = desk.listed("--invoice", "H-2")
    assert [h["what"] for h in row["history"]] == ["placed", "extended"]
    assert "lifted; open cases: 2" in desk.run("hold", "lift", hold_id).out
    assert desk.run("hold", "lift", hold_id).out == "nothing was changed\n"
    assert desk.stage("H-1") == "chasing"
    assert "no holds are in force" in desk.run("hold", "list").out
    assert [row["hold_id"] for row in desk.listed("--all", "--debtor", "D-1")] == [hold_id]


def test_a_stop_of_everything_needs_no_temporal(desk: Desk) -> None:
    away = f"127.0.0.1:{free_port()}"
    ran = desk.run("hold", "place", "creditor", "default", "--reason", "wrong account", TEMPORAL_ADDRESS=away)
    assert ran.code == 0
    assert "open cases: 3" in ran.out
    assert "it is kept" in ran.err
    assert desk.stage("H-3") == "on_hold"


def test_a_hold_on_an_invoice_goes_to_its_case_as_a_message(desk: Desk) -> None:
    hold_id = desk.place("invoice", "H-3", "--term", "1", "--until", day(3))
    (event,) = desk.run("case", "show", "H-3", "--json").json["events"]
    assert (event["kind"], event["actor"], event["note"]) == ("hold_placed", "Anna", "in contact")
    assert event["message"] == {"ref": hold_id, "term": "1", "until": day(3)}
    assert desk.run("hold", "extend", hold_id, "--until", day(4)).code == 0
    assert desk.run("hold", "lift", hold_id).code == 0


def test_what_cannot_be_held_is_told_in_a_line(desk: Desk) -> None:
    for line, said in {
        "place debtor D-9 --reason x": "no debtor D-9 is known",
        "place invoice H-9 --reason x": "no invoice H-9 is known",
        "place creditor else --reason x": "no creditor else is known",
        "place invoice H-1 --reason x --term 2": "has 1 terms, not 2",
        "place debtor D-1 --reason x --term 1": "--term is for a hold on an invoice",
        "place debtor D-1 --reason=": "needs a reason",
        "place debtor D-1 --reason x --until 2026-01-01": "2026-01-01 has come",
        "place invoice H-1 --reason x --until 2026-01-01": "ends after today",
        "lift H-0": "no hold H-0 is known",
    }.items():
        ran = desk.run("hold", *line.split())
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1), line
        assert said in ran.err
    assert desk.listed("--all") == []
