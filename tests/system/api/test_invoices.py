"""Invoices go in, are listed page by page, and say what comes next."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from tests.support.calling import Service, day, fields_at_fault, invoice_body, problem


async def test_an_invoice_is_new_then_known_then_different(service: Service) -> None:
    new = await service.http.post("/v1/invoices", json=invoice_body())
    assert new.status_code == 201
    assert (await service.http.get(new.headers["location"])).json()["number"] == "F-1"
    known = await service.http.post("/v1/invoices", json=invoice_body())
    assert (known.status_code, known.json()["status"]) == (200, "unchanged")
    assert known.json()["id"] == new.json()["id"]
    other = await service.http.post("/v1/invoices", json=invoice_body(amount="101.00", due_date=day(-9)))
    body = problem(other, 409, "invoice_differs")
    assert fields_at_fault(body) == {("amount", "differs"), ("due_date", "differs")}
    assert body["id"] == new.json()["id"]


async def test_details_of_a_known_debtor_are_kept_and_the_difference_is_told(service: Service) -> None:
    await service.invoice()
    body = invoice_body(number="F-2", email="other@debtor.example")
    answer = await service.http.post("/v1/invoices", json=body)
    assert answer.status_code == 201
    assert [remark["field"] for remark in answer.json()["remarks"]] == ["email"]
    assert "other@" not in answer.text


async def test_of_the_same_invoice_at_once_one_goes_in(service: Service) -> None:
    answers = await asyncio.gather(
        *(service.http.post("/v1/invoices", json=invoice_body()) for _ in range(5))
    )
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 200, 201]
    assert len({a.json()["id"] for a in answers}) == 1


async def test_pages_do_not_shift_while_invoices_come_in(service: Service) -> None:
    for number in (3, 0, 4, 1, 2):
        await service.invoice(number=f"F-{number}", debtor_reference=f"D-{number % 2}")
    seen, url = [], "/v1/invoices?limit=2"
    while url:
        page = (await service.http.get(url)).json()
        seen += [item["number"] for item in page["items"]]
        url = page["next"]
        if len(seen) == 2:
            await service.invoice(number="A-new")
    assert seen == ["F-3", "F-0", "F-4", "F-1", "F-2", "A-new"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("debtor=D-2", ["F-2"]),
        ("number=F-1", ["F-1"]),
        ("policy=strict", ["F-2"]),
        ("stage=not_due", ["F-2"]),
        ("stage=chasing&creditor=default", ["F-1"]),
        ("creditor=another", []),
    ],
)
async def test_filters(service: Service, query: str, numbers: list[str]) -> None:
    await service.invoice()
    await service.invoice(number="F-2", debtor_reference="D-2", policy="strict", due_date=day(20))
    items = (await service.http.get(f"/v1/invoices?{query}")).json()["items"]
    assert [item["number"] for item in items] == numbers


async def test_filters_survive_to_the_next_page(service: Service) -> None:
    for number in range(4):
        await service.invoice(number=f"F-{number}", debtor_reference=f"D-{number % 2}")
    page = (await service.http.get("/v1/invoices?debtor=D-1&limit=1")).json()
    by_id = (await service.http.get(f"/v1/invoices?debtor={page['items'][0]['debtor_id']}")).json()
    following = (await service.http.get(page["next"])).json()
    assert [i["number"] for i in (*page["items"], *following["items"])] == ["F-1", "F-3"]
    assert following["next"] is None
    assert [i["number"] for i in by_id["items"]] == ["F-1", "F-3"]


async def test_a_case_says_what_comes_next_and_why(service: Service) -> None:
    invoice_id = await service.invoice(due_date=day(30))
    case = await service.case(invoice_id)
    assert (case["stage"], case["days_late"]) == ("not_due", 0)
    barred, due = date.fromisoformat(case["time_barred_on"]), date.fromisoformat(case["due_date"])
    assert barred.year - due.year == 5  # a business in the Netherlands, art. 3:307 BW
    assert case["next"]["reasons"][0]["code"] == "not_due"
    timeline = (await service.http.get(f"/v1/invoices/{invoice_id}/timeline")).json()
    assert [h["type"] for h in timeline["past"]] == ["enrolled", "ledger"]
    assert timeline["planned"][0]["step"] == case["next"]["step"]
    assert timeline["planned"][-1]["requires_approval"]
    assert all(p["reasons"] for p in timeline["planned"])
    leaves = [p["leaves_at"] for p in timeline["planned"]]
    assert leaves == sorted(leaves)


async def test_what_only_an_event_can_move_has_no_planned_steps(service: Service) -> None:
    invoice_id = await service.invoice()
    await service.tell(invoice_id, "disputes", reason="never ordered")
    timeline = (await service.http.get(f"/v1/invoices/{invoice_id}/timeline")).json()
    assert (timeline["stage"], timeline.get("planned")) == ("disputed", [])
    assert timeline["next"]["reasons"] == [{"code": "disputed"}]


async def test_the_policies_are_told_as_they_work(service: Service) -> None:
    policies = {p["name"]: p for p in (await service.http.get("/v1/policies")).json()}
    assert set(policies) >= {"friendly", "standard", "strict"}
    standard = (await service.http.get("/v1/policies/standard")).json()
    assert standard == policies["standard"]
    assert standard["steps"][-1]["channel"] == "hand_over"
    assert standard["send_window"]["days"] == ["mon", "tue", "wed", "thu", "fri"]
