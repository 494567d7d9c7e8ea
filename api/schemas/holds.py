"""Holds: placed on an invoice, a term, a debtor or everything of a creditor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.case import Answer, HoldView
from api.schemas.fields import Note, Request, When

HoldId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$",
        description="Yours, unique over all holds; the same twice counts once. Left out: one is made.",
    ),
]
End = Annotated[When, Field(description="First day on which chasing may go on, after today; or a moment.")]
Reason = Annotated[Note, Field(min_length=1, description="For colleagues; it stays in PostgreSQL.")]
TermNumber = Annotated[int, Field(ge=1, le=999, description="Counted by due date, from 1.")]


class InvoiceHold(Request):
    until: End | None = Field(None, description="Left out: until lifted.")
    reason: Reason
    term: TermNumber | None = None
    hold_id: HoldId | None = None


class NewHold(InvoiceHold):
    scope: Literal["invoice", "term", "debtor", "creditor"] = Field(
        description="creditor: a global stop, also for invoices to come; term: an invoice while that term is chased."
    )
    id: Annotated[str, Field(min_length=1, max_length=100, description="Of the invoice, debtor or creditor.")]


class HoldExtension(Request):
    until: End
    note: Note = ""


class HoldAnswer(Answer):
    """A hold on a debtor or creditor is in force when the answer comes; its cases are told to plan anew."""

    cases: int | None = Field(None, description="Open cases that it concerns; 0: nothing was changed.")


class HoldChangeView(BaseModel):
    what: Literal["placed", "extended", "lifted"]
    at: datetime
    until: datetime | None = Field(description="First moment after the hold; null: no end.")
    actor: str
    note: str


class HoldLine(HoldView):
    creditor: str
    creditor_id: str
    debtor: str | None
    debtor_id: str | None = Field(description="null: everything of the creditor.")
    invoice: str | None
    invoice_id: str | None
    history: list[HoldChangeView]


class HoldPage(BaseModel):
    items: list[HoldLine]
    next: str | None = Field(description="Address of the next page.")
