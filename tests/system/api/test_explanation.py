"""Why is this invoice not chased? The API tells all of it."""

from __future__ import annotations

from tests.support.calling import Service, day, problem

NOWHERE = "00000000-0000-4000-8000-000000000000"


async def test_all_that_holds_a_case_back_is_told_with_its_end(service: Service) -> None:
    id_ = await service.invoice(due_date=day(20))
    fresh = (await service.http.get(f"/v1/invoices/{id_}/explanation")).json()
    assert (fresh["id"], fresh["number"], fresh["stage"]) == (id_, "F-1", "not_due")
    assert (fresh["last_step"], fresh["next_step"]) == (None, "reminder-1")
    assert fresh["reasons"] == [{"code": "not_due", "until": fresh["next_at"]}]

    await service.tell(id_, "holds", reason="in contact", until=day(3))
    await service.tell(id_, "disputes", reason="not ordered")
    held = (await service.http.get(f"/v1/invoices/{id_}/explanation")).json()
    assert held["stage"] == "disputed"
    assert [(r["code"], bool(r["until"])) for r in held["reasons"]] == [
        ("disputed", False),
        ("on_hold", True),
        ("not_due", True),
    ]
    assert (held["next_step"], held["next_at"]) == ("reminder-1", None)

    await service.pay(id_, "100.00")
    paid = (await service.http.get(f"/v1/invoices/{id_}/explanation")).json()
    assert (paid["next_step"], [r["code"] for r in paid["reasons"]]) == (None, ["paid"])


async def test_an_invoice_that_is_not_there_is_not_explained(service: Service) -> None:
    problem(await service.http.get(f"/v1/invoices/{NOWHERE}/explanation"), 404, "unknown_invoice")
