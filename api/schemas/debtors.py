"""Debtors as they are shown and corrected."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from api.schemas.fields import Request
from domain.plain_text import is_email, text_fault


def _plain(value: str) -> str:
    if fault := text_fault(value):
        raise PydanticCustomError(fault[0], fault[1])
    return value.strip()


def _email(value: str) -> str:
    if value and not is_email(value):
        text = "must be one e-mail address such as name@example.com, or empty"
        raise PydanticCustomError("bad_email", text)
    return value


Short = Annotated[str, AfterValidator(_plain), Field(max_length=100)]
Long = Annotated[str, AfterValidator(_plain), Field(max_length=200)]


def _tag(value: str) -> str:
    if not value or "," in value:
        raise PydanticCustomError("bad_tag", "must be a word or words without a comma")
    return value


def _once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


Tag = Annotated[str, AfterValidator(_plain), AfterValidator(_tag), Field(max_length=48)]
Tags = Annotated[tuple[Tag, ...], AfterValidator(_once), Field(max_length=20)]


class DebtorChange(Request):
    """What is left out stays as it is."""

    email: Annotated[str, AfterValidator(_plain), AfterValidator(_email), Field(max_length=254)] | None = None
    phone: Short | None = None
    contact_name: Long | None = None
    address_line: Long | None = None
    postal_code: Short | None = None
    city: Short | None = None
    language: Literal["nl", "fr", "en", "de"] | None = None
    segment: Short | None = None
    tags: Tags | None = None
    behaviour: Short | None = None
    direct_debit: bool | None = None
    policy: Short | None = Field(
        None,
        description="For invoices to come: an open case keeps the policy it has. Empty: none of their own.",
    )


class CurrencyTotal(BaseModel):
    currency: str
    amount: str
    invoices: int | None = None


class DebtorView(BaseModel):
    id: str
    creditor_id: str
    reference: str
    name: str
    kind: str
    country: str
    language: str
    email: str
    phone: str
    contact_name: str
    address_line: str
    postal_code: str
    city: str
    segment: str
    tags: list[str]
    behaviour: str
    direct_debit: bool = Field(description="The debtor has given a mandate.")
    policy: str = Field(description="Of the debtor's own; empty: the segment's or the creditor's.")
    open: list[CurrencyTotal] = Field(description="What open invoices owe, by currency.")
    credit: list[CurrencyTotal] = Field(description="Paid and not needed for an invoice, by currency.")
