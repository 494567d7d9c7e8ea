"""What the bank knows and what came back: told once, and the cases it concerns plan anew."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.calling import WAIT, Service, day, fields_at_fault, problem
from tests.support.database import add_policy
from tests.support.waiting import until

AT_ANY_HOUR = """
name: at-any-hour
version: 1
time_zone: Europe/Amsterdam
contact_budget: off
send_window: always
steps:
  - {key: first, after: 3d, anchor: due, channel: [email, call_task]}
  - {key: second, after: 7d, anchor: previous, channel: email}
"""
TRUSTING_NO_OLD_STATEMENT = """
name: fresh
version: 1
time_zone: Europe/Amsterdam
contact_budget: off
send_window: always
stale_money: {statement_age: 3d}
steps:
  - {key: first, after: 3d, anchor: due, channel: email}
"""


async def reasons(service: Service, invoice_id: str) -> list[str]:
    return [reason["code"] for reason in (await service.case(invoice_id))["next"]["reasons"]]


async def a_notice(service: Service, invoice_id: str) -> str:
    """Id of the notice by which the first step has left."""

    async def left() -> bool:
        step = (await service.case(invoice_id))["last_step"]
        return bool(step) and step["state"] == "done"

    await until(left, what="the first step done")
    return str((await service.case(invoice_id))["last_step"]["notice_id"])


async def held(service: Service, invoice_id: str, code: str) -> None:
    async def is_held() -> bool:
        return code in await reasons(service, invoice_id)

    await until(is_held, what=code)


async def test_cash_that_covers_a_claim_holds_it_until_the_figure_changes(service: Service) -> None:
    await add_policy(service.tools.engine, AT_ANY_HOUR)
    older = await service.invoice(issue_date=day(-50), due_date=day(-2), policy="at-any-hour")
    debtor = (await service.case(older))["debtor"]["id"]
    url = f"/v1/debtors/{debtor}/unallocated-cash"
    stated = await service.http.put(url, json={"currency": "EUR", "amount": "100", "as_of": day(-1)})
    assert stated.status_code == 200, stated.text
    figure = {"currency": "EUR", "amount": "100.00", "as_of": day(-1)}
    assert stated.json() == {"debtor_id": debtor, "cash": [figure]}
    assert (await service.http.get(url)).json() == stated.json()
    late = await service.invoice(number="F-2", policy="at-any-hour", due_date=day(-10), amount="60.00")
    await held(service, late, "unallocated_cash")
    assert service.mail.mails == []
    freed = await service.http.put(url, json={"currency": "EUR", "amount": "0.00", "as_of": day(0)})
    assert freed.status_code == 200, freed.text
    await a_notice(service, late)
    (mail,) = service.mail.mails
    assert "60,00" in str(mail.get_body(("plain",)))
    shown = await service.case(late)
    assert (shown["policy_reason"], shown["last_step"]["channel"]) == ("invoice", "email")
    assert [c["ref"] for c in shown["contacts"]] == [shown["last_step"]["notice_id"]]


async def test_a_case_shows_its_terms_its_discount_and_what_may_cover_it(service: Service) -> None:
    terms = [{"due": day(20), "amount": "40.00"}, {"due": day(10), "amount": "60.00"}]
    own: dict[str, Any] = {
        "due_date": "",
        "terms": terms,
        "discount": {"percent": "2", "until": day(5)},
        "delivered_on": day(-3),
    }
    invoice = await service.invoice(**own)
    debtor = (await service.case(invoice))["debtor"]["id"]
    body = {"currency": "EUR", "amount": "25.00", "as_of": day(-1)}
    await service.http.put(f"/v1/debtors/{debtor}/unallocated-cash", json=body)
    shown = await service.case(invoice)
    assert shown["terms"] == [
        {"number": 1, "due": day(10), "amount": "60.00", "open": "60.00", "chased": True},
        {"number": 2, "due": day(20), "amount": "40.00", "open": "40.00", "chased": False},
    ]
    assert shown["discount"] == {"percent": "2", "until": day(5), "amount": "2.00", "state": "offered"}
    assert (shown["amounts"]["unallocated"], shown["amounts"]["asked"]) == ("25.00", "35.00")
    assert (shown["cycle"], shown["delivered_on"]) == (1, day(-3))
    assert shown["next"]["channel"] == "email"
    paid = (await service.pay(invoice, "98.00")).json()["case"]
    assert (paid["stage"], paid["discount"]["state"]) == ("settled", "earned")


@pytest.mark.parametrize(
    ("changes", "code", "fault"),
    [
        ({"amount": "-1.00"}, "invalid_request", ("amount", "amount_negative")),
        ({"amount": 25}, "invalid_request", ("amount", "amount_not_a_string")),
        ({"amount": "1.005"}, "invalid_request", ("amount", "too_many_decimals")),
        ({"currency": "XXX"}, "invalid_request", ("currency", "unknown_currency")),
        ({"as_of": "31-01-2026"}, "invalid_request", ("as_of", "bad_date")),
        ({"as_of": day(2)}, "in_the_future", ("as_of", "in_the_future")),
        ({"at": "noon"}, "invalid_request", ("at", "unknown_field")),
    ],
)
async def test_a_bad_figure_is_refused_by_its_field(
    service: Service, changes: dict[str, Any], code: str, fault: tuple[str, str]
) -> None:
    debtor = (await service.case(await service.invoice()))["debtor"]["id"]
    body = {"currency": "EUR", "amount": "25.00", "as_of": day(-1)} | changes
    answer = await service.http.put(f"/v1/debtors/{debtor}/unallocated-cash", json=body)
    assert fault in fields_at_fault(problem(answer, 422, code))


async def test_an_older_figure_does_not_replace_a_newer_one(service: Service) -> None:
    debtor = (await service.case(await service.invoice()))["debtor"]["id"]
    url = f"/v1/debtors/{debtor}/unallocated-cash"
    await service.http.put(url, json={"currency": "EUR", "amount": "25.00", "as_of": day(-1)})
    older = await service.http.put(url, json={"currency": "EUR", "amount": "99.00", "as_of": day(-2)})
    problem(older, 409, "figure_outdated")
    assert (await service.http.get(url)).json()["cash"][0]["amount"] == "25.00"
    nobody = f"/v1/debtors/{uuid4()}/unallocated-cash"
    body = {"currency": "EUR", "amount": "25.00", "as_of": day(-1)}
    problem(await service.http.put(nobody, json=body), 404, "unknown_debtor")


async def test_a_new_statement_frees_the_cases_that_waited_for_it(service: Service) -> None:
    await add_policy(service.tools.engine, TRUSTING_NO_OLD_STATEMENT)
    waits = await service.invoice(policy="fresh")
    await service.invoice(number="F-2", debtor_reference="D-2", policy="fresh", due_date=day(20))
    await held(service, waits, "stale_bank_data")
    url = "/v1/creditors/default/bank-statement"
    old = await service.http.put(url, json={"on": day(-9)})
    assert old.json() == {"creditor": "default", "on": day(-9), "cases": 1}
    await held(service, waits, "stale_bank_data")
    assert service.mail.mails == []
    assert (await service.http.put(url, json={"on": day(-1)})).json()["cases"] == 1
    await a_notice(service, waits)
    problem(await service.http.put(url, json={"on": day(3)}), 422, "in_the_future")
    other = "/v1/creditors/nobody/bank-statement"
    problem(await service.http.put(other, json={"on": day(-1)}), 404, "unknown_creditor")


async def test_what_bounced_goes_by_the_next_channel_for_every_invoice_in_it_once(service: Service) -> None:
    await add_policy(service.tools.engine, AT_ANY_HOUR)
    first = await service.invoice(policy="at-any-hour", due_date=day(-2))
    debtor = (await service.case(first))["debtor"]["id"]
    cash = f"/v1/debtors/{debtor}/unallocated-cash"
    await service.http.put(cash, json={"currency": "EUR", "amount": "900.00", "as_of": day(-1)})
    policy = {"policy": "at-any-hour", "due_date": day(-4)}
    ids = [await service.invoice(number=f"F-{n}", **policy) for n in (2, 3)]
    for invoice_id in ids:
        await held(service, invoice_id, "unallocated_cash")
    await service.http.put(cash, json={"currency": "EUR", "amount": "0.00", "as_of": day(-1)})
    notice = await a_notice(service, ids[0])
    assert await a_notice(service, ids[1]) == notice
    url = f"/v1/notices/notice+{notice}@termijn.example/bounce"
    bounced = await service.http.post(url, json={"reason": "550 no such user"}, headers=WAIT)
    assert bounced.status_code == 200, bounced.text
    told = [{"invoice_id": i, "step": "first", "status": "applied", "refusal": None} for i in ids]
    assert bounced.json()["cases"] == told
    again = await service.http.post(f"/v1/notices/{notice}/bounce", json={}, headers=WAIT)
    assert again.json() == bounced.json()

    async def is_called() -> bool:
        return [t["kind"] for i in ids for t in (await service.case(i))["tasks"]] == ["call"]

    await until(is_called, what="one call about both")
    timeline = (await service.http.get(f"/v1/invoices/{ids[0]}/timeline")).json()
    by = [(h["type"], h["step"], h["channel"]) for h in timeline["past"] if h["type"] in ("step", "notice")]
    assert sorted(by) == [("notice", "first", "email"), ("step", "first", "call_task")]
    assert [(step["step"], step["channel"]) for step in timeline["planned"]] == [("second", "email")]


async def test_only_what_has_left_can_bounce(service: Service) -> None:
    problem(await service.http.post(f"/v1/notices/{uuid4()}/bounce", json={}), 404, "unknown_notice")
    problem(await service.http.post("/v1/notices/nothing/bounce", json={}), 404, "unknown_notice")
