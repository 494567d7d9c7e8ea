"""A case as it is shown: facts, what they amount to now, and what comes next."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field


class Amounts(BaseModel):
    """Decimal strings in the invoice's currency."""

    original: str
    paid: str
    credited: str = Field(description="Credit notes and amounts waived.")
    open: str
    disputed: str
    unallocated: str = Field(
        description="Received from the debtor and not booked, as far as it would go to this invoice."
    )
    asked: str = Field(
        description="What a notice would ask today: what is due, less what is disputed or may be covered."
    )


class ReasonView(BaseModel):
    code: str
    until: datetime | None = Field(description="When it ends by itself; null: only an event ends it.")


class StepView(BaseModel):
    step: str
    state: str
    at: datetime
    planned_at: datetime
    reason: str | None
    asked: str | None
    notice_id: str | None
    channel: str | None = Field(None, description="By which of its channels it went or is to go.")
    cycle: int = Field(description="The term that was chased, by due date from 1.")


class NextView(BaseModel):
    """The answer to 'what now?'."""

    move: str
    step: str | None
    channel: str | None = Field(
        None, description="By which the step would go; null: none reaches the debtor, or nothing comes."
    )
    at: datetime | None
    reasons: list[ReasonView]


class DisputeView(BaseModel):
    dispute_id: str
    amount: str | None = Field(description="null: all of it.")
    opened_at: datetime
    resolved_at: datetime | None
    outcome: str | None


class PromiseView(BaseModel):
    promise_id: str
    amount: str
    until: str
    made_at: datetime
    ended_at: datetime | None
    outcome: str | None


class HoldView(BaseModel):
    hold_id: str
    scope: str = Field("invoice", description="invoice, term, debtor or creditor.")
    term: int | None = Field(None, description="The only term that is held, counted by due date from 1.")
    reason: str = ""
    actor: str = ""
    placed_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    active: bool


class PlanMembershipView(BaseModel):
    plan_id: str
    joined_at: datetime
    left_at: datetime | None
    outcome: str | None


class CaseTaskView(BaseModel):
    task_id: str
    kind: str
    step: str
    opened_at: datetime
    completed_at: datetime | None
    outcome: str | None


class TermView(BaseModel):
    number: int = Field(description="By due date, from 1.")
    due: date
    amount: str
    open: str = Field(description="What is left of it: money meets the earliest term first.")
    chased: bool


class DiscountView(BaseModel):
    percent: str
    until: date = Field(description="Inclusive.")
    amount: str
    state: str = Field(description="offered, earned or lapsed.")


class ContactView(BaseModel):
    at: datetime
    courtesy: bool
    ref: str = Field(description="Id of the notice or task.")


class PartyView(BaseModel):
    id: str
    reference: str
    name: str


class CaseView(BaseModel):
    id: str
    number: str
    creditor: PartyView
    debtor: PartyView
    policy: str = Field(description="name/version")
    policy_reason: str | None = Field(
        description="What named the policy: invoice, debtor, segment, creditor, or applied by a person."
    )
    currency: str
    issue_date: date
    due_date: date
    days_late: int
    time_barred_on: date | None = Field(
        description="First day on which the debtor may plead limitation; null where the law is not known."
    )
    delivered_on: date = Field(description="First day on which the debtor had the invoice.")
    terms: list[TermView]
    cycle: int = Field(description="Number of the term that is chased.")
    discount: DiscountView | None
    description: str
    payment_reference: str
    document: str | None = Field(description="File name of the invoice itself, if it was handed in.")
    stage: str
    amounts: Amounts
    last_step: StepView | None
    next: NextView
    disputes: list[DisputeView]
    promises: list[PromiseView]
    holds: list[HoldView]
    plans: list[PlanMembershipView]
    tasks: list[CaseTaskView]
    contacts: list[ContactView] = Field(
        description="With the debtor lately, over all their invoices: what counts against the contact budget."
    )
    statement_on: date | None = Field(
        description="Up to which day the creditor's bank statements are booked."
    )
    waiting: int = Field(description="Messages that are kept and have not been applied yet.")
    started: bool = Field(description="Temporal has the case.")


class Answer(BaseModel):
    """What became of a message. `accepted`: kept, and Temporal has it; `applied`: `case` shows its effect."""

    event_id: str
    status: str
    payment_id: str | None = None
    credit_note_id: str | None = None
    dispute_id: str | None = None
    promise_id: str | None = None
    hold_id: str | None = None
    task_id: str | None = None
    also_on_hold: list[HoldView] | None = Field(
        None, description="Other holds: the case is free when all have ended."
    )
    case: CaseView | None = None
