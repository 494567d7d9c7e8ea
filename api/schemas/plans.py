"""Payment plans."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.fields import Amount, Id, Note, Request, When


class NewInstalment(Request):
    due: When = Field(description="A date, which counts through the day; or a moment.")
    amount: Amount


class NewPlan(Request):
    invoices: list[Id] = Field(
        min_length=1, max_length=100, description="Ids of open invoices of one debtor."
    )
    instalments: list[NewInstalment] = Field(
        min_length=1, max_length=120, description="In order of date; together exactly what the invoices owe."
    )
    note: Note = ""


class InstalmentView(BaseModel):
    number: int
    due: str
    amount: str
    announced: str = Field(description="How far its announcement has come.")
    covered: bool = Field(description="What came in reaches up to and including this instalment.")


class PlanView(BaseModel):
    id: str
    debtor_id: str
    state: str
    currency: str
    agreed_at: datetime
    open_then: str
    paid: str
    invoices: list[str]
    instalments: list[InstalmentView]


class PlanAnswer(BaseModel):
    """`accepted`: kept, and Temporal has it; `applied`: every invoice has taken note."""

    event_id: str
    status: str
    plan: PlanView
