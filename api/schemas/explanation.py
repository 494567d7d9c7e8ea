"""Why a case is not being chased now, and what comes next."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.case import ReasonView, StepView


class ExplanationView(BaseModel):
    id: str
    number: str
    stage: str
    last_step: StepView | None = Field(description="The last one that was really taken.")
    next_step: str | None
    next_at: datetime | None = Field(
        description="When it leaves if nothing happens; null: only an event can tell."
    )
    reasons: list[ReasonView] = Field(
        description="Everything that holds the case back, weightiest first; docs/reasons.md has the closed list of "
        "codes. Empty: the next step is due and is being taken."
    )
