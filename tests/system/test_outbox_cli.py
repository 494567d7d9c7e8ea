"""`termijn outbox` and `termijn policy apply` against a real database and a real Temporal, without a worker."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.termijn import PROJECT
from tests.system.test_cli import HEADER, Installation
from worker.embedded.child import free_port
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.temporal import EmbeddedTemporal

TODAY = datetime.now(ZoneInfo("Europe/Amsterdam")).date()
PATIENT = """
name: patient
version: {version}
time_zone: Europe/Amsterdam
send_window: always
applies_to: {{kinds: [business]}}
steps:
  - {{key: one, after: {after}d, anchor: due, channel: email, tone: friendly, requires_approval: {asks}}}
"""
ASKED = """
    INSERT INTO steps_taken (invoice_id, cycle, step, state, at, planned_at, attempts)
    SELECT id, 1, 'one', 'awaiting_approval', now(), now(), 0 FROM invoices WHERE number = '{number}'
"""


@pytest.fixture
def office(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres, temporal_server: EmbeddedTemporal
) -> Installation:
    """Three invoices of two debtors, ten days late; their first reminder comes in ten days."""
    office = Installation(tmp_path_factory.mktemp("outbox"), postgres, temporal_server)
    policies = office.directory / "policies"
    shutil.copytree(PROJECT / "policies", policies)
    office.environment["POLICIES_DIR"] = str(policies)
    migrate(office, version=1, after=20)
    office.run("creditors", "load", PROJECT / "samples/creditors.yaml")
    rows = [
        f"F-{n},D-{debtor},Bakker B.V.,business,NL,nl,info@bakker.example,{day(-40)},{day(-10)},EUR,{amount},patient"
        for n, debtor, amount in ((1, 1, "100.00"), (2, 1, "40.00"), (3, 2, "7.00"))
    ]
    file = office.file(*rows)
    file.write_text(file.read_text().replace(HEADER, f"{HEADER},policy"))
    assert office.run("import", "invoices", file).code == 0
    return office


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def migrate(office: Installation, *, version: int, after: int, asks: bool = False) -> None:
    """Store this version of the policy."""
    text = PATIENT.format(version=version, after=after, asks=str(asks).lower())
    (office.directory / "policies/patient.yaml").write_text(text)
    assert office.run("migrate").code == 0


def test_a_day_of_sending_is_listed_with_a_notice_for_each_debtor(office: Installation) -> None:
    found = office.run("outbox", "--on", day(10), "--json").json
    listed = {n["debtor"]: ({line["number"] for line in n["lines"]}, n["totals"]) for n in found["notices"]}
    assert listed == {"D-1": ({"F-1", "F-2"}, {"EUR": "140.00"}), "D-2": ({"F-3"}, {"EUR": "7.00"})}
    shown = office.run("outbox", "--on", day(10))
    assert "140.00 EUR" in shown.out
    assert office.run("outbox", "--json").json["notices"] == []
    over = office.run("outbox", "--on", day(-1))
    assert (over.code, "--on" in over.err) == (1, True)


def test_what_waits_is_released_by_number_and_kept_when_temporal_is_away(office: Installation) -> None:
    migrate(office, version=2, after=5, asks=True)
    assert office.run("policy", "apply", "patient", "--invoice", "F-3").code == 1  # neither looks nor does
    office.execute("UPDATE invoices SET policy_version = 2 WHERE number IN ('F-1', 'F-3')")
    office.execute(ASKED.format(number="F-1") + ";" + ASKED.format(number="F-3"))
    waiting = office.run("outbox", "--json").json["notices"]
    assert {n["debtor"]: n["needs_approval"] for n in waiting} == {"D-1": True, "D-2": True}
    ran = office.run("outbox", "--release", "F-3", "--release", "F-2", "--json")
    assert ran.code == 1
    released = {one["number"] or one["invoice"]: one["refusal"] for one in ran.json["released"]}
    assert released == {"F-3": "", "F-2": "not_awaiting_approval"}
    away = office.run("outbox", "--release-all", TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}")
    assert away.code == 0
    assert "F-1: one is released" in away.out
    assert "termijn reconcile" in away.err


def test_a_policy_is_previewed_in_total_and_by_case_and_applied_only_with_yes(office: Installation) -> None:
    migrate(office, version=2, after=40)
    seen = office.run("policy", "apply", "patient", "--preview", "--json").json
    assert (seen["policy"], seen["applied"], seen["totals"]["cases"]) == ("patient/2", False, 3)
    assert (seen["totals"]["notices_before"], seen["totals"]["notices_after"]) == (2, 0)
    assert office.run("policy", "apply", "patient").code == 1
    done = office.run("policy", "apply", "patient", "--invoice", "F-1", "--invoice", "X", "--yes")
    assert "patient/2: applied" in done.out
    assert "X: unknown" in done.err
    (event,) = office.run("case", "show", "F-1", "--json").json["events"]
    assert (event["kind"], event["message"]) == ("policy_changed", {"ref": "patient/2"})
    assert office.run("case", "show", "F-2", "--json").json["events"] == []
    assert office.run("policy", "apply", "no-such", "--preview").code == 1
