"""What leaves next about an invoice, seen before it leaves; and a step taken by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx

from tests.support.calling import Service, day, problem
from tests.support.database import add_policy
from tests.support.waiting import until

JSON = {"Accept": "application/json"}
LADDER = """
name: plain
version: 1
time_zone: Europe/Amsterdam
send_window: always
steps:
  - {key: one, after: 20d, anchor: due, channel: email, tone: friendly}
  - {key: two, after: 10d, anchor: previous, channel: email, tone: firm, requires_approval: true}
"""


async def next_notice(service: Service, invoice: str, **headers: str) -> httpx.Response:
    return await service.http.get(f"/v1/invoices/{invoice}/next-notice", headers=headers)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def without_date(mail: EmailMessage) -> str:
    del mail["Date"]
    return mail.as_string()


async def on_plain(service: Service, **changes: Any) -> str:
    """An invoice whose first reminder is ten days away."""
    await add_policy(service.tools.engine, LADDER)
    return await service.invoice(policy="plain", **changes)


async def has_left(service: Service, invoice: str, step: str) -> dict[str, Any]:
    """The case once its last step is this one, and done."""

    case: dict[str, Any] = {}

    async def is_done() -> bool:
        case.update(await service.case(invoice))
        last = case["last_step"]
        return bool(last) and (last["step"], last["state"]) == (step, "done")

    await until(is_done, what=f"{step} to leave")
    return case


async def test_the_next_notice_is_told_with_its_moment_lines_and_reasons(service: Service) -> None:
    invoice = await on_plain(service)
    seen = (await next_notice(service, invoice, **JSON)).json()
    assert (seen["step"], seen["channel"], seen["recipient"]) == ("one", "email", "jansen@debtor.example")
    leaves = datetime.fromisoformat(seen["leaves_at"])
    assert timedelta(days=9) < leaves - datetime.now(UTC) < timedelta(days=11)
    assert [reason["code"] for reason in seen["reasons"]] == ["scheduled"]
    (line,) = seen["lines"]
    assert (line["number"], line["asked"], line["moves_on"]) == ("F-1", "100.00", True)
    assert "F-1" in seen["mail"]
    raw = await next_notice(service, invoice)
    assert raw.headers["content-type"] == "message/rfc822"
    assert parsed(raw.content)["Subject"] == seen["subject"]


async def test_looking_changes_nothing(service: Service) -> None:
    invoice = await on_plain(service)
    before = await service.case(invoice)
    await next_notice(service, invoice)
    after = await service.case(invoice)
    assert (after["next"], after["last_step"], after["tasks"]) == (before["next"], None, [])
    assert service.mail.mails == []


async def test_what_waits_for_approval_is_shown_as_it_will_leave(service: Service) -> None:
    invoice = await on_plain(service)
    await service.tell(invoice, "perform", step="one")
    await has_left(service, invoice, "one")
    seen = (await next_notice(service, invoice, **JSON)).json()
    assert (seen["step"], [line["step"] for line in seen["lines"]]) == ("two", ["two"])


async def test_a_settled_case_says_why_nothing_leaves(service: Service) -> None:
    invoice = await on_plain(service)
    await service.pay(invoice, "100.00")
    seen = (await next_notice(service, invoice, **JSON)).json()
    assert (seen["leaves_at"], seen["mail"], seen["lines"]) == (None, None, [])
    assert [reason["code"] for reason in seen["reasons"]] == ["paid"]
    problem(await next_notice(service, invoice), 409, "nothing_leaves")
    problem(await next_notice(service, "nonsense"), 404, "unknown_invoice")


async def test_a_step_taken_by_hand_sends_the_notice_that_was_shown(service: Service) -> None:
    invoice = await on_plain(service)
    answer = await service.tell(invoice, "perform", step="one")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "applied"
    case = await has_left(service, invoice, "one")
    (mail,) = service.mail.mails
    ten_days_on = datetime.now(UTC) + timedelta(days=10)
    assert abs(datetime.fromisoformat(case["next"]["at"]) - ten_days_on) < timedelta(days=1, hours=1)
    content = await service.http.get(f"/v1/notices/{case['last_step']['notice_id']}/content")
    assert without_date(parsed(content.content)) == without_date(mail)


async def test_a_step_that_cannot_be_taken_by_hand_is_refused_with_the_reason(service: Service) -> None:
    invoice = await on_plain(service)
    problem(await service.tell(invoice, "perform", step="three"), 422, "no_such_step")
    await service.tell(invoice, "perform", step="one")
    await has_left(service, invoice, "one")
    problem(await service.tell(invoice, "perform", step="one"), 422, "no_such_step")
    await service.tell(invoice, "holds", reason="asked for time", until=day(5))
    problem(await service.tell(invoice, "perform", step="two"), 409, "does_not_fit_stage")
