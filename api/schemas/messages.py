"""What may be told about an invoice."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.fields import Amount, Currency, Day, Id, Note, Request, When


class Payment(Request):
    payment_id: Id = Field(
        description="Yours, unique per invoice: the bank's reference. The same twice counts once."
    )
    amount: Amount
    on: Day = Field(description="Value date, not in the future.")
    currency: Currency | None = Field(None, description="Checked against the invoice when given.")
    note: Note = ""


class Reversal(Request):
    on: Day
    note: Note = ""


class CreditNote(Request):
    credit_note_id: Id = Field(description="Its number; the same twice counts once.")
    amount: Amount
    on: Day
    currency: Currency | None = None
    note: Note = ""


class Dispute(Request):
    amount: Amount | None = Field(None, description="The part in dispute; left out: all of it.")
    currency: Currency | None = None
    reason: Note = Field("", description="In the debtor's words.")


class Resolution(Request):
    outcome: Literal["accepted", "rejected"] = Field(
        description="accepted: the disputed amount is waived; rejected: chasing goes on."
    )
    note: Note = ""


class Promise(Request):
    amount: Amount
    until: When = Field(description="The promised date, counted through the day; or a moment.")
    currency: Currency | None = None
    note: Note = ""


class Ending(Request):
    on: Day | None = Field(None, description="Left out: today.")
    reason: Note = ""


class TaskCompletion(Request):
    outcome: Literal["done", "retry", "approved", "rejected"]
    note: Note = ""
