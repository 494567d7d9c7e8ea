"""What is about to leave, and what is asked about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field, model_validator

from api.schemas.case import ReasonView
from api.schemas.fields import Day, Id, Note, Request


class NoticeLineView(BaseModel):
    invoice: str
    number: str
    step: str | None = Field(description="null: the invoice is only named.")
    open: str
    asked: str
    currency: str
    moves_on: bool = Field(description="The invoice takes its step by this notice.")


class ChargeView(BaseModel):
    invoice: str
    kind: str
    amount: str
    currency: str


class NextNotice(BaseModel):
    """Nulls and empty lists: nothing leaves about this invoice unless something happens; `reasons` say why."""

    leaves_at: datetime | None
    step: str | None
    channel: str | None
    recipient: str | None = Field(description="Empty: a letter on paper.")
    subject: str | None
    lines: list[NoticeLineView]
    charges: list[ChargeView] = Field(description="What the notice books when it leaves.")
    reasons: list[ReasonView] = Field(description="What the case waits for now.")
    mail: str | None = Field(description="Its text; of a letter on paper the page as HTML.")


class OutboxNoticeView(BaseModel):
    debtor_id: str
    debtor: str
    debtor_name: str
    creditor: str
    leaves_at: datetime
    step: str
    channel: str
    needs_approval: bool = Field(description="It leaves only when its steps are approved.")
    lines: list[NoticeLineView]
    totals: dict[str, str] = Field(description="What is asked, by currency.")


class NotSentView(BaseModel):
    invoice: str
    number: str
    debtor_id: str
    debtor: str
    debtor_name: str
    stage: str
    step: str | None
    open: str
    currency: str
    reasons: list[ReasonView]


class OutboxPage(BaseModel):
    on: date
    notices: list[OutboxNoticeView]
    not_sent: list[NotSentView] = Field(
        description="Cases whose step is due by then, and what holds it back."
    )
    next: str | None = Field(description="Address of the next page of debtors; null: this is the last.")


class Release(Request):
    on: Day | None = Field(None, description="The day of the outbox that was looked at; left out: today.")
    invoices: list[Id] | None = Field(None, max_length=1000, description="Ids or numbers.")
    all: bool = Field(False, description="Every step that awaits approval now.")
    note: Note = ""

    @model_validator(mode="after")
    def _names_what(self) -> Self:
        if self.all == bool(self.invoices):
            raise ValueError("name `invoices`, or say `all`")
        return self


class ReleasedView(BaseModel):
    invoice: str
    number: str
    step: str
    status: str = Field(description="accepted, applied, or the code of why not.")


class ReleaseAnswer(BaseModel):
    event_id: str
    results: list[ReleasedView]


class Performance(Request):
    step: Id = Field(description="Key of the step to take now.")
    note: Note = ""
