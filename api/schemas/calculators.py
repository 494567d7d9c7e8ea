"""What calculators answer, and how a question about a claim looks; domain/law/read_claim.py reads it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, WithJsonSchema

_DATE: Final = {"type": "string", "format": "date"}
_AMOUNT: Final = {"type": "string", "examples": ["5000.00"], "description": "Text, above zero, two decimals."}
_INVOICES: Final = {
    "type": "array",
    "description": "In place of `due_date` and `principal`; ids are `1`, `2`, ... where none are given.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["due_date", "principal"],
        "properties": {"id": {"type": "string"}, "due_date": _DATE, "principal": _AMOUNT},
    },
}
_PAYMENTS: Final = {
    "type": "array",
    "description": "`invoice` is the id of the one that the debtor said it is for.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["on", "amount"],
        "properties": {"on": _DATE, "amount": _AMOUNT, "invoice": {"type": "string"}},
    },
}
_FIRST_REMINDER: Final = {
    "type": "object",
    "description": "Consumers in Belgium: interest and costs count from it.",
    "additionalProperties": False,
    "required": ["sent", "channel"],
    "properties": {"sent": _DATE, "channel": {"enum": ["post", "email"]}},
}
_CLAIM: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["country", "debtor_kind", "as_of"],
    "properties": {
        "country": {"enum": ["NL", "BE", "DE", "FR", "GB", "UK"]},
        "debtor_kind": {"enum": ["consumer", "business", "unknown"]},
        "creditor_size": {"enum": ["sme", "large"], "default": "sme"},
        "due_date": _DATE,
        "principal": _AMOUNT,
        "invoices": _INVOICES,
        "currency": {"type": "string", "description": "EUR, and GBP for GB, when left out."},
        "as_of": {**_DATE, "description": "Interest counts up to and including this day."},
        "day_count": {"enum": ["actual/365", "actual/anniversary"], "default": "actual/365"},
        "contractual_rate": {"type": ["string", "null"], "description": "Percent a year.", "default": None},
        "costs": {
            "type": "string",
            "description": "`statutory`, `minimum`, `none` or an amount.",
            "default": "statutory",
        },
        "vat_on_costs": {"type": "boolean", "default": False},
        "payments": _PAYMENTS,
        "first_reminder": _FIRST_REMINDER,
        "provisional": {
            "type": "boolean",
            "description": "Where a rate is not known yet, take the last known one.",
            "default": False,
        },
    },
    "examples": [
        {
            "country": "NL",
            "debtor_kind": "consumer",
            "due_date": "2024-06-14",
            "principal": "5000.00",
            "as_of": "2025-06-15",
            "payments": [{"on": "2024-12-12", "amount": "1500.00"}],
        }
    ],
}

ClaimForm = Annotated[dict[str, object], WithJsonSchema(_CLAIM)]
"""Only described here: it is read from the body as it was written, so that refusals quote numbers as they were."""


class InterestLineView(BaseModel):
    invoice: str
    from_: str = Field(alias="from")
    to: str
    """Inclusive."""
    days: int
    rate: str
    base: str
    interest: str
    source: str


class AllocationView(BaseModel):
    on: str
    invoice: str | None
    costs: str
    interest: str
    principal: str


class ClaimView(BaseModel):
    """What is still owed at the end of the day."""

    principal: str
    interest: str
    costs: str
    vat_on_costs: str
    total: str
    provisional: bool
    interest_lines: list[InterestLineView]
    allocations: list[AllocationView]
    basis: list[str]
    surplus: str


class LegalWindowView(BaseModel):
    deemed_delivery: str
    first_day: str
    last_day: str
    costs_from: str


class CostsView(BaseModel):
    costs: str
    vat: str


class RateView(BaseModel):
    percent: str
    source: str
    provisional: bool | None = None
    """Only where provisional rates were allowed."""
