"""The command against a real database and a real Temporal."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.support.termijn import PROJECT, Ran, termijn
from worker.embedded.child import free_port
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal

SAMPLE = PROJECT / "samples/invoices.csv"
HEADER = (
    "number,debtor_reference,debtor_name,debtor_kind,country,language,email,"
    "issue_date,due_date,currency,amount"
)
ROW = "{number},D-1,Bakker B.V.,business,NL,nl,info@bakker.example,2026-01-05,2026-02-04,EUR,{amount}"


class Installation:
    """A database of its own on the shared server, and a task queue on which no worker listens."""

    def __init__(self, directory: Path, postgres: EmbeddedPostgres, temporal: EmbeddedTemporal) -> None:
        self.directory = directory
        name = f"cli_{uuid4().hex}"
        with psycopg.connect(_plain(postgres.url), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        self.url = postgres.url_of(name)
        self.environment = {
            "DATABASE_URL": self.url,
            "TEMPORAL_ADDRESS": temporal.address,
            "TASK_QUEUE": f"test-{uuid4()}",
        }

    def run(self, *arguments: str | Path, **changed: str) -> Ran:
        return termijn(*arguments, directory=self.directory, environment=self.environment | changed)

    def file(self, *rows: str) -> Path:
        path = self.directory / "invoices.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        return path

    def execute(self, statement: str) -> None:
        with psycopg.connect(_plain(self.url), autocommit=True) as connection:
            connection.execute(statement)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture(scope="module")
def empty(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres, temporal_server: EmbeddedTemporal
) -> Installation:
    return Installation(tmp_path_factory.mktemp("cli"), postgres, temporal_server)


@pytest.fixture(scope="module")
def installed(empty: Installation) -> Installation:
    """Migrated, with the sample creditor."""
    refused = empty.run("import", "invoices", SAMPLE)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "termijn migrate" in refused.err
    assert "standard/2" in empty.run("migrate").out
    loaded = empty.run("creditors", "load", PROJECT / "samples/creditors.yaml", "--json")
    assert loaded.json == {"creditors": ["default"]}
    return empty


def test_a_file_is_imported_once_however_often_it_is_read(installed: Installation) -> None:
    first = installed.run("import", "invoices", SAMPLE, "--json")
    assert (first.code, first.json["added"], first.json["cases_started"]) == (0, 24, 24)
    again = installed.run("import", "invoices", SAMPLE, "--json")
    assert (again.code, again.json["added"], again.json["unchanged"]) == (0, 0, 24)
    assert installed.run("doctor", "--json").json["healthy"]


def test_a_row_that_differs_is_reported_and_changes_nothing(installed: Installation) -> None:
    installed.run("import", "invoices", installed.file(ROW.format(number="C-1", amount="100.00")))
    changed = installed.file(
        ROW.format(number="C-1", amount="90.00"), ROW.format(number="C-2", amount="5.00")
    )
    ran = installed.run("import", "invoices", changed)
    assert ran.code == 1
    assert ran.err.splitlines()[0].startswith(f"{changed}:2: amount: is 100.00 in Termijn, 90.00 here")
    assert installed.run("case", "show", "C-1", "--json").json["invoice"]["open"]["amount"] == "100.00"
    assert installed.run("case", "show", "C-2").code == 0


def test_a_bad_row_is_refused_by_line_and_the_rest_goes_in(installed: Installation) -> None:
    file = installed.file(ROW.format(number="B-1", amount="0.00"), ROW.format(number="B-2", amount="7.00"))
    ran = installed.run("import", "invoices", file, "--json")
    assert (ran.code, ran.json["added"], ran.json["refused"]) == (1, 1, 1)
    assert [(p["line"], p["column"]) for p in ran.json["problems"]] == [(2, "amount")]


def test_strict_stores_nothing_if_any_row_is_bad(installed: Installation) -> None:
    unknown_policy = f"{ROW.format(number='S-2', amount='7.00')},no-such"
    file = installed.file(f"{ROW.format(number='S-1', amount='7.00')},", unknown_policy)
    file.write_text(file.read_text().replace(HEADER, f"{HEADER},policy"))
    ran = installed.run("import", "invoices", file, "--strict")
    assert ran.code == 1
    assert f"{file}:3: policy: no policy 'no-such'" in ran.err
    assert "nothing was stored" in ran.err
    assert installed.run("case", "show", "S-1").code == 1


def test_without_temporal_invoices_are_stored_and_their_cases_start_later(installed: Installation) -> None:
    file = installed.file(ROW.format(number="T-1", amount="7.00"))
    away = f"127.0.0.1:{free_port()}"
    ran = installed.run("import", "invoices", file, TEMPORAL_ADDRESS=away)
    assert ran.code == 0
    assert f"Temporal cannot be reached at {away}" in ran.err
    assert "1 invoices are stored" in ran.err
    unwell = installed.run("doctor", "--json")
    assert unwell.code == 1
    (failed,) = [check for check in unwell.json["checks"] if check["count"]]
    assert (failed["name"], failed["examples"]) == ("case_without_workflow", ["T-1"])
    assert installed.run("reconcile", "--json").json["started"] == 1
    assert installed.run("doctor").code == 0


def test_a_case_shows_its_terms_and_its_discount(installed: Installation) -> None:
    terms = "2031-02-04 7.50; 2031-03-04 5.00"
    row = ROW.format(number="N-2", amount="12.50").replace("2026-02-04", "") + f",{terms},2,2031-01-31"
    path = installed.file(row)
    path.write_text(f"{HEADER},terms,discount_percent,discount_until\n{row}\n")
    assert installed.run("import", "invoices", path).err == ""
    shown = installed.run("case", "show", "N-2").out
    assert "12.50 EUR open of 12.50 EUR" in shown
    assert "2% (0.25 EUR) until 2031-01-31: offered" in shown
    (first,) = [line for line in shown.splitlines() if "7.50 EUR" in line and "chased" in line]
    assert first.split()[:2] == ["1", "2031-02-04"]
    told = installed.run("case", "show", "N-2", "--json").json["invoice"]
    assert (told["cycle"], told["asked"]["amount"], told["discount"]["state"]) == (1, "7.50", "offered")


def test_a_case_shows_its_next_step_and_why_it_waits(installed: Installation) -> None:
    row = ROW.format(number="N-1", amount="12.50").replace("2026-02-04", "2031-02-04")
    assert installed.run("import", "invoices", installed.file(row)).err == ""
    shown = installed.run("case", "show", "N-1")
    assert shown.code == 0
    assert "12.50 EUR open" in shown.out
    assert "reminder-1 at Tue 2031-02-11" in shown.out
    assert "not_due until" in shown.out
    assert "claim today, in EUR" in shown.out
    assert "- not due before 2031-02-04" in shown.out
    assert "policy standard/2 (by creditor)" in shown.out
    told = installed.run("case", "show", "N-1", "--json").json
    assert told["claim"]["total"] == "12.50"
    assert [reason["code"] for reason in told["next"]["reasons"]] == ["not_due"]
    assert told["explanation"]["next_step"] == "reminder-1"
    assert told["explanation"]["reasons"] == told["next"]["reasons"]
    unknown = installed.run("case", "show", "N-0")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no invoice N-0 is known" in unknown.err


def test_the_doctor_finds_a_ledger_that_does_not_add_up(installed: Installation) -> None:
    installed.run("import", "invoices", installed.file(ROW.format(number="L-1", amount="7.00")))
    installed.execute("UPDATE invoices SET open_amount = open_amount + 1 WHERE number = 'L-1'")
    ran = installed.run("doctor")
    installed.execute("UPDATE invoices SET open_amount = open_amount - 1 WHERE number = 'L-1'")
    assert ran.code == 1
    assert any(line.startswith("FAILED") and line.rstrip().endswith("L-1") for line in ran.out.splitlines())


def test_migrations_in_step_with_the_code_can_be_checked_without_a_database(tmp_path: Path) -> None:
    assert termijn("migrate", "--check", "--json", directory=tmp_path).json == {"differences": []}


def test_a_database_that_is_away_is_one_line(installed: Installation, tmp_path: Path) -> None:
    ran = installed.run("case", "show", "N-1", DATABASE_URL=f"postgresql://postgres@/termijn?host={tmp_path}")
    assert ran.code == 1
    assert ran.err.startswith("PostgreSQL cannot be reached")
    assert len(ran.err.splitlines()) == 1
