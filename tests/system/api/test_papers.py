"""Papers, and the API's own description."""

from __future__ import annotations

import io
import re
import zipfile

from tests.support.calling import Service, problem

PDF = {"Content-Type": "application/pdf"}


async def test_the_invoice_itself_goes_into_the_dossier(service: Service) -> None:
    invoice_id = await service.invoice()
    url = f"/v1/invoices/{invoice_id}/document"
    problem(await service.http.get(url), 404, "unknown_document")
    content = b"%PDF-1.7 " + b"x" * 2_000_000  # more than other bodies may have
    put = await service.http.put(f"{url}?filename=factuur F-1.pdf", content=content, headers=PDF)
    assert put.status_code == 200, put.text
    assert (await service.http.get(url)).content == content
    assert (await service.case(invoice_id))["document"] == "factuur F-1.pdf"
    dossier = await service.http.get(f"/v1/invoices/{invoice_id}/dossier")
    names = zipfile.ZipFile(io.BytesIO(dossier.content)).namelist()
    assert {"claim.json", "ledger.csv", "hashes.txt"} <= set(names)
    assert [n for n in names if n.startswith("invoice/")]


async def test_what_is_no_pdf(service: Service) -> None:
    url = f"/v1/invoices/{await service.invoice()}/document"
    problem(await service.http.put(url, content=b"hello", headers=PDF), 422, "not_a_pdf")
    problem(await service.http.put(url, json={}), 415, "unsupported_media_type")
    problem(
        await service.http.put(f"{url}?filename=../x", content=b"%PDF-", headers=PDF), 422, "invalid_request"
    )
    nowhere = "/v1/invoices/00000000-0000-4000-8000-000000000000/document"
    problem(await service.http.put(nowhere, content=b"%PDF-", headers=PDF), 404, "unknown_invoice")


async def test_the_description_loads_nothing_from_elsewhere(service: Service) -> None:
    page = await service.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert assets
    assert all(asset.startswith("/docs/") for asset in assets)
    for asset in assets:
        assert (await service.http.get(asset)).status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_every_address_of_the_description_asks_for_a_key(service: Service) -> None:
    description = (await service.http.get("/openapi.json")).json()
    addresses = [path for path in description["paths"] if path.startswith("/v1/")]
    assert len(addresses) >= 25
    for path in addresses:
        for method, operation in description["paths"][path].items():
            assert operation["security"], path
            answer = await service.http.request(method, path, headers={"Authorization": ""})
            problem(answer, 401, "key_missing")
