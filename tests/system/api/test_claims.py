"""What may be claimed, as the API tells it."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from typing import Any

from tests.support.calling import Service, fields_at_fault, problem

BELGIAN = {"country": "BE", "issue_date": "2026-01-05", "due_date": "2026-02-04"}
NOWHERE = "00000000-0000-4000-8000-000000000000"


async def _claim(service: Service, of: str, **asked: str) -> dict[str, Any]:
    answer = await service.http.get(f"/v1/{of}/claim", params=asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_claim_tells_every_line_and_why(service: Service) -> None:
    """Belgian business, EUR 1,000 due 4 February: the rate of 2026-H1 for 100 days, and EUR 40 for the invoice."""
    id_ = await service.invoice(number="B-1", amount="1000.00", **BELGIAN)
    claim = await _claim(service, f"invoices/{id_}", on="2026-05-15")
    assert (claim["invoice"], claim["number"], claim["on"]) == (id_, "B-1", "2026-05-15")
    (line,) = claim["interest_lines"]
    assert (line["from"], line["to"], line["days"], line["base"]) == (
        "2026-02-05",
        "2026-05-15",
        100,
        "1000.00",
    )
    expected = Decimal(line["rate"]) * 1000 * 100 / 365 / 100
    assert Decimal(line["interest"]) == expected.quantize(Decimal("0.01"))
    assert (claim["principal"], claim["costs"], claim["interest"]) == ("1000.00", "40.00", line["interest"])
    assert Decimal(claim["total"]) == 1040 + Decimal(line["interest"])
    assert "art. 6 of the law of 2 August 2002" in claim["basis"]
    assert claim["open"] == "1000.00"  # no step has charged anything
    assert claim["settings"] == {
        "day_count": "actual/365",
        "contractual_rate": None,
        "costs_clause": False,
        "creditor_size": "large",
    }


async def test_a_payment_goes_to_costs_and_interest_first(service: Service) -> None:
    id_ = await service.invoice(amount="1000.00", **BELGIAN)
    assert (await service.pay(id_, "300.00", on="2026-03-06")).status_code == 200
    claim = await _claim(service, f"invoices/{id_}", on="2026-03-31")
    (paid,) = claim["allocations"]
    assert (paid["on"], paid["costs"]) == ("2026-03-06", "40.00")
    assert Decimal(paid["interest"]) > 0
    assert sum(Decimal(paid[part]) for part in ("costs", "interest", "principal")) == 300
    assert Decimal(claim["principal"]) == 1000 - Decimal(paid["principal"])
    assert claim["costs"] == "0.00"
    before = await _claim(service, f"invoices/{id_}", on="2026-03-05")
    assert (before["principal"], before["allocations"]) == ("1000.00", [])


async def test_today_is_the_day_unless_another_is_asked_for(service: Service) -> None:
    id_ = await service.invoice()
    today = service.tools.utc_now().date()
    claim = await _claim(service, f"invoices/{id_}", provisional="true")
    assert abs((type(today).fromisoformat(claim["on"]) - today).days) <= 1


async def test_a_day_whose_rate_nobody_knows_is_refused_or_guessed(service: Service) -> None:
    id_ = await service.invoice(**BELGIAN)
    url = f"/v1/invoices/{id_}/claim"
    refused = problem(await service.http.get(url, params={"on": "2060-01-01"}), 422, "rate_not_known_yet")
    assert fields_at_fault(refused) == {("on", "rate_not_known_yet")}
    guessed = await _claim(service, f"invoices/{id_}", on="2060-01-01", provisional="true")
    assert guessed["provisional"]
    assert (await _claim(service, f"invoices/{id_}", on="2199-12-31", provisional="true"))["provisional"]


async def test_days_that_are_none_and_claims_of_nobody(service: Service) -> None:
    id_ = await service.invoice()
    for bad in ("2026-02-30", "tomorrow", "2026-05-15T10:00:00Z", "", "1066-10-14"):
        body = problem(
            await service.http.get(f"/v1/invoices/{id_}/claim", params={"on": bad}), 422, "invalid_request"
        )
        assert {field for field, _ in fields_at_fault(body)} == {"on"}
    problem(await service.http.get(f"/v1/invoices/{NOWHERE}/claim"), 404, "unknown_invoice")
    problem(await service.http.get(f"/v1/debtors/{NOWHERE}/claim"), 404, "unknown_debtor")
    problem(await service.http.get("/v1/debtors/nobody/claim"), 404, "unknown_debtor")


async def test_where_the_law_is_not_known_the_principal_is_claimed(service: Service) -> None:
    id_ = await service.invoice(**BELGIAN | {"country": "ES"})
    claim = await _claim(service, f"invoices/{id_}", on="2026-05-15")
    assert (claim["principal"], claim["total"]) == ("100.00", "100.00")
    assert claim["basis"] == ["the law of ES is not known to Termijn"]


async def test_a_debtor_owes_the_sum_of_the_open_invoices_by_currency(service: Service) -> None:
    first = await service.invoice(number="B-1", amount="1000.00", **BELGIAN)
    second = await service.invoice(number="B-2", amount="500.00", **BELGIAN)
    await service.invoice(number="B-3", amount="70.00", **BELGIAN | {"currency": "USD"})
    settled = await service.invoice(number="B-4", amount="10.00", **BELGIAN)
    assert (await service.pay(settled, "10.00", on="2026-02-01")).status_code == 200
    debtor = (await service.case(first))["debtor"]["id"]
    told = await _claim(service, f"debtors/{debtor}", on="2026-05-15")
    assert (told["debtor"], told["on"]) == (debtor, "2026-05-15")
    euros, dollars = told["claims"]
    assert [one["invoice"] for one in euros["invoices"]] == [first, second]
    assert (euros["currency"], euros["principal"], euros["costs"], euros["open"]) == (
        *("EUR", "1500.00", "80.00", "1500.00"),
    )
    for part in ("interest", "total"):
        assert Decimal(euros[part]) == sum(Decimal(one[part]) for one in euros["invoices"])
    assert euros["invoices"][0] == await _claim(service, f"invoices/{first}", on="2026-05-15")
    assert (dollars["currency"], dollars["costs"], dollars["invoices"][0]["number"]) == ("USD", "0.00", "B-3")


async def test_the_dossier_holds_the_claim_of_the_day(service: Service) -> None:
    id_ = await service.invoice(amount="1000.00", **BELGIAN)
    dossier = await service.http.get(f"/v1/invoices/{id_}/dossier")
    files = zipfile.ZipFile(io.BytesIO(dossier.content))
    told = json.loads(files.read("claim.json"))["claim"]
    claim = await _claim(service, f"invoices/{id_}", on=told["on"], provisional="true")
    assert {name: claim[name] for name in told} == told
    assert f"{claim['total']:>14}" in files.read("claim.txt").decode()
