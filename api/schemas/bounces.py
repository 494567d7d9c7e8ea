"""Notices that came back."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.schemas.fields import Note, Request


class Bounce(Request):
    reason: Note = Field("", description="What the mail server or the postman said; it stays in PostgreSQL.")


class BouncedCase(BaseModel):
    invoice_id: str
    step: str
    status: str = Field(
        description="accepted: told; applied: goes by its next channel; refused: `refusal` says why."
    )
    refusal: str | None = None


class BounceAnswer(BaseModel):
    notice_id: str
    event_id: str
    cases: list[BouncedCase]
