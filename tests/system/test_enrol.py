"""A portfolio of late invoices comes in: the preview promises, the enrolment keeps it, the doctor proves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api.keys import create_key
from api.tools import ApiTools
from store.engine import make_engine
from tests.support.calling import talking_to
from tests.support.termijn import PROJECT, Ran, termijn
from worker.connect import connect
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal

HEADER = (
    "number,debtor_reference,debtor_name,debtor_kind,country,language,email,"
    "issue_date,due_date,currency,amount,policy"
)


class Office:
    """A database of its own, and a task queue on which no worker listens: nothing leaves while it is counted."""

    def __init__(self, directory: Path, postgres: EmbeddedPostgres, temporal: EmbeddedTemporal) -> None:
        self.directory = directory
        name = f"enrol_{uuid4().hex}"
        self._plain = postgres.url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(self._plain, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        self._url = postgres.url_of(name)
        self.environment = {
            "DATABASE_URL": self._url,
            "TEMPORAL_ADDRESS": temporal.address,
            "TASK_QUEUE": f"test-{uuid4()}",
        }
        assert self.run("migrate").code == 0
        assert self.run("creditors", "load", PROJECT / "samples/creditors.yaml").code == 0

    def run(self, *arguments: str | Path) -> Ran:
        return termijn(*arguments, directory=self.directory, environment=self.environment)

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self._url.replace("postgresql+psycopg://", "postgresql://")) as connection:
            return connection.execute(query).fetchall()

    async def outbox(self, days: list[str]) -> list[int]:
        """Notices of each day, as the API lists them."""
        engine = make_engine(self._url)
        try:
            client = await connect({"target_host": self.environment["TEMPORAL_ADDRESS"]}, patience=10)
            tools = ApiTools(engine, client, self.environment["TASK_QUEUE"])
            async with talking_to(tools, await create_key(engine, "the office", ["read"])) as http:
                pages = [
                    (await http.get("/v1/outbox", params={"on": day, "limit": 200})).json() for day in days
                ]
            return [len(page["notices"]) for page in pages]
        finally:
            await engine.dispose()

    def file(self, *rows: str) -> Path:
        path = self.directory / "late.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        return path


def row(
    n: int, *, days_late: int, debtor: str = "", policy: str = "nl-business", amount: str = "100.00"
) -> str:
    due = datetime.now(UTC).date() - timedelta(days=days_late)
    who = debtor or f"D-{n:03}"
    return (
        f"L-{n:03},{who},Klant {who},business,NL,nl,{who.lower()}@debtor.example,"
        f"{due - timedelta(days=30)},{due},EUR,{amount},{policy}"
    )


def counts(days: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(day["on"], day["count"]) for day in days]


@pytest.fixture
def office(tmp_path: Path, postgres: EmbeddedPostgres, temporal_server: EmbeddedTemporal) -> Iterator[Office]:
    return Office(tmp_path, postgres, temporal_server)


async def test_sixty_late_invoices_twenty_a_day(office: Office) -> None:
    file = office.file(*(row(n, days_late=20 + n % 7) for n in range(60)))

    preview = office.run("enrol", file, "--preview", "--per-day", "20", "--json")
    assert preview.code == 0, preview.err
    assert [n for _, n in counts(preview.json["first_contacts"])] == [20, 20, 20]
    assert office.rows("SELECT count(*) FROM invoices") == [(0,)], "a preview stores nothing"

    done = office.run("enrol", file, "--per-day", "20", "--json")
    assert (done.code, done.json["added"], done.json["cases_started"]) == (0, 60, 60)
    for told in ("first_contacts", "volume"):
        assert done.json[told] == preview.json[told]
    for told in ("number", "step", "held_until"):
        assert [i[told] for i in done.json["invoices"]] == [i[told] for i in preview.json["invoices"]]
    assert {i["stage"] for i in done.json["invoices"] if i["held_until"]} == {"on_hold"}
    oldest = {
        i["number"] for i in done.json["invoices"] if i["due"] == min(x["due"] for x in done.json["invoices"])
    }
    assert not oldest & {i["number"] for i in done.json["invoices"] if i["held_until"]}, "the oldest go first"

    proof = office.run("doctor", "--json")
    assert (proof.code, proof.json["healthy"]) == (0, True)
    assert proof.json["next_14_days"] == preview.json["volume"]
    first_days = [day["on"] for day in preview.json["first_contacts"]]
    assert [day["email"] for day in proof.json["next_14_days"] if day["on"] in first_days] == [20, 20, 20]

    before = (
        office.rows("SELECT * FROM invoices ORDER BY number"),
        office.rows("SELECT * FROM holds ORDER BY id"),
    )
    again = office.run("enrol", file, "--per-day", "20", "--json")
    assert (again.code, again.json["added"], again.json["unchanged"]) == (0, 0, 60)
    assert before == (
        office.rows("SELECT * FROM invoices ORDER BY number"),
        office.rows("SELECT * FROM holds ORDER BY id"),
    )


def test_a_hold_says_who_placed_it_and_why_and_ends_on_its_day(office: Office) -> None:
    file = office.file(*(row(n, days_late=30 - n) for n in range(2)))
    done = office.run("enrol", file, "--per-day", "1", "--json").json
    held = {i["number"]: i["held_until"] for i in done["invoices"]}
    assert held["L-000"] is None
    shown = office.run("case", "show", "L-001", "--json").json
    assert shown["stage"] == "on_hold"
    assert [(e["kind"], e["actor"], e["note"], e["message"]["until"]) for e in shown["events"]] == [
        ("hold_placed", "enrol", "spread over days", held["L-001"])
    ]
    explained = shown["explanation"]
    assert explained["next_at"][:10] == held["L-001"]
    assert explained["reasons"][0]["code"] == "on_hold"
    assert "on_hold until" in office.run("case", "show", "L-001").out


def test_a_second_portfolio_fills_up_what_the_first_left(office: Office) -> None:
    first = office.run(
        "enrol", office.file(*(row(n, days_late=30) for n in range(3))), "--per-day", "2", "--json"
    )
    assert [n for _, n in counts(first.json["first_contacts"])] == [2, 1]
    file = office.file(*(row(n, days_late=30) for n in range(3, 5)))
    second = office.run("enrol", file, "--per-day", "2", "--preview", "--json").json
    days = {day["on"]: day["total"] for day in office.run("doctor", "--json").json["next_14_days"]}
    for on, count in counts(second["first_contacts"]):
        if on != first.json["first_contacts"][0]["on"]:  # nobody was held until the first day
            assert days[on] + count <= 2


def test_a_policy_may_be_named_and_bad_rows_are_left_out(office: Office) -> None:
    good, bad = row(0, days_late=40, policy=""), row(1, days_late=40, policy="", amount="0.00")
    ran = office.run("enrol", office.file(good, bad), "--preview", "--policy", "strict", "--json")
    assert (ran.code, ran.json["added"], ran.json["refused"]) == (1, 1, 1)
    assert [i["policy"].partition("/")[0] for i in ran.json["invoices"]] == ["strict"]
    unknown = office.run("enrol", office.file(good), "--preview", "--policy", "lax")
    assert (unknown.code, "no policy 'lax'" in unknown.err) == (1, True)


def test_people_read_it_as_tables(office: Office) -> None:
    ran = office.run(
        "enrol", office.file(*(row(n, days_late=30) for n in range(3))), "--preview", "--per-day", "2"
    )
    assert ran.code == 0
    for text in ("how each invoice enters", "first contacts", "L-002", "a preview: nothing was stored"):
        assert text in ran.out
