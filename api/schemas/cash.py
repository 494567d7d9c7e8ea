"""Money that is known of and not booked, and how fresh the bank's word is."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.schemas.fields import Currency, Day, Request, is_text
from domain.errors import DomainError
from domain.money import CURRENCIES, Money


def _not_negative(value: str) -> str:
    try:
        amount = Money.parse(value, "EUR")  # every currency has two decimals
    except DomainError as error:
        raise PydanticCustomError(error.code, error.message.replace("{", "(").replace("}", ")")) from None
    if amount.amount < 0:
        raise PydanticCustomError("amount_negative", "must not be below zero")
    return str(amount.amount)


def _known(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("unknown_currency", "is not a currency that invoices can be in")
    return value


Figure = Annotated[
    str, BeforeValidator(is_text), AfterValidator(_not_negative), Field(max_length=20, examples=["25.00"])
]


class UnallocatedCash(Request):
    """Takes the place of the figure before it in the same currency."""

    currency: Annotated[Currency, AfterValidator(_known)]
    amount: Figure = Field(description="All that is received and not booked on an invoice; 0.00: nothing.")
    as_of: Day = Field(description="The day that the figure is of, not in the future.")


class CashView(BaseModel):
    currency: str
    amount: str
    as_of: date


class DebtorCash(BaseModel):
    debtor_id: str
    cash: list[CashView]


class BankStatement(Request):
    on: Day = Field(description="Everything the bank booked up to and including this day is known.")


class StatementAnswer(BaseModel):
    creditor: str
    on: date
    cases: int = Field(description="How many cases waited for it, and plan anew.")
