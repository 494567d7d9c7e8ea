"""What the command does before it needs any server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.running import only_one, published
from tests.support.termijn import PROJECT, bare_environment, termijn

HEAVY = ("alembic", "fastapi", "psycopg", "pydantic", "rich", "sqlalchemy", "temporalio")
ASK = "import sys; from cli.main import app\ntry: app(['--help'])"


def test_help_loads_nothing_heavy_so_that_it_is_there_at_once() -> None:
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{ASK}\nfinally: print('loaded:', *(m for m in {HEAVY} if m in sys.modules))",
        ],
        cwd=PROJECT,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "reconcile" in asked.stdout
    assert asked.stdout.endswith("loaded:\n")


def test_a_wrong_configuration_is_told_whole_and_exits_with_2(tmp_path: Path) -> None:
    wrong = {"API_PORT": "http", "LOG_LEVEL": "loud", "TEMPORAL_NAMESPACE": "termijn"}
    ran = termijn("worker", directory=tmp_path, environment=wrong)
    assert ran.code == 2
    for name in ("API_PORT", "LOG_LEVEL", "TEMPORAL_ADDRESS"):
        assert name in ran.err
    assert "Traceback" not in ran.err


def test_a_worker_without_any_configuration_names_all_that_is_missing(tmp_path: Path) -> None:
    ran = termijn("worker", directory=tmp_path)
    assert ran.code == 2
    assert [line.split(":")[0].strip() for line in ran.err.splitlines()[1:]] == [
        "DATABASE_URL",
        "SMTP_URL",
        "TEMPORAL_ADDRESS",
    ]


def test_a_policy_is_explained_as_dates(tmp_path: Path) -> None:
    # A Friday far ahead, so that no step is late: its reminder falls on a Friday, the later ones follow.
    ran = termijn(
        *("policy", "check", PROJECT / "policies/standard.yaml", "--due", "2037-12-18", "--json"),
        directory=tmp_path,
    )
    steps = {step["step"]: step for step in ran.json["steps"]}
    assert ran.code == 0
    # Seven days later is Christmas; the day after is Boxing Day, a Saturday; Monday is the first day to send.
    assert steps["reminder-1"]["planned"].startswith("2037-12-25")
    assert steps["reminder-1"]["leaves"].startswith("2037-12-28")
    assert steps["reminder-1"]["moved_by"] == "holiday"
    assert steps["hand-over"]["approval"] is True


def test_mistakes_in_a_policy_are_named_by_line(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "name: own\nversion: 1\ntime_zone: Europe/Nowhere\nsteps:\n  - {key: a, after: soon, channel: fax}\n"
    )
    ran = termijn("policy", "check", file, directory=tmp_path)
    assert ran.code == 1
    assert {line.split(": ")[0] for line in ran.err.splitlines()} == {f"{file}:3", f"{file}:5"}


@pytest.mark.parametrize(("option", "value"), [("--due", "31-01-2026"), ("--country", "Holland")])
def test_an_example_that_cannot_be_is_refused_in_one_line(tmp_path: Path, option: str, value: str) -> None:
    ran = termijn("policy", "check", PROJECT / "policies/strict.yaml", option, value, directory=tmp_path)
    assert ran.code == 1
    assert ran.err.startswith(f"{option}: '{value}' is not")
    assert len(ran.err.splitlines()) == 1


def test_the_shipped_policies_are_listed(tmp_path: Path) -> None:
    listed = termijn("policy", "list", "--json", directory=tmp_path).json
    assert [policy["name"] for policy in listed] == [
        *("be-business", "be-consumer", "demo", "friendly"),
        *("nl-business", "nl-consumer", "standard", "strict"),
    ]


def test_what_a_running_service_told_is_gone_with_it(tmp_path: Path) -> None:
    assert published(tmp_path) is None
    with only_one(tmp_path) as publish:
        assert published(tmp_path) == {}
        publish({"DATABASE_URL": "postgresql://here/termijn"})
        assert published(tmp_path) == {"DATABASE_URL": "postgresql://here/termijn"}
        assert (tmp_path / "running.json").stat().st_mode & 0o077 == 0
        with pytest.raises(CommandError, match="runs here already"), only_one(tmp_path):
            pass
    assert published(tmp_path) is None
    # One that was killed leaves the file, which then says nothing.
    (tmp_path / "running.json").write_text('{"DATABASE_URL": "postgresql://gone/termijn"}')
    assert published(tmp_path) is None
