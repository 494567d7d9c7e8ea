"""Invoices that come in, and lists of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from api.schemas.case import NextView, ReasonView
from api.schemas.fields import Request, is_text

Text = Annotated[str, Field(max_length=1000)]


class NewInvoice(Request):
    """The columns of the CSV, as strings. `email` may be empty: what cannot be mailed becomes a task."""

    number: Text
    debtor_reference: Text
    debtor_name: Text
    debtor_kind: Text = Field("", description="consumer, business or empty: unknown.")
    country: Text = Field(examples=["NL"])
    language: Text = Field(description="nl, fr, en or de.", examples=["nl"])
    email: Text
    issue_date: Text = Field(examples=["2026-01-01"])
    due_date: Text = Field(examples=["2026-01-31"])
    currency: Text = Field(examples=["EUR"])
    amount: Annotated[Text, BeforeValidator(is_text)] = Field(examples=["1234.50"])
    phone: Text = ""
    contact_name: Text = ""
    address_line: Text = ""
    postal_code: Text = ""
    city: Text = ""
    creditor: Text = Field("", description="Its reference; empty: `default`.")
    policy: Text = Field("", description="Its name; empty: the creditor's.")
    description: Text = ""
    payment_reference: Text = ""


class Remark(BaseModel):
    field: str
    message: str


class StoredInvoice(BaseModel):
    id: str
    number: str
    status: str = Field(description="added, or unchanged: known with the same values.")
    started: bool = Field(
        description="Temporal has the case; false: it starts as soon as Temporal can be reached."
    )
    remarks: list[Remark] = Field(
        description="Details of a known debtor that differ; what was known is kept."
    )


class InvoiceLine(BaseModel):
    """A line of the list, as of the case's last decision."""

    id: str
    number: str
    creditor: str
    debtor_id: str
    debtor: str
    debtor_name: str
    policy: str
    currency: str
    open: str
    due_date: date
    stage: str
    next_step: str | None
    next_at: datetime | None
    reasons: list[ReasonView]


class InvoicePage(BaseModel):
    items: list[InvoiceLine]
    next: str | None = Field(description="Address of the next page; null: this is the last.")


class Happening(BaseModel):
    """Something in the past of a case. Which fields there are depends on `type`."""

    at: datetime
    type: str = Field(description="enrolled, message, ledger, step or notice.")
    kind: str | None = None
    event_id: str | None = None
    message: dict[str, str] | None = None
    actor: str | None = None
    note: str | None = None
    applied_at: datetime | None = None
    refusal: str | None = None
    stage_before: str | None = None
    stage_after: str | None = None
    amount: str | None = None
    on: date | None = None
    key: str | None = None
    step: str | None = None
    state: str | None = None
    reason: str | None = None
    asked: str | None = None
    notice_id: str | None = None
    subject: str | None = None
    sent_at: datetime | None = None


class PlannedStep(BaseModel):
    step: str
    channel: str
    tone: str
    requires_approval: bool
    planned_at: datetime
    leaves_at: datetime
    reasons: list[ReasonView]


class Timeline(BaseModel):
    stage: str
    past: list[Happening]
    next: NextView
    planned: list[PlannedStep] = Field(
        description="If nothing happens; empty where only an event moves the case."
    )
