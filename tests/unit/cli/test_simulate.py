"""`termijn simulate`: how a story is told, and how a file is refused. The stories themselves are tested elsewhere."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from domain.money import Money
from domain.move import Reason, ReasonCode
from domain.simulate.scenario import Scenario
from domain.simulate.story import CaseEnd, Line, Story
from tests.support.termijn import PROJECT, bare_environment, termijn

SAMPLE: Final = PROJECT / "samples" / "scenario.yaml"
AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
HELD_UNTIL: Final = datetime(2026, 2, 19, 23, tzinfo=UTC)


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def notice(invoice: str, asked: str) -> Line:
    return Line(
        at=datetime(2026, 1, 22, 8, 13, tzinfo=UTC),
        invoice=invoice,
        kind="notice",
        step="reminder-1",
        channel="email",
        notice="n1",
        open=euro(asked),
        asked=euro(asked),
        planned_at=datetime(2026, 1, 21, 23, tzinfo=UTC),
        reasons=(),
    )


STORY: Final = Story(
    lines=(
        notice("bread", "100.00"),
        notice("cake", "500.00"),
        Line(
            at=datetime(2026, 2, 11, 7, tzinfo=UTC),
            invoice="bread",
            kind="stage",
            step=None,
            channel=None,
            notice=None,
            open=euro("60.00"),
            asked=None,
            planned_at=None,
            reasons=(Reason(ReasonCode.ON_HOLD, HELD_UNTIL),),
            stage="on_hold",
        ),
    ),
    cases={
        "bread": CaseEnd("on_hold", euro("60.00"), "reminder-2", HELD_UNTIL, (Reason(ReasonCode.ON_HOLD),)),
        "cake": CaseEnd("settled", euro("0.00"), None, None, (Reason(ReasonCode.PAID),)),
    },
    zone=AMSTERDAM,
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Scenario]:
    """The scenarios that were asked for; the answer is always STORY."""
    asked: list[Scenario] = []
    simulator = ModuleType("domain.simulate.run")

    def simulate(scenario: Scenario) -> Story:
        asked.append(scenario)
        return STORY

    simulator.simulate = simulate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "domain.simulate.run", simulator)
    return asked


def test_machines_get_the_timeline_in_local_time_and_where_each_case_ends(
    tmp_path: Path, told: list[Scenario]
) -> None:
    ran = termijn("simulate", SAMPLE, "--json", directory=tmp_path)
    assert ran.code == 0
    assert [invoice.id for invoice in told[0].invoices] == ["bread", "cake", "wall"]
    assert ran.json["timeline"][0] == {
        "at": "2026-01-22T09:13:00+01:00",
        "invoice": "bread",
        "kind": "notice",
        "step": "reminder-1",
        "channel": "email",
        "notice": "n1",
        "amounts": {"open": "100.00", "asked": "100.00"},
        "planned_at": "2026-01-22T00:00:00+01:00",
        "reasons": [],
    }
    stage = ran.json["timeline"][2]
    assert (stage["kind"], stage["stage"]) == ("stage", "on_hold")
    assert stage["amounts"] == {"open": "60.00", "asked": None}
    assert stage["reasons"] == [{"code": "on_hold", "until": "2026-02-20T00:00:00+01:00"}]
    assert ran.json["cases"] == {
        "bread": {
            "stage": "on_hold",
            "open": "60.00",
            "next": {
                "step": "reminder-2",
                "at": "2026-02-20T00:00:00+01:00",
                "reasons": [{"code": "on_hold", "until": None}],
            },
        },
        "cake": {
            "stage": "settled",
            "open": "0.00",
            "next": {"step": None, "at": None, "reasons": [{"code": "paid", "until": None}]},
        },
    }


def test_people_read_days_numbers_and_what_went_out_together(tmp_path: Path, told: list[Scenario]) -> None:
    ran = termijn("simulate", SAMPLE, directory=tmp_path)
    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert (
        "Thu 2026-01-22 09:13 F-1001 notice reminder-1 email 100.00 EUR 100.00 EUR together with F-1002"
        in lines
    )
    assert "09:13 F-1002 notice reminder-1 email 500.00 EUR 500.00 EUR together with F-1001" in lines
    assert "Wed 2026-02-11 08:00 F-1001 stage on_hold 60.00 EUR on_hold until Fri 2026-02-20" in lines
    assert "F-1002 settled 0.00 EUR paid" in lines


def test_a_file_that_is_refused_is_told_line_by_line_and_exits_with_2(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        SAMPLE.read_text(encoding="utf-8")
        .replace('payment: "40.00"', 'payment: "0.00"')
        .replace("id: stale, outcome: rejected", "id: fresh, outcome: rejected"),
        encoding="utf-8",
    )
    ran = termijn("simulate", file, directory=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        f"{file}:17: payment: must be more than zero",
        f"{file}:19: id: there is no dispute 'fresh'",
    ]


def test_named_policies_come_from_the_folder_that_is_configured(tmp_path: Path, told: list[Scenario]) -> None:
    own = (PROJECT / "policies" / "nl-business.yaml").read_text(encoding="utf-8")
    (tmp_path / "nl-business.yaml").write_text(own.replace("version: 1", "version: 77"), encoding="utf-8")
    ran = termijn("simulate", SAMPLE, directory=tmp_path, environment={"POLICIES_DIR": str(tmp_path)})
    assert ran.code == 0
    assert told[0].policy.reference == "nl-business/77"


def test_neither_the_database_nor_temporal_is_loaded() -> None:
    heavy = ("alembic", "fastapi", "sqlalchemy", "temporalio")
    code = f"""
import sys
from cli.simulate import _policies, read_scenario_file
from pathlib import Path
read_scenario_file(Path("samples/scenario.yaml"), _policies)
print(*(module for module in {heavy} if module in sys.modules))
"""
    asked = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == ""
