"""Holds on an invoice, a term, a debtor and everything of a creditor: placed, extended, lifted, listed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.calling import WAIT, Service, day, fields_at_fault, problem
from tests.support.waiting import until


async def hold(service: Service, scope: str, id_: str, **changes: Any) -> httpx.Response:
    body = {"scope": scope, "id": id_, "reason": "in contact"} | changes
    return await service.http.post("/v1/holds", json=body, headers=WAIT)


async def listed(service: Service, **filters: Any) -> list[dict[str, Any]]:
    answer = await service.http.get("/v1/holds", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def parties(service: Service, invoice_id: str) -> tuple[str, str]:
    """Ids of the debtor and the creditor."""
    case = await service.case(invoice_id)
    return case["debtor"]["id"], case["creditor"]["id"]


async def test_a_hold_on_a_debtor_holds_all_its_invoices_and_no_others(service: Service) -> None:
    ids = [await service.invoice(number=f"F-{n}") for n in range(3)]
    other = await service.invoice(number="F-9", debtor_reference="D-9")
    debtor, _ = await parties(service, ids[0])
    placed = await hold(service, "debtor", debtor, until=day(5))
    assert (placed.status_code, placed.json()["cases"]) == (201, 3)
    cases = [await service.case(id_) for id_ in ids]
    assert {case["stage"] for case in cases} == {"on_hold"}
    assert [(r["code"], r["until"][:10]) for r in cases[0]["next"]["reasons"]] == [("on_hold", day(4))]
    (shown,) = cases[0]["holds"]
    assert (shown["scope"], shown["reason"], shown["actor"]) == ("debtor", "in contact", "the office")
    assert (await service.case(other))["stage"] == "chasing"
    lifted = await service.http.delete(f"/v1/holds/{placed.json()['hold_id']}")
    assert (lifted.status_code, lifted.json()["cases"]) == (200, 3)
    assert (await service.case(ids[0]))["stage"] == "chasing"
    assert (await service.case(ids[0]))["holds"] == []
    again = await service.http.delete(f"/v1/holds/{placed.json()['hold_id']}")
    assert (again.status_code, again.json()["cases"]) == (200, 0)


async def test_a_stop_of_a_creditor_holds_what_comes_in_later_too(service: Service) -> None:
    before = await service.invoice()
    _, creditor = await parties(service, before)
    placed = await hold(service, "creditor", "default", reason="wrong bank account on the letters")
    assert placed.status_code == 201
    after = await service.invoice(number="F-2", debtor_reference="D-2")
    for id_ in (before, after):
        case = await service.case(id_)
        assert (case["stage"], case["holds"][0]["scope"]) == ("on_hold", "creditor")
    assert [line["creditor_id"] for line in await listed(service, active=True)] == [creditor]


async def test_every_case_of_a_creditor_is_told(service: Service) -> None:
    ids = [await service.invoice(number=f"F-{n}", debtor_reference=f"D-{n}") for n in range(3)]
    await hold(service, "creditor", "default")

    async def planned_anew() -> bool:
        rows = (await service.http.get("/v1/invoices", params={"stage": "on_hold"})).json()["items"]
        return len(rows) == len(ids)

    await until(planned_anew, what="three cases that took note of the stop")


async def test_overlapping_holds_are_all_respected(service: Service) -> None:
    invoice_id = await service.invoice()
    debtor, _ = await parties(service, invoice_id)
    of_debtor = (await hold(service, "debtor", debtor)).json()["hold_id"]
    placed = (await hold(service, "invoice", invoice_id, until=day(9))).json()
    assert [h["hold_id"] for h in placed["also_on_hold"]] == [of_debtor]
    everything = (await hold(service, "creditor", "default")).json()["hold_id"]
    for hold_id in (of_debtor, placed["hold_id"]):
        assert (await service.http.delete(f"/v1/holds/{hold_id}", headers=WAIT)).status_code == 200
        assert (await service.case(invoice_id))["stage"] == "on_hold"
    await service.http.delete(f"/v1/holds/{everything}")
    assert (await service.case(invoice_id))["stage"] == "chasing"


@pytest.mark.parametrize("scope", ["invoice", "debtor"])
async def test_the_history_of_a_hold_is_kept(service: Service, scope: str) -> None:
    invoice_id = await service.invoice()
    debtor, _ = await parties(service, invoice_id)
    placed = await hold(
        service, scope, invoice_id if scope == "invoice" else debtor, until=day(5), hold_id="H-1"
    )
    assert placed.json()["hold_id"] == "H-1"
    body = {"until": day(9), "note": "a week more"}
    extended = await service.http.patch("/v1/holds/H-1", json=body, headers=WAIT)
    assert extended.status_code == 200, extended.text
    assert (await service.case(invoice_id))["next"]["reasons"][0]["until"][:10] == day(8)
    await service.http.delete("/v1/holds/H-1", headers=WAIT)
    (line,) = await listed(service, invoice="F-1")
    assert (line["scope"], line["reason"], line["active"], line["debtor"]) == (
        scope,
        "in contact",
        False,
        "D-1",
    )
    told = [(h["what"], h["actor"], h["note"]) for h in line["history"]]
    assert told == [
        ("placed", "the office", "in contact"),
        ("extended", "the office", "a week more"),
        ("lifted", "the office", ""),
    ]
    ends = [(h["until"] or "")[:10] for h in line["history"]]
    assert ends == [day(4), day(8), ""], (
        "a hold until a day ends as it begins, which is the day before in UTC"
    )
    problem(await service.http.patch("/v1/holds/H-1", json=body), 409, "hold_ended")


async def test_the_same_hold_told_twice_counts_once(service: Service) -> None:
    invoice_id = await service.invoice()
    debtor, _ = await parties(service, invoice_id)
    told = [await hold(service, "debtor", debtor, hold_id="H-1", until=day(5)) for _ in range(2)]
    assert [answer.status_code for answer in told] == [201, 200]
    assert told[0].json()["event_id"] == told[1].json()["event_id"]
    assert len(await listed(service)) == 1
    problem(await hold(service, "debtor", debtor, hold_id="H-1", until=day(6)), 409, "hold_differs")
    problem(await hold(service, "invoice", invoice_id, hold_id="H-1"), 409, "hold_differs")
    at_once = await asyncio.gather(*(hold(service, "creditor", "default", hold_id="H-2") for _ in range(5)))
    assert sorted(answer.status_code for answer in at_once) == [200, 200, 200, 200, 201]


@pytest.mark.parametrize("scope", ["invoice", "debtor", "creditor"])
@pytest.mark.parametrize("offset", [0, -3])
async def test_a_hold_ends_after_today(service: Service, scope: str, offset: int) -> None:
    invoice_id = await service.invoice()
    debtor, creditor = await parties(service, invoice_id)
    id_ = {"invoice": invoice_id, "debtor": debtor, "creditor": creditor}[scope]
    refused = problem(await hold(service, scope, id_, until=day(offset)), 422, "in_the_past")
    assert fields_at_fault(refused) == {("until", "in_the_past")}
    assert day(offset) in refused["errors"][0]["message"]
    placed = (await hold(service, scope, id_)).json()["hold_id"]
    body = {"until": day(offset)}
    refused = problem(await service.http.patch(f"/v1/holds/{placed}", json=body), 422, "in_the_past")
    assert day(offset) in refused["errors"][0]["message"]


async def test_a_hold_on_a_term_holds_while_that_term_is_chased(service: Service) -> None:
    invoice_id = await service.invoice()
    placed = await hold(service, "term", invoice_id, term=1)
    assert placed.json()["case"]["stage"] == "on_hold"
    (line,) = await listed(service, invoice=invoice_id)
    assert (line["scope"], line["term"]) == ("term", 1)
    refused = problem(await hold(service, "term", invoice_id, term=2), 422, "unknown_term")
    assert fields_at_fault(refused) == {("term", "unknown_term")}
    for scope, term in (("term", None), ("invoice", 1)):
        refused = problem(await hold(service, scope, invoice_id, term=term), 422, "invalid_request")
        assert fields_at_fault(refused) == {("term", "bad_term")}


async def test_what_is_not_a_hold_is_refused(service: Service) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    problem(await hold(service, "debtor", nobody), 404, "unknown_debtor")
    problem(await hold(service, "debtor", "D-1"), 404, "unknown_debtor")
    problem(await hold(service, "creditor", "nobody"), 404, "unknown_creditor")
    problem(await hold(service, "invoice", nobody), 404, "unknown_invoice")
    problem(await hold(service, "world", "default"), 422, "invalid_request")
    for changes in ({"reason": " "}, {"hold_id": "a/b"}, {"until": "tomorrow"}):
        problem(await hold(service, "creditor", "default", **changes), 422, "invalid_request")
    problem(await service.http.patch("/v1/holds/H-0", json={"until": day(3)}), 404, "unknown_hold")
    problem(await service.http.get("/v1/holds", params={"after": "x"}), 422, "invalid_request")


async def test_holds_are_listed_in_pages(service: Service) -> None:
    await service.invoice()
    for n in range(3):
        await hold(service, "creditor", "default", hold_id=f"H-{n}")
    first = (await service.http.get("/v1/holds", params={"limit": 2, "creditor": "default"})).json()
    rest = (await service.http.get(first["next"])).json()
    assert [line["hold_id"] for line in first["items"] + rest["items"]] == ["H-0", "H-1", "H-2"]
    assert rest["next"] is None
    assert await listed(service, debtor="D-9") == []
