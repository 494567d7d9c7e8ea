"""The calculators over the API: the same questions, answers and refusals as on the command line."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.calling import Service, fields_at_fault, problem, talking_to

QUESTION: dict[str, Any] = {
    "country": "NL",
    "debtor_kind": "consumer",
    "due_date": "2024-06-14",
    "principal": "5000.00",
    "as_of": "2025-06-15",
    "payments": [{"on": "2024-12-12", "amount": "1500.00"}],
}
WINDOW = {"country": "NL", "kind": "consumer", "channel": "post", "sent": "2026-04-03"}


async def get(service: Service, what: str, **query: Any) -> httpx.Response:
    return await service.http.get(f"/v1/calculators/{what}", params=query)


async def test_a_claim_is_calculated_and_nothing_is_stored(service: Service) -> None:
    answer = await service.http.post("/v1/calculators/claim", json=QUESTION)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["total"], told["interest_lines"][0]["from"]) == ("4431.54", "2024-06-15")
    assert (await service.http.get("/v1/invoices")).json()["items"] == []


async def test_json_may_be_in_any_encoding_of_unicode(service: Service) -> None:
    as_json = {"content-type": "application/json"}
    for encoding in ("utf-8-sig", "utf-16"):
        written = json.dumps(QUESTION).encode(encoding)
        answer = await service.http.post("/v1/calculators/claim", content=written, headers=as_json)
        assert (answer.status_code, answer.json().get("total")) == (200, "4431.54")


async def test_windows_costs_and_rates_are_calculated(service: Service) -> None:
    assert (await get(service, "window", **WINDOW)).json()["costs_from"] == "2026-04-22"
    assert (await get(service, "window", **WINDOW, safe=True)).json()["costs_from"] == "2026-04-25"
    costs = await get(service, "costs", country="NL", kind="consumer", principal=["412.30", "3000"], vat=True)
    assert costs.json() == {"costs": "466.23", "vat": "97.91"}
    rate = await get(service, "rate", country="NL", kind="business", on="2026-08-15")
    assert rate.json().keys() == {"percent", "source"}
    later = await get(service, "rate", country="NL", kind="business", on="2035-01-01", provisional=True)
    assert later.json()["provisional"] is True


@pytest.mark.parametrize(
    ("changes", "field", "code", "value"),
    [
        ({"principal": 5000}, "principal", "not_a_string", "5000"),
        ({"country": "Atlantis"}, "country", "unknown_country", "Atlantis"),
        ({"as_of": "2024-06-13"}, "as_of", "as_of_before_due", "2024-06-13"),
        ({"as_of": "2035-01-01"}, "as_of", "rate_not_known_yet", "2035-01-01"),
        ({"colour": "blue"}, "colour", "unknown_field", "blue"),
    ],
)
async def test_a_value_at_fault_is_named(
    service: Service, changes: dict[str, Any], field: str, code: str, value: str
) -> None:
    answer = await service.http.post("/v1/calculators/claim", json=QUESTION | changes)
    body = problem(answer, 422, code)
    assert fields_at_fault(body) == {(field, code)}
    assert value in body["errors"][0]["message"]
    assert body["detail"].startswith(f"{field}: ")


async def test_a_number_is_quoted_as_it_was_written(service: Service) -> None:
    text = '{"country": "NL", "debtor_kind": "business", "principal": 1500.00, "as_of": "2025-01-01"}'
    answer = await service.http.post(
        "/v1/calculators/claim", content=text, headers={"Content-Type": "application/json"}
    )
    assert "(1500.00)" in problem(answer, 422, "not_a_string")["detail"]
    broken = await service.http.post(
        "/v1/calculators/claim", content=text[:-1], headers={"Content-Type": "application/json"}
    )
    problem(broken, 400, "not_json")
    problem(await service.http.post("/v1/calculators/claim", json=[QUESTION]), 422, "invalid_request")


async def test_parameters_at_fault_are_named(service: Service) -> None:
    business = await get(service, "window", **WINDOW | {"kind": "business"})
    assert fields_at_fault(problem(business, 422, "no_window")) == {("kind", "no_window")}
    missing = await get(service, "costs", country="NL", kind="consumer")
    assert fields_at_fault(problem(missing, 422, "invalid_request")) == {("principal", "missing")}
    misspelt = await get(service, "window", **WINDOW, save=True)
    problem(misspelt, 422, "unknown_parameter")


async def test_a_key_is_needed(service: Service) -> None:
    async with talking_to(service.tools) as http:
        problem(await http.post("/v1/calculators/claim", json=QUESTION), 401, "key_missing")


async def test_the_description_shows_how_a_question_looks(service: Service) -> None:
    paths = (await service.http.get("/openapi.json")).json()["paths"]
    asked = paths["/v1/calculators/claim"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert asked["required"] == ["country", "debtor_kind", "as_of"]
    assert asked["properties"].keys() >= QUESTION.keys()
