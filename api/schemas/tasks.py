"""Tasks for people."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field


class SentView(BaseModel):
    step: str
    kind: str
    sent_at: datetime
    subject: str
    notice_id: str


class TaskView(BaseModel):
    id: str
    kind: str
    step: str
    opened_at: datetime
    completed_at: datetime | None
    outcome: str | None
    outcomes: list[str] = Field(description="What it can be completed with.")
    invoice_id: str
    number: str
    stage: str
    currency: str
    open: str
    due_date: date
    days_late: int
    debtor_id: str
    debtor: str
    debtor_name: str
    contact_name: str
    phone: str
    email: str
    language: str
    sent: list[SentView] = Field(description="What the debtor has had about this invoice.")


class TaskPage(BaseModel):
    items: list[TaskView]
    next: str | None = Field(description="Address of the next page; null: this is the last.")
