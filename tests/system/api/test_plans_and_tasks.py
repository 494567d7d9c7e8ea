"""Payment plans, and what people must do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.calling import WAIT, Service, day, fields_at_fault, problem
from tests.support.database import add_policy
from tests.support.waiting import until

LADDER = """
name: at-once
version: 1
time_zone: Europe/Amsterdam
send_window: always
agency: {email: agency@agency.example}
steps:
  - {key: reminder, after: 0s, anchor: enrolled, channel: email, tone: friendly}
  - {key: call, after: 1s, anchor: previous, channel: call_task}
  - {key: hand-over, after: 0s, anchor: previous, channel: hand_over, requires_approval: true}
"""


def plan(invoices: list[str], *amounts: str, first: int = 5) -> dict[str, Any]:
    return {
        "invoices": invoices,
        "instalments": [{"due": day(first + 30 * n), "amount": amount} for n, amount in enumerate(amounts)],
        "note": "agreed by phone",
    }


async def test_a_plan_suspends_its_invoices_until_it_is_cancelled(service: Service) -> None:
    invoices = [await service.invoice(), await service.invoice(number="F-2", amount="50.00")]
    agreed = await service.http.post("/v1/payment-plans", json=plan(invoices, "75.00", "75.00"), headers=WAIT)
    assert (agreed.status_code, agreed.json()["status"]) == (200, "applied"), agreed.text
    plan_id = agreed.json()["plan"]["id"]
    assert {(await service.case(i))["stage"] for i in invoices} == {"on_plan"}
    await service.pay(invoices[0], "80.00")
    seen = (await service.http.get(f"/v1/payment-plans/{plan_id}")).json()
    assert (seen["open_then"], seen["paid"]) == ("150.00", "80.00")
    assert [i["covered"] for i in seen["instalments"]] == [True, False]
    cancelled = await service.http.delete(f"/v1/payment-plans/{plan_id}", headers=WAIT)
    assert (cancelled.status_code, cancelled.json()["plan"]["state"]) == (200, "cancelled"), cancelled.text
    assert {(await service.case(i))["stage"] for i in invoices} == {"chasing"}
    assert (await service.http.delete(f"/v1/payment-plans/{plan_id}", headers=WAIT)).status_code == 200


async def test_a_plan_that_is_paid_is_completed(service: Service) -> None:
    invoice_id = await service.invoice()
    agreed = await service.http.post("/v1/payment-plans", json=plan([invoice_id], "100.00"), headers=WAIT)
    plan_id = agreed.json()["plan"]["id"]
    await service.pay(invoice_id, "100.00")

    async def completed() -> bool:
        return bool((await service.http.get(f"/v1/payment-plans/{plan_id}")).json()["state"] == "completed")

    await until(completed, within=20, what="the plan is completed")
    problem(await service.http.delete(f"/v1/payment-plans/{plan_id}"), 409, "plan_ended")


async def test_a_plan_that_cannot_stand(service: Service) -> None:
    one = await service.invoice()
    other = await service.invoice(number="F-2", debtor_reference="D-2")
    disputed = await service.invoice(number="F-3")
    await service.tell(disputed, "disputes", amount="1.00", reason="?")

    async def agree(body: dict[str, Any], status: int, code: str) -> set[tuple[str, str]]:
        return fields_at_fault(problem(await service.http.post("/v1/payment-plans", json=body), status, code))

    sums = await agree(plan([one], "50.00", "49.00"), 422, "sum_differs")
    assert sums == {("instalments", "sum_differs")}
    assert await agree(plan([one, other], "200.00"), 422, "different_debtor") == {
        ("invoices.1", "different_debtor")
    }
    assert await agree(plan([one, one], "200.00"), 422, "duplicate") == {("invoices.1", "duplicate")}
    assert await agree(plan(["x"], "1.00"), 422, "unknown_invoice") == {("invoices.0", "unknown_invoice")}
    assert await agree(plan([disputed], "100.00"), 409, "disputed") == {("invoices.0", "disputed")}
    await agree(plan([one], "100.00", first=-3), 422, "in_the_past")
    await agree(plan([one], "50.00", "50.00") | {"instalments": []}, 422, "invalid_request")
    backwards = plan([one], "50.00", "50.00")
    backwards["instalments"].reverse()
    await agree(backwards, 422, "out_of_order")
    assert (await service.http.post("/v1/payment-plans", json=plan([one], "100.00"))).status_code == 202
    assert await agree(plan([one], "100.00"), 409, "does_not_fit_stage") == {
        ("invoices.0", "does_not_fit_stage")
    }


@pytest.fixture
async def called(service: Service, database: AsyncEngine) -> dict[str, Any]:
    """The call task of an invoice whose reminder has left."""
    await add_policy(database, LADDER)
    await service.invoice(policy="at-once", phone="+31 20 555 01 00")
    return await task(service, "call")


async def task(service: Service, kind: str) -> dict[str, Any]:
    async def there() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await service.http.get(f"/v1/tasks?kind={kind}")).json()["items"]
        return items

    return (await until(there, within=20, what=f"a task to {kind}"))[0]


async def complete(service: Service, id_: str, outcome: str) -> Any:
    body = {"outcome": outcome, "note": "spoke to Jan"}
    return await service.http.post(f"/v1/tasks/{id_}/completion", json=body, headers=WAIT)


async def test_a_call_task_says_what_the_caller_needs(service: Service, called: dict[str, Any]) -> None:
    assert (called["phone"], called["debtor_name"], called["open"], called["days_late"]) == (
        "+31 20 555 01 00",
        "Bakkerij Jansen",
        "100.00",
        10,
    )
    (sent,) = called["sent"]
    notice = (await service.http.get(f"/v1/notices/{sent['notice_id']}")).json()
    assert (notice["recipient"], notice["invoices"]) == ("jansen@debtor.example", [called["invoice_id"]])
    content = await service.http.get(f"/v1/notices/{sent['notice_id']}/content")
    assert content.headers["content-type"] == "message/rfc822"
    assert notice["message_id"].encode() in content.content


async def test_completing_tasks_takes_the_case_up_to_the_hand_over(
    service: Service, called: dict[str, Any]
) -> None:
    refused = await complete(service, called["id"], "approved")
    assert fields_at_fault(problem(refused, 422, "bad_outcome")) == {("outcome", "bad_outcome")}
    done = await complete(service, called["id"], "done")
    assert done.status_code == 200, done.text
    problem(await complete(service, called["id"], "retry"), 409, "task_differs")
    approval = await task(service, "approve")
    assert approval["outcomes"] == ["approved", "rejected"]
    problem(await complete(service, approval["id"], "done"), 422, "bad_outcome")
    assert (await complete(service, approval["id"], "approved")).status_code == 200

    async def handed_over() -> bool:
        return bool((await service.case(called["invoice_id"]))["stage"] == "handed_over")

    await until(handed_over, within=20, what="the case is handed over")
    assert "agency@agency.example" in service.mail.mails[-1]["To"]
    assert (await service.http.get("/v1/tasks")).json()["items"] == []
    listed = (await service.http.get("/v1/tasks?completed=true")).json()["items"]
    assert [(t["kind"], t["outcome"]) for t in listed] == [("call", "done"), ("approve", "approved")]


async def test_an_address_that_is_mended_lets_the_mail_leave(service: Service) -> None:
    invoice_id = await service.invoice(policy="demo", email="")
    mend = await task(service, "mend_address")
    url = f"/v1/debtors/{mend['debtor_id']}"
    for bad in ("jansen", "jan@debtor.example\nBcc: x@debtor.example", "a@b.example, c@d.example"):
        refused = await service.http.patch(url, json={"email": bad})
        assert "email" in {field for field, _ in fields_at_fault(problem(refused, 422, "invalid_request"))}
    mended = await service.http.patch(url, json={"email": "jan@debtor.example", "city": "Utrecht"})
    assert (mended.status_code, mended.json()["email"], mended.json()["city"]) == (
        200,
        "jan@debtor.example",
        "Utrecht",
    )
    assert mended.json()["open"] == [{"currency": "EUR", "amount": "100.00", "invoices": 1}]
    await until(lambda: service.mail.mails, within=20, what="the reminder leaves")
    assert "jan@debtor.example" in service.mail.mails[0]["To"]
    assert (await service.case(invoice_id))["last_step"]["state"] == "done"
