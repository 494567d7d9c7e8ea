"""Invoices that come in, and lists of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, model_serializer

from api.schemas.case import NextView, ReasonView
from api.schemas.debtors import Tags
from api.schemas.fields import Amount, Day, Request, is_text

Text = Annotated[str, Field(max_length=1000)]


class TermBody(Request):
    """A due date and what falls due on it."""

    due: Day
    amount: Amount


class DiscountBody(Request):
    """For early payment."""

    percent: Annotated[Text, BeforeValidator(is_text)] = Field(
        description="Above 0 and below 100.", examples=["2"]
    )
    until: Day = Field(description="Its last day, at most the first due date.")


class NewInvoice(Request):
    """The columns of the CSV, as strings where not said otherwise. `email` may be empty: what cannot be mailed
    becomes a task."""

    number: Text
    debtor_reference: Text
    debtor_name: Text
    debtor_kind: Text = Field("", description="consumer, business or empty: unknown.")
    country: Text = Field(examples=["NL"])
    language: Text = Field(description="nl, fr, en or de.", examples=["nl"])
    email: Text
    issue_date: Text = Field(examples=["2026-01-01"])
    due_date: Text = Field("", description="Left out where `terms` are given.", examples=["2026-01-31"])
    terms: Annotated[tuple[TermBody, ...], Field(max_length=60)] = Field(
        (), description="Several due dates; their amounts add up to `amount`."
    )
    currency: Text = Field(examples=["EUR"])
    amount: Annotated[Text, BeforeValidator(is_text)] = Field(examples=["1234.50"])
    delivered_on: Text = Field("", description="First day on which the debtor had it; empty: `issue_date`.")
    discount: DiscountBody | None = None
    phone: Text = ""
    contact_name: Text = ""
    address_line: Text = ""
    postal_code: Text = ""
    city: Text = ""
    segment: Text = Field("", description="Kind of customer; the creditor may have a policy for it.")
    tags: Tags = ()
    behaviour: Text = Field("", description="Class of paying behaviour.")
    direct_debit: bool = Field(default=False, description="The debtor has given a mandate.")
    debtor_policy: Text = Field("", description="The debtor's own policy, by name.")
    creditor: Text = Field("", description="Its reference; empty: `default`.")
    policy: Text = Field("", description="Its name; empty: the debtor's, the segment's or the creditor's.")
    description: Text = ""
    payment_reference: Text = ""

    @model_serializer(mode="plain")
    def as_columns(self) -> dict[str, str]:
        """The same invoice as a row of the CSV."""
        texts = {name: value for name, value in self if isinstance(value, str)}
        discount = self.discount
        return texts | {
            "terms": "; ".join(f"{term.due} {term.amount}" for term in self.terms),
            "tags": ", ".join(self.tags),
            "direct_debit": "yes" if self.direct_debit else "no",
            "discount_percent": discount.percent if discount else "",
            "discount_until": discount.until if discount else "",
        }


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
        description="Details of a known debtor that differ (what was known is kept), "
        "and steps of the policy that the law forbids."
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
    channel: str | None = Field(None, description="Of a step or notice; null: the step has gone by none.")
    asked: str | None = None
    notice_id: str | None = None
    subject: str | None = None
    sent_at: datetime | None = None


class PlannedStep(BaseModel):
    step: str
    channel: str = Field(description="The first that reaches the debtor; if none does, the step's first.")
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
