"""A CSV file over the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest

from api import import_csv
from tests.support.calling import Service, day, fields_at_fault, invoice_body, problem

CSV = {"Content-Type": "text/csv"}


def as_csv(rows: Sequence[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(invoice_body()))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


async def test_a_file_goes_in_once_and_a_bad_row_alone_stays_out(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_csv, "CHUNK", 7)
    rows = [invoice_body(number=f"F-{n}", debtor_reference=f"D-{n}") for n in range(25)]
    rows[3] |= {"amount": "0"}
    rows[5] |= {"currency": "BTC"}
    first = (await service.http.post("/v1/imports/invoices", content=as_csv(rows), headers=CSV)).json()
    assert (first["added"], first["refused"], first["started"]) == (23, 2, True)
    assert [(p["line"], p["column"], p["code"]) for p in first["problems"]] == [
        (5, "amount", "not_positive"),
        (7, "currency", "unknown_currency"),
    ]
    again = (await service.http.post("/v1/imports/invoices", content=as_csv(rows), headers=CSV)).json()
    assert (again["added"], again["unchanged"], again["refused"]) == (0, 23, 2)
    rows[0] |= {"due_date": day(-9)}
    changed = (await service.http.post("/v1/imports/invoices", content=as_csv(rows[:3]), headers=CSV)).json()
    assert (changed["unchanged"], changed["differs"]) == (2, 1)
    assert (changed["problems"][0]["line"], changed["problems"][0]["column"]) == (2, "due_date")


async def test_strict_refuses_the_whole_file(service: Service) -> None:
    rows = [invoice_body(), invoice_body(number="F-2", debtor_reference="D-2", country="??")]
    url = "/v1/imports/invoices?strict=true"
    body = problem(
        await service.http.post(url, content=as_csv(rows), headers=CSV), 422, "invalid_invoice_file"
    )
    assert fields_at_fault(body) == {("line 3: country", "unknown_country")}
    assert (await service.http.get("/v1/invoices")).json()["items"] == []
    assert (await service.http.post(url, content=as_csv(rows[:1]), headers=CSV)).json()["added"] == 1


async def test_amounts_as_in_the_netherlands_and_a_form(service: Service) -> None:
    content = as_csv([invoice_body(amount="1.234,50")])
    files = {"file": ("invoices.csv", content, "text/csv")}
    answer = await service.http.post("/v1/imports/invoices?locale=nl", files=files)
    assert answer.json()["added"] == 1, answer.text
    assert (await service.http.get("/v1/invoices")).json()["items"][0]["open"] == "1234.50"


async def test_what_is_no_such_file(service: Service) -> None:
    url = "/v1/imports/invoices"
    problem(await service.http.post(url, content=b"number\n1", headers=CSV), 422, "invalid_invoice_file")
    problem(await service.http.post(url, content=b"", headers=CSV), 422, "invalid_invoice_file")
    problem(await service.http.post(url, content=b"\xff\xfe\x00", headers=CSV), 422, "invalid_invoice_file")
    problem(await service.http.post(url, json=[]), 415, "unsupported_media_type")
    problem(await service.http.post(f"{url}?locale=xx", content=b"", headers=CSV), 422, "invalid_request")
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    problem(await service.http.post(url, content=b"--x\r\nnonsense", headers=form), 422, "no_file")
    problem(await service.http.post(url, content=b"nonsense", headers=form), 400, "bad_form")
    problem(
        await service.http.post(url, files={"a": b"x"}, params={"strict": "1"}), 422, "invalid_invoice_file"
    )
    problem(
        await service.http.post(url, content=b"", headers={"Content-Type": "multipart/form-data"}),
        400,
        "bad_form",
    )
