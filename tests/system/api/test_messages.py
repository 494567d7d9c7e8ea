"""What is told to a case changes it, once, and the answer shows how."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.calling import WAIT, Service, day, problem
from tests.support.waiting import until


async def test_a_part_payment_lowers_what_is_asked_and_the_rest_settles(service: Service) -> None:
    invoice_id = await service.invoice()
    part = await service.pay(invoice_id, "40.00")
    assert part.status_code == 200, part.text
    assert part.headers["preference-applied"] == "wait=20"
    assert part.json()["status"] == "applied"
    amounts = part.json()["case"]["amounts"]
    assert (amounts["original"], amounts["paid"], amounts["open"], amounts["asked"]) == (
        "100.00",
        "40.00",
        "60.00",
        "60.00",
    )
    rest = (await service.pay(invoice_id, "70.00", "P-2")).json()["case"]
    assert (rest["stage"], rest["amounts"]["open"]) == ("settled", "0.00")
    debtor = (await service.http.get(f"/v1/debtors/{rest['debtor']['id']}")).json()
    assert debtor["credit"] == [{"currency": "EUR", "amount": "10.00", "invoices": None}]
    late = await service.pay(invoice_id, "5.00", "P-3")
    assert late.json()["case"]["stage"] == "settled"
    again = await service.tell(invoice_id, "payments/P-2/reversal", on=day(-1))
    assert again.json()["case"]["stage"] == "chasing"
    assert again.json()["case"]["amounts"]["open"] == "55.00"


async def test_without_waiting_it_is_accepted_and_applied_later(service: Service) -> None:
    invoice_id = await service.invoice()
    body = {"payment_id": "P-1", "amount": "100.00", "on": day(-1)}
    answer = await service.http.post(f"/v1/invoices/{invoice_id}/payments", json=body)
    assert answer.status_code == 202
    assert answer.json() == {"event_id": "payment/P-1", "status": "accepted", "payment_id": "P-1"}

    async def settled() -> bool:
        return bool((await service.case(invoice_id))["stage"] == "settled")

    await until(settled, what="the case settles")


async def test_the_same_payment_counts_once_and_another_with_its_id_is_refused(service: Service) -> None:
    invoice_id = await service.invoice()
    body = {"payment_id": "P-1", "amount": "40.00", "on": day(-1)}
    url = f"/v1/invoices/{invoice_id}/payments"
    answers = await asyncio.gather(*(service.http.post(url, json=body, headers=WAIT) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    again = await service.http.post(url, json=body | {"amount": "40.0"})
    assert again.status_code == 202
    assert (await service.case(invoice_id))["amounts"]["open"] == "60.00"
    problem(await service.http.post(url, json=body | {"amount": "41.00"}), 409, "payment_differs")
    problem(await service.http.post(url, json=body | {"on": day(-2)}), 409, "payment_differs")


async def test_a_dispute_over_a_part_lets_the_rest_go_on_until_it_is_accepted(service: Service) -> None:
    invoice_id = await service.invoice()
    opened = (await service.tell(invoice_id, "disputes", amount="30.00", reason="two chairs broken")).json()
    assert opened["case"]["amounts"]["asked"] == "70.00"
    url = f"/v1/disputes/{opened['dispute_id']}/resolution"
    accepted = await service.http.post(url, json={"outcome": "accepted"}, headers=WAIT)
    assert accepted.json()["case"]["amounts"]["open"] == "70.00"
    assert (await service.http.post(url, json={"outcome": "accepted"})).status_code == 202
    problem(await service.http.post(url, json={"outcome": "rejected"}), 409, "dispute_differs")
    timeline = (await service.http.get(f"/v1/invoices/{invoice_id}/timeline")).json()
    (told,) = [h for h in timeline["past"] if h.get("kind") == "dispute_opened"]
    assert (told["actor"], told["note"]) == ("the office", "two chairs broken")


async def test_what_was_told_is_known_before_it_is_applied(service: Service) -> None:
    """Nobody has to wait between opening a dispute and resolving it."""
    invoice_id = await service.invoice()
    opened = await service.http.post(f"/v1/invoices/{invoice_id}/disputes", json={"reason": "?"})
    resolved = await service.http.post(
        f"/v1/disputes/{opened.json()['dispute_id']}/resolution", json={"outcome": "rejected"}, headers=WAIT
    )
    assert resolved.status_code == 200, resolved.text
    assert resolved.json()["case"]["disputes"][0]["outcome"] == "rejected"


async def test_holds_may_overlap_and_each_is_lifted_by_itself(service: Service) -> None:
    invoice_id = await service.invoice()
    one = (await service.tell(invoice_id, "holds", until=day(10), reason="holiday")).json()
    assert one["case"]["stage"] == "on_hold"
    other = (await service.tell(invoice_id, "holds", reason="asked by sales")).json()
    assert [hold["hold_id"] for hold in other["also_on_hold"]] == [one["hold_id"]]
    lifted = await service.http.delete(f"/v1/holds/{other['hold_id']}", headers=WAIT)
    assert lifted.json()["case"]["stage"] == "on_hold"
    lifted = await service.http.delete(f"/v1/holds/{one['hold_id']}", headers=WAIT)
    assert lifted.json()["case"]["stage"] == "chasing"
    again = await service.http.delete(f"/v1/holds/{one['hold_id']}", headers=WAIT)
    assert again.status_code == 200  # the same said twice


async def test_a_promise_suspends_and_a_closed_case_takes_money_only(service: Service) -> None:
    invoice_id = await service.invoice()
    promised = (await service.tell(invoice_id, "promises", amount="100.00", until=day(3))).json()
    assert promised["case"]["stage"] == "promised"
    written_off = await service.tell(invoice_id, "write-off", reason="too small to go on")
    assert written_off.json()["case"]["stage"] == "written_off"
    for what, body in _WHAT_A_CLOSED_CASE_REFUSES.items():
        refused = problem(await service.tell(invoice_id, what, **body), 409, "does_not_fit_stage")
        assert refused["stage"] == "written_off"
    assert (await service.pay(invoice_id, "10.00")).status_code == 200


_WHAT_A_CLOSED_CASE_REFUSES: dict[str, dict[str, Any]] = {
    "withdrawal": {},
    "write-off": {},
    "disputes": {"reason": "?"},
    "promises": {"amount": "5.00", "until": day(3)},
    "holds": {"reason": "?"},
}


async def test_a_credit_note_and_a_withdrawal(service: Service) -> None:
    invoice_id = await service.invoice()
    credited = (
        await service.tell(invoice_id, "credit-notes", credit_note_id="C-1", amount="25", on=day(-1))
    ).json()
    assert credited["case"]["amounts"] == {
        "original": "100.00",
        "paid": "0.00",
        "credited": "25.00",
        "open": "75.00",
        "disputed": "0.00",
        "unallocated": "0.00",
        "asked": "75.00",
    }
    withdrawn = (await service.tell(invoice_id, "withdrawal", reason="sent by mistake")).json()
    assert withdrawn["case"]["stage"] == "withdrawn"
