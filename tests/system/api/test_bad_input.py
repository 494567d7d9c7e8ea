"""Bad input, tried as a new user would: each gets an answer that names the field, and loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import Service, day, fields_at_fault, invoice_body, problem


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"policy": "nonesuch"}, ("policy", "refused")),
        ({"creditor": "nonesuch"}, ("creditor", "refused")),
        ({"country": "Atlantis"}, ("country", "unknown_country")),
        ({"currency": "BTC"}, ("currency", "unknown_currency")),
        ({"due_date": day(-41)}, ("due_date", "before_issue")),
        ({"amount": "0.00"}, ("amount", "not_positive")),
        ({"amount": "-5.00"}, ("amount", "not_positive")),
        ({"amount": "12.345"}, ("amount", "too_many_decimals")),
        ({"amount": "1.234,50"}, ("amount", "bad_amount")),
        ({"amount": 12.5}, ("amount", "amount_not_a_string")),
        ({"email": "jan@debtor.example\r\nBcc: all@debtor.example"}, ("email", "line_break")),
        ({"debtor_name": "Jan\x00"}, ("debtor_name", "control_character")),
        ({"issue_date": "31-12-2025"}, ("issue_date", "bad_date")),
        ({"colour": "blue"}, ("colour", "unknown_field")),
    ],
)
async def test_an_invoice_with_a_mistake_is_refused(
    service: Service, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = await service.http.post("/v1/invoices", json=invoice_body() | changes)
    body = problem(
        answer,
        422,
        "invalid_request" if fault[0] == "colour" or "amount_n" in fault[1] else "invalid_invoice",
    )
    assert fault in fields_at_fault(body)
    assert (await service.http.get("/v1/invoices")).json()["items"] == []


async def test_every_mistake_is_told_at_once(service: Service) -> None:
    answer = await service.http.post(
        "/v1/invoices", json=invoice_body(currency="BTC", amount="0", country="X")
    )
    assert {field for field, _ in fields_at_fault(problem(answer, 422, "invalid_invoice"))} >= {
        "currency",
        "amount",
        "country",
    }


@pytest.mark.parametrize(
    ("what", "body", "code", "field"),
    [
        (
            "payments",
            {"payment_id": "P", "amount": "5", "on": day(-1), "currency": "USD"},
            "currency_mismatch",
            "currency",
        ),
        ("payments", {"payment_id": "P", "amount": "5", "on": day(2)}, "in_the_future", "on"),
        ("payments", {"payment_id": "P", "amount": 5, "on": day(-1)}, "invalid_request", "amount"),
        ("payments", {"payment_id": "P", "amount": "0", "on": day(-1)}, "invalid_request", "amount"),
        ("payments", {"payment_id": "P", "amount": "5.001", "on": day(-1)}, "invalid_request", "amount"),
        ("payments", {"payment_id": "", "amount": "5", "on": day(-1)}, "invalid_request", "payment_id"),
        ("payments", {"payment_id": "P\x00", "amount": "5", "on": day(-1)}, "invalid_request", "payment_id"),
        ("payments", {"payment_id": "P", "amount": "5"}, "invalid_request", "on"),
        ("payments", {"payment_id": "P", "amount": "5", "on": "yesterday"}, "invalid_request", "on"),
        ("holds", {"until": day(0), "reason": "?"}, "in_the_past", "until"),
        ("holds", {"until": "9999-12-31", "reason": "?"}, "invalid_request", "until"),
        ("promises", {"amount": "5", "until": day(-1)}, "in_the_past", "until"),
        ("promises", {"amount": "5", "until": "2026-01-01T10:00:00"}, "invalid_request", "until"),
        ("disputes", {"amount": "-1", "reason": "?"}, "invalid_request", "amount"),
        ("disputes", {"reason": "a\x00b"}, "invalid_request", "reason"),
    ],
)
async def test_a_message_with_a_mistake_is_refused_and_not_kept(
    service: Service, what: str, body: dict[str, Any], code: str, field: str
) -> None:
    invoice_id = await service.invoice()
    answer = await service.tell(invoice_id, what, **body)
    assert field in {f for f, _ in fields_at_fault(problem(answer, 422, code))}
    timeline = (await service.http.get(f"/v1/invoices/{invoice_id}/timeline")).json()
    assert [h for h in timeline["past"] if h["type"] == "message"] == []


@pytest.mark.parametrize("invoice_id", ["00000000-0000-4000-8000-000000000000", "17", "%00"])
async def test_what_does_not_exist_is_not_found(service: Service, invoice_id: str) -> None:
    payment = {"payment_id": "P", "amount": "5", "on": day(-1)}
    problem(await service.http.get(f"/v1/invoices/{invoice_id}"), 404, "unknown_invoice")
    problem(
        await service.http.post(f"/v1/invoices/{invoice_id}/payments", json=payment), 404, "unknown_invoice"
    )
    resolution = await service.http.post(
        f"/v1/disputes/{invoice_id}/resolution", json={"outcome": "accepted"}
    )
    problem(resolution, 404, "unknown_dispute")
    problem(await service.http.delete(f"/v1/holds/{invoice_id}"), 404, "unknown_hold")
    completion = await service.http.post(f"/v1/tasks/{invoice_id}/completion", json={"outcome": "done"})
    problem(completion, 404, "unknown_task")
    problem(await service.http.get(f"/v1/payment-plans/{invoice_id}"), 404, "unknown_plan")
    problem(await service.http.delete(f"/v1/payment-plans/{invoice_id}"), 404, "unknown_plan")
    problem(await service.http.get(f"/v1/debtors/{invoice_id}"), 404, "unknown_debtor")
    problem(await service.http.get(f"/v1/notices/{invoice_id}"), 404, "unknown_notice")


async def test_a_reversal_of_a_payment_that_never_came_is_refused(service: Service) -> None:
    invoice_id = await service.invoice()
    answer = await service.tell(invoice_id, "payments/P-9/reversal", on=day(-1))
    problem(answer, 404, "unknown_payment")


async def test_bodies_and_addresses_that_make_no_sense(service: Service) -> None:
    invoice_id = await service.invoice()
    json_type = {"Content-Type": "application/json"}
    payments = f"/v1/invoices/{invoice_id}/payments"
    problem(await service.http.post(payments, content=b"{payment", headers=json_type), 400, "not_json")
    problem(await service.http.post(payments, content=b"\xff\xfe", headers=json_type), 400, "not_json")
    problem(await service.http.post(payments, content=b"[1]", headers=json_type), 422, "invalid_request")
    problem(await service.http.post(payments, data={"amount": "5"}), 415, "unsupported_media_type")
    problem(await service.http.get("/v1/nowhere"), 404, "not_found")
    not_allowed = await service.http.put("/v1/invoices")
    problem(not_allowed, 405, "method_not_allowed")
    assert not_allowed.headers["allow"]
    problem(await service.http.get("/v1/invoices?stagee=chasing"), 422, "unknown_parameter")
    problem(await service.http.get("/v1/invoices?stage=sleeping"), 422, "invalid_request")
    problem(await service.http.get("/v1/invoices?number=%00"), 422, "invalid_request")
    problem(await service.http.get("/v1/invoices?limit=201"), 422, "invalid_request")
    problem(await service.http.get("/v1/invoices?after=xyz"), 422, "invalid_request")


async def test_a_body_beyond_the_limit_is_refused_whatever_its_header_says(service: Service) -> None:
    large = b'{"note":"' + b"x" * (20 * 1024 * 1024) + b'"}'

    async def in_pieces() -> Any:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    problem(await service.http.post("/v1/invoices", content=large), 413, "body_too_large")
    problem(await service.http.post("/v1/invoices", content=in_pieces()), 413, "body_too_large")
