"""`termijn claim`, `window`, `costs`, `rate` and `rates check`, in an empty directory without any server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine

from tests.support.termijn import PROJECT, bare_environment, termijn

QUESTION = {
    "country": "NL",
    "debtor_kind": "consumer",
    "due_date": "2024-06-14",
    "principal": "5000.00",
    "as_of": "2025-06-15",
    "payments": [{"on": "2024-12-12", "amount": "1500.00"}],
}


def asked(directory: Path, **changes: object) -> Path:
    file = directory / "claim.json"
    file.write_text(json.dumps(QUESTION | changes))
    return file


def test_a_claim_is_printed_as_json(tmp_path: Path) -> None:
    ran = termijn("claim", "--json", asked(tmp_path), directory=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["total"], ran.json["interest"]) == ("4431.54", "132.98")


def test_a_claim_is_read_from_standard_input_and_loads_nothing_heavy() -> None:
    heavy = ("alembic", "fastapi", "psycopg", "rich", "sqlalchemy", "temporalio")
    code = (
        "import sys; from cli.main import app\n"
        "try: app(['claim', '--json', '-'])\n"
        f"finally: print('loaded:', *(m for m in {heavy} if m in sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=b"\xef\xbb\xbf" + json.dumps(QUESTION).encode(),  # as Windows editors begin a file
        cwd=PROJECT,
        env=bare_environment(),
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout)["principal"] == "4298.56"
    assert ran.stderr == b"loaded:\n"


def test_a_claim_is_explained_to_people(tmp_path: Path) -> None:
    out = termijn("claim", asked(tmp_path), directory=tmp_path).out
    assert "Claim at the end of Sun 2025-06-15 (NL, consumer, EUR)" in out
    for told in ("306.54 in all", "4430.81", "701.44", "4431.54", "art. 6:119 BW", "[1] "):
        assert told in out


def test_a_provisional_claim_says_so(tmp_path: Path) -> None:
    file = asked(tmp_path, as_of="2035-01-01", payments=[])
    refused = termijn("claim", file, directory=tmp_path)
    assert refused.code == 2
    assert refused.err.startswith(f"{file}: as_of: ")
    assert "--provisional" in refused.err
    ran = termijn("claim", file, "--provisional", directory=tmp_path)
    assert ran.code == 0
    assert "\nprovisional: " in ran.out


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"principal": 5000.0}, "principal", "5000.0"),
        ({"country": "Atlantis"}, "country", "Atlantis"),
        ({"payments": [{"on": "2024-06-01", "amount": "5.00"}]}, "payments.0.on", "2024-06-01"),
    ],
)
def test_a_mistake_is_one_line_that_names_file_field_and_value(
    tmp_path: Path, changes: dict[str, object], field: str, value: str
) -> None:
    file = asked(tmp_path, **changes)
    ran = termijn("claim", file, directory=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"{file}: {field}: ")
    assert value in line
    as_json = termijn("claim", file, "--json", directory=tmp_path)
    (fault,) = json.loads(as_json.err)["errors"]
    assert (as_json.code, as_json.out, fault["field"], fault["value"]) == (2, "", field, value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]"])
def test_what_is_no_json_object_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "claim.json"
    file.write_bytes(content)
    ran = termijn("claim", file, directory=tmp_path)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith(f"{file}: ")


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    ran = termijn("claim", tmp_path / "none.json", directory=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"{tmp_path / 'none.json'}: No such file or directory\n"


POSTED = ("window", "--country", "NL", "--kind", "consumer", "--channel", "post", "--sent", "2026-04-03")


def test_a_window_is_four_dates(tmp_path: Path) -> None:
    assert termijn(*POSTED, "--json", directory=tmp_path).json == {
        "deemed_delivery": "2026-04-07",
        "first_day": "2026-04-08",
        "last_day": "2026-04-21",
        "costs_from": "2026-04-22",
    }


@pytest.mark.parametrize(
    ("country", "counted"),
    [("NL", 2), ("BE", 3)],  # the second day of delivery, the third working day
)
@pytest.mark.parametrize("safe", [(), ("--safe",)])
@pytest.mark.parametrize("sent", ["2026-04-03", "2026-04-24", "2026-05-02", "2024-05-07", "2026-12-23"])
def test_the_days_until_delivery_are_explained_as_they_are_counted(
    tmp_path: Path, country: str, counted: int, safe: tuple[str, ...], sent: str
) -> None:
    command = (
        "window",
        "--country",
        country,
        "--kind",
        "consumer",
        "--channel",
        "post",
        "--sent",
        sent,
        *safe,
    )
    out = termijn(*command, directory=tmp_path).out
    assert sum(" counts: day " in line for line in out.splitlines()) == counted
    for day in termijn(*command, "--json", directory=tmp_path).json.values():
        assert day in out


def test_a_window_by_email_and_one_that_does_not_exist(tmp_path: Path) -> None:
    by_email = [value if value != "post" else "email" for value in POSTED]
    assert "deemed delivery" in termijn(*by_email, directory=tmp_path).out
    refused = termijn(*("business" if v == "consumer" else v for v in POSTED), directory=tmp_path)
    assert refused.code == 2
    assert refused.err.startswith("--kind: ")


@pytest.mark.parametrize(
    ("options", "shown", "costs"),
    [
        (
            ("NL", "consumer", "--principal", "412.30", "--principal", "3000"),
            ["3412.30", "10 % of 912.30"],
            "466.23",
        ),
        (("NL", "consumer", "--principal", "412.30", "--vat"), ["12.99", "21 %"], "61.85"),
        (("BE", "consumer", "--principal", "412.30"), ["30 + 10 %", "XIX.4"], "56.23"),
        (
            ("BE", "consumer", "--principal", "412.30", "--principal", "600"),
            ["cap of principal 2", "the sum"],
            "90.62",
        ),
        (("UK", "business", "--principal", "1000"), ["GBP"], "70.00"),
    ],
)
def test_costs_show_how_they_came_about(
    tmp_path: Path, options: tuple[str, ...], shown: list[str], costs: str
) -> None:
    country, kind, *rest = options
    command = ("costs", "--country", country, "--kind", kind, *rest)
    ran = termijn(*command, directory=tmp_path)
    assert ran.code == 0
    for text in (*shown, costs):
        assert text in ran.out
    assert termijn(*command, "--json", directory=tmp_path).json["costs"] == costs


def test_a_rate_comes_with_its_source(tmp_path: Path) -> None:
    command = ("rate", "--country", "NL", "--kind", "business", "--on", "2026-08-15")
    told = termijn(*command, "--json", directory=tmp_path).json
    assert told["percent"] == "10.4"
    assert told["source"] in termijn(*command, directory=tmp_path).out
    beyond = termijn(*command[:-1], "2035-01-01", "--provisional", "--json", directory=tmp_path)
    assert beyond.json["provisional"] is True


@pytest.mark.parametrize(
    ("today", "code", "warning"),
    [("2026-11-22", 0, ""), ("2026-12-20", 0, "due: nl_consumer"), ("2027-01-01", 1, "missing: nl_consumer")],
)
def test_rates_are_asked_for_in_time(tmp_path: Path, today: str, code: int, warning: str) -> None:
    """The tables that ship end with 2026; a later release moves these days."""
    with time_machine.travel(f"{today}T12:00:00Z"):
        people = termijn("rates", "check", directory=tmp_path)
        machines = termijn("rates", "check", "--json", directory=tmp_path)
    assert (people.code, machines.code) == (code, code)
    assert warning in people.out
    assert ("nl_consumer" in machines.json["run_out"]) is bool(code)


def test_what_was_owed_in_all_what_was_paid_of_it_and_what_is_left_stand_side_by_side(tmp_path: Path) -> None:
    """625.00 of costs and the interest up to 12 December come first; the rest of 1500.00 lowers the principal."""
    file = tmp_path / "claim.json"
    file.write_text(
        '{"country": "NL", "debtor_kind": "consumer", "due_date": "2024-06-14", "principal": "5000.00",'
        ' "as_of": "2025-06-15", "payments": [{"on": "2024-12-12", "amount": "1500.00"}]}'
    )
    out = termijn("claim", str(file), directory=tmp_path).out
    rows = [line.split() for line in out.splitlines()]
    assert ["costs", "625.00", "625.00", "0.00"] in rows
    assert any(row[:1] == ["total"] and row[2:] == ["1500.00", "4431.54"] for row in rows)
