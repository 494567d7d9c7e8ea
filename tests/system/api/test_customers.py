"""What planning asks about a customer and an invoice, in JSON."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import Service, day, fields_at_fault, invoice_body, problem


def body(**changes: Any) -> dict[str, Any]:
    """With `terms` in place of the due date."""
    terms = [{"due": day(-10), "amount": "60.00"}, {"due": day(20), "amount": "40.00"}]
    own = {"due_date": "", "terms": terms, "tags": ["bouw", "groot"], "direct_debit": True}
    return invoice_body() | own | changes


async def test_terms_and_tags_come_in_as_json_and_are_compared(service: Service) -> None:
    handed_in = body(discount={"percent": "2", "until": day(-12)}, delivered_on=day(-39))
    added = await service.http.post("/v1/invoices", json=handed_in)
    assert added.status_code == 201, added.text
    assert (await service.http.post("/v1/invoices", json=handed_in)).status_code == 200
    problem(await service.http.post("/v1/invoices", json=body()), 409, "invoice_differs")


@pytest.mark.parametrize(
    ("changes", "code", "fault"),
    [
        ({"terms": [{"due": day(1), "amount": "60.00"}]}, "invalid_invoice", ("terms", "sum_differs")),
        ({"due_date": day(1)}, "invalid_invoice", ("terms", "beside_due_date")),
        ({"terms": []}, "invalid_invoice", ("due_date", "missing")),
        (
            {"discount": {"percent": "2", "until": day(-9)}},
            "invalid_invoice",
            ("discount_until", "after_due"),
        ),
        (
            {"discount": {"percent": 2, "until": day(-12)}},
            "invalid_request",
            ("discount.percent", "amount_not_a_string"),
        ),
        (
            {"terms": [{"due": day(1), "amount": "1; 2"}]},
            "invalid_request",
            ("terms.0.amount", "bad_amount"),
        ),
        ({"tags": ["a,b"]}, "invalid_request", ("tags.0", "bad_tag")),
        ({"debtor_policy": "gentle"}, "invalid_invoice", ("debtor_policy", "refused")),
    ],
)
async def test_a_mistake_is_named_with_its_field(
    service: Service, changes: dict[str, Any], code: str, fault: tuple[str, str]
) -> None:
    answer = await service.http.post("/v1/invoices", json=body(**changes))
    assert fault in fields_at_fault(problem(answer, 422, code))


async def test_a_debtor_is_described_and_corrected(service: Service) -> None:
    await service.http.post("/v1/invoices", json=body())
    debtor = (await service.http.get("/v1/invoices")).json()["items"][0]["debtor_id"]
    url = f"/v1/debtors/{debtor}"
    seen = (await service.http.get(url)).json()
    assert (seen["tags"], seen["direct_debit"], seen["segment"]) == (["bouw", "groot"], True, "")
    changes = {"segment": "key-account", "tags": ["bouw"], "direct_debit": False, "behaviour": "slow"}
    mended = await service.http.patch(url, json=changes | {"policy": "strict"})
    assert mended.status_code == 200, mended.text
    assert mended.json() == seen | changes | {"policy": "strict"}
    unknown = await service.http.patch(url, json={"policy": "gentle"})
    assert ("policy", "unknown_policy") in fields_at_fault(problem(unknown, 422, "unknown_policy"))
    await service.invoice(number="F-2")
    listed = (await service.http.get("/v1/invoices?number=F-2")).json()["items"]
    assert listed[0]["policy"].startswith("strict/")
