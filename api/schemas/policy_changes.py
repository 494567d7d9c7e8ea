"""What applying a policy to open cases would change, and does."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.fields import Id, Request


class ApplyPolicy(Request):
    invoices: list[Id] | None = Field(None, min_length=1, max_length=1000, description="Ids or numbers.")
    from_: Annotated[
        Id | None,
        Field(None, alias="from", description="A policy, or policy/version; left out: the same policy."),
    ]
    preview: bool = False


class Decided(BaseModel):
    stage: str
    step: str | None
    at: datetime | None


class CaseChangeView(BaseModel):
    invoice: str
    number: str
    policy: str = Field(description="The present one: name/version.")
    before: Decided
    after: Decided
    differs: bool
    refused: list[str] = Field(description="What the law has against it for this debtor: it is not applied.")


class PolicyTotals(BaseModel):
    cases: int
    differ: int
    refused: int
    notices_before: int = Field(description="Mails and letters in the next 14 days as it is.")
    notices_after: int


class PolicyChangesView(BaseModel):
    policy: str
    applied: bool = Field(description="false: this is a preview.")
    event_id: str | None
    changes: list[CaseChangeView]
    without_effect: list[str] = Field(description="Named, but unknown, closed or on this version already.")
    totals: PolicyTotals
