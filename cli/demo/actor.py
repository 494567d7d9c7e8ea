"""What people do about one invoice: each deed is a call of the HTTP API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from cli.demo.board import Board
from store.overview import CaseSeen

_WAIT: Final = {"Prefer": "wait=20"}


class StoryError(Exception):
    """The API refused what the story asked for."""


class Actor:
    """Everyone who has to do with one invoice."""

    def __init__(self, number: str, board: Board, api: httpx.AsyncClient) -> None:
        self.number = number
        self._board = board
        self._api = api

    @property
    def case(self) -> CaseSeen:
        return self._board.cases[self.number]

    def other(self, number: str) -> Actor:
        """Another invoice."""
        return Actor(number, self._board, self._api)

    async def after(self, step: str) -> CaseSeen:
        """Wait until the step has been taken."""
        return await self._board.until(self.number, lambda case: case.did(step))

    async def stage(self, stage: str) -> CaseSeen:
        return await self._board.until(self.number, lambda case: case.stage == stage)

    async def announced(self, instalments: int) -> CaseSeen:
        return await self._board.until(self.number, lambda case: case.announced >= instalments)

    async def pay(self, amount: str = "", *, payment_id: str = "") -> str:
        """Pay, all that is open unless told otherwise; the id of the payment."""
        paid = amount or str(self.case.open)
        id_ = payment_id or f"bank-{uuid4().hex[:12]}"
        self.say(f"pays {paid}")
        await self._tell("payments", {"payment_id": id_, "amount": paid, "on": _today()})
        return id_

    async def reverse(self, payment_id: str) -> None:
        self.say("the bank takes the payment back")
        await self._tell(f"payments/{payment_id}/reversal", {"on": _today()})

    async def credit(self, amount: str) -> None:
        self.say(f"a credit note over {amount}")
        note = {"credit_note_id": f"CN-{self.number}", "amount": amount, "on": _today()}
        await self._tell("credit-notes", note)

    async def dispute(self, amount: str | None = None) -> str:
        """All of it, or the amount; the id of the dispute."""
        self.say(f"disputes {amount or 'all of it'}")
        body = {"reason": "Not what was agreed."} | ({"amount": amount} if amount else {})
        return str((await self._tell("disputes", body))["dispute_id"])

    async def resolve(self, dispute_id: str, outcome: str) -> None:
        self.say(f"the dispute is {outcome}")
        await self._post(f"/v1/disputes/{dispute_id}/resolution", {"outcome": outcome})

    async def promise(self, amount: str, *, within: int) -> None:
        self.say(f"promises {amount} within {within} s")
        await self._tell("promises", {"amount": amount, "until": _in(within)})

    async def hold(self, *, seconds: int | None = None) -> str:
        self.say(f"on hold for {seconds} s" if seconds else "on hold until further notice")
        body = {"reason": "The account manager asked for time."} | (
            {"until": _in(seconds)} if seconds else {}
        )
        return str((await self._tell("holds", body))["hold_id"])

    async def lift(self, hold_id: str) -> None:
        self.say("the hold is lifted")
        await self._send("DELETE", f"/v1/holds/{hold_id}")

    async def agree_plan(self, *instalments: tuple[int, str], also: str = "") -> None:
        """Instalments as (seconds from now, amount), over this invoice and `also` another of the debtor."""
        amounts = " and ".join(amount for _, amount in instalments)
        self.say(f"agrees to pay {amounts}")
        ids = [self._board.cases[number].invoice_id for number in (self.number, also) if number]
        dues = [{"due": _in(seconds), "amount": amount} for seconds, amount in instalments]
        await self._post("/v1/payment-plans", {"invoices": ids, "instalments": dues})

    async def write_off(self) -> None:
        self.say("the creditor gives it up")
        await self._tell("write-off", {"reason": "Not worth more work."})

    async def withdraw(self) -> None:
        self.say("the invoice should not have been sent")
        await self._tell("withdrawal", {"reason": "Sent by mistake."})

    async def task(self, kind: str, outcome: str) -> None:
        """Wait until there is such a task, and complete it."""
        case = await self._board.until(self.number, lambda case: kind in case.tasks.values())
        self.say(f"task {kind}: {outcome}")
        task_id = next(id_ for id_, of in case.tasks.items() if of == kind)
        await self._post(f"/v1/tasks/{task_id}/completion", {"outcome": outcome})

    async def mend_address(self, email: str) -> None:
        case = await self._board.until(self.number, lambda case: "mend_address" in case.tasks.values())
        self.say("somebody finds the address")
        await self._send("PATCH", f"/v1/debtors/{case.debtor_id}", {"email": email})

    def say(self, text: str) -> None:
        self._board.say(self.number, text)

    async def _tell(self, what: str, body: dict[str, str]) -> dict[str, Any]:
        return await self._post(f"/v1/invoices/{self.case.invoice_id}/{what}", body)

    async def _post(self, path: str, body: object) -> dict[str, Any]:
        return await self._send("POST", path, body)

    async def _send(self, method: str, path: str, body: object | None = None) -> dict[str, Any]:
        answer = await self._api.request(method, path, json=body, headers=_WAIT)
        if answer.is_error:
            raise StoryError(f"{method} {path}: {answer.status_code} {answer.text}")
        told: dict[str, Any] = answer.json()
        return told


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _in(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
