"""A day's worth of sending, before it leaves: listed, released, and what is kept back with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.calling import WAIT, Service, day, fields_at_fault, problem
from tests.support.database import add_policy
from tests.support.waiting import until

PATIENT = """
name: patient
version: 1
time_zone: Europe/Amsterdam
send_window: always
minimum: {EUR: "10.00"}
steps:
  - {key: one, after: 20d, anchor: due, channel: email, tone: friendly}
"""
ASKING = """
name: asking
version: 1
time_zone: Europe/Amsterdam
send_window: always
steps:
  - {key: one, after: 5d, anchor: due, channel: email, tone: friendly, requires_approval: true}
"""


@pytest.fixture(autouse=True)
async def _policies(database: AsyncEngine) -> None:
    await add_policy(database, PATIENT)
    await add_policy(database, ASKING)


async def outbox(service: Service, on: str = "", **query: Any) -> dict[str, Any]:
    answer = await service.http.get("/v1/outbox", params=query | ({"on": on} if on else {}))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def is_asked_about(service: Service, *invoices: str) -> None:
    async def all_wait() -> bool:
        stages = {(await service.case(invoice))["stage"] for invoice in invoices}
        return stages == {"awaiting_approval"}

    await until(all_wait, what="steps that await approval")


async def test_two_invoices_of_one_debtor_are_one_notice_on_their_day(service: Service) -> None:
    await service.invoice(policy="patient")
    await service.invoice(policy="patient", number="F-2", amount="40.00")
    await service.invoice(policy="patient", number="F-3", debtor_reference="D-2", due_date=day(-9))
    assert (await outbox(service))["notices"] == []
    (notice,) = (await outbox(service, on=day(10)))["notices"]
    assert {line["number"] for line in notice["lines"]} == {"F-1", "F-2"}
    assert (notice["debtor"], notice["channel"], notice["step"]) == ("D-1", "email", "one")
    assert (notice["totals"], notice["needs_approval"]) == ({"EUR": "140.00"}, False)
    assert datetime.fromisoformat(notice["leaves_at"]).tzinfo
    assert [n["debtor"] for n in (await outbox(service, on=day(11)))["notices"]] == ["D-2"]


async def test_what_is_due_and_does_not_leave_is_told_with_reason_and_end(service: Service) -> None:
    held = await service.invoice(policy="patient")
    await service.tell(held, "holds", reason="asked for time", until=day(15))
    await service.invoice(policy="patient", number="F-2", debtor_reference="D-2", amount="9.00")
    both = await service.invoice(policy="patient", number="F-3", debtor_reference="D-3", amount="9.00")
    await service.tell(both, "holds", reason="asked for time")
    found = await outbox(service, on=day(12))
    assert found["notices"] == []
    reasons = {case["number"]: case["reasons"] for case in found["not_sent"]}
    assert [r["code"] for r in reasons["F-1"]] == ["on_hold"]
    assert datetime.fromisoformat(reasons["F-1"][0]["until"]).date().isoformat() in (day(14), day(15))
    assert reasons["F-2"] == [{"code": "below_minimum", "until": None}]
    assert [r["code"] for r in reasons["F-3"]] == ["on_hold", "below_minimum"]
    assert {case["step"] for case in found["not_sent"] if case["number"] == "F-1"} == {"one"}
    assert (await outbox(service, on=day(5)))["not_sent"] == []


async def test_what_needs_approval_is_listed_and_leaves_when_it_is_released(service: Service) -> None:
    one = await service.invoice(policy="asking")
    two = await service.invoice(policy="asking", number="F-2", debtor_reference="D-2")
    await is_asked_about(service, one, two)
    listed = (await outbox(service))["notices"]
    assert [(n["debtor"], n["needs_approval"]) for n in listed] == [("D-1", True), ("D-2", True)]
    answer = await service.http.post("/v1/outbox/release", json={"invoices": [one, "F-9"]}, headers=WAIT)
    assert answer.status_code == 200, answer.text
    results = {result["invoice"]: result["status"] for result in answer.json()["results"]}
    assert results == {one: "applied", "F-9": "not_awaiting_approval"}
    await until(lambda: len(service.mail.mails) == 1, what="the notice that was released")
    assert [n["debtor"] for n in (await outbox(service))["notices"]] == ["D-2"]
    answer = await service.http.post("/v1/outbox/release", json={"on": day(0), "all": True}, headers=WAIT)
    assert [r["invoice"] for r in answer.json()["results"]] == [two]
    await until(lambda: len(service.mail.mails) == 2, what="the other notice")


async def test_pages_hold_whole_debtors_and_a_creditor_can_be_chosen(service: Service) -> None:
    for number in ("1", "2", "3"):
        await service.invoice(policy="patient", number=f"F-{number}", debtor_reference=f"D-{number}")
    seen, url = [], f"/v1/outbox?on={day(10)}&limit=2&creditor=default"
    while url:
        page = (await service.http.get(url)).json()
        seen += [notice["debtor"] for notice in page["notices"]]
        url = page["next"]
    assert seen == ["D-1", "D-2", "D-3"]
    assert (await outbox(service, on=day(10), creditor="other"))["notices"] == []


async def test_a_day_that_is_over_and_a_release_of_nothing_are_refused(service: Service) -> None:
    answer = await service.http.get("/v1/outbox", params={"on": day(-2)})
    assert ("on", "in_the_past") in fields_at_fault(problem(answer, 422, "in_the_past"))
    problem(await service.http.get("/v1/outbox", params={"on": "soon"}), 422, "invalid_request")
    bodies: list[dict[str, Any]] = [{}, {"all": True, "invoices": ["F-1"]}, {"invoices": []}]
    for body in bodies:
        problem(await service.http.post("/v1/outbox/release", json=body), 422, "invalid_request")


async def test_a_policy_is_judged_and_then_applied_to_open_cases(service: Service) -> None:
    invoice = await service.invoice(policy="patient")
    gentle = PATIENT.replace("version: 1", "version: 2").replace("after: 20d", "after: 40d")
    await add_policy(service.tools.engine, gentle)
    url = "/v1/policies/patient/2/apply"
    seen = (await service.http.post(url, json={"preview": True})).json()
    (change,) = seen["changes"]
    assert (change["policy"], change["differs"], change["refused"]) == ("patient/1", True, [])
    assert datetime.fromisoformat(change["after"]["at"]) > datetime.fromisoformat(change["before"]["at"])
    assert (seen["applied"], seen["totals"]["notices_before"], seen["totals"]["notices_after"]) == (
        False,
        1,
        0,
    )
    assert (await service.case(invoice))["policy"] == "patient/1"
    done = (await service.http.post(url, json={"invoices": ["F-1", "F-9"]})).json()
    assert (done["applied"], done["without_effect"]) == (True, ["F-9"])

    async def moved() -> bool:
        case = await service.case(invoice)
        return bool(case["policy"] == "patient/2" and case["next"]["at"] == change["after"]["at"])

    await until(moved, what="the case on the other version")
    assert (await service.http.post(url, json={})).json()["changes"] == []
    problem(await service.http.post("/v1/policies/patient/3/apply", json={}), 404, "unknown_policy")


async def test_a_policy_that_the_law_forbids_for_a_debtor_is_not_applied_to_them(service: Service) -> None:
    consumer = await service.invoice(policy="patient", debtor_kind="consumer")
    url = "/v1/policies/standard/2/apply"
    answer = (await service.http.post(url, json={"from": "patient"})).json()
    (change,) = answer["changes"]
    assert change["refused"]
    assert (answer["applied"], answer["totals"]["refused"]) == (False, 1)
    assert (await service.case(consumer))["policy"] == "patient/1"
