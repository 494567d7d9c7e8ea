"""Talking to the API: requests that are fine unless a test changes them, and what refusals look like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from api.app import create_app
from api.tools import ApiTools
from tests.support.worker import MailServer

WAIT: Final = {"Prefer": "wait=20"}


def day(offset: int) -> str:
    """ISO date, days from today in the policies' zone: near midnight it is tomorrow there before it is in UTC."""
    return (datetime.now(ZoneInfo("Europe/Amsterdam")).date() + timedelta(days=offset)).isoformat()


def invoice_body(**changes: str) -> dict[str, str]:
    """EUR 100.00, late since ten days, on the standard ladder."""
    return {
        "number": "F-1",
        "debtor_reference": "D-1",
        "debtor_name": "Bakkerij Jansen",
        "debtor_kind": "business",
        "country": "NL",
        "language": "nl",
        "email": "jansen@debtor.example",
        "issue_date": day(-40),
        "due_date": day(-10),
        "currency": "EUR",
        "amount": "100.00",
    } | changes


@dataclass
class Service:
    http: httpx.AsyncClient
    """With a key that may write."""
    tools: ApiTools
    mail: MailServer

    async def invoice(self, **changes: str) -> str:
        """Hand in an invoice; its id."""
        answer = await self.http.post("/v1/invoices", json=invoice_body(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def tell(self, invoice_id: str, what: str, **body: Any) -> httpx.Response:
        """Tell a case something and wait for its new state."""
        return await self.http.post(f"/v1/invoices/{invoice_id}/{what}", json=body, headers=WAIT)

    async def pay(
        self, invoice_id: str, amount: str, payment_id: str = "P-1", **changes: Any
    ) -> httpx.Response:
        body = {"payment_id": payment_id, "amount": amount, "on": day(-1)} | changes
        return await self.tell(invoice_id, "payments", **body)

    async def case(self, invoice_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/v1/invoices/{invoice_id}")
        assert answer.status_code == 200, answer.text
        case: dict[str, Any] = answer.json()
        return case


@asynccontextmanager
async def talking_to(tools: ApiTools, key: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of an application with these tools."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(create_app(tools))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example", headers=headers) as http:
        yield http
        await asyncio.gather(*tools.deliveries)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem an answer is; asserts that it is this one, in the form of RFC 9457."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert body["type"] == f"urn:termijn:problem:{code}"
    assert body["title"]
    assert body["detail"]
    return body


def fields_at_fault(body: dict[str, Any]) -> set[tuple[str, str]]:
    return {(error["field"], error["code"]) for error in body.get("errors", ())}
