"""Fields that requests share: what is refused here never reaches the domain."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from domain.errors import DomainError
from domain.events import parse_when
from domain.money import Money
from domain.plain_text import text_fault

LONGEST_NOTE: Final = 4000


class Request(BaseModel):
    """Fields that are not known are refused: they are slips of the pen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_text(value: object) -> object:
    if isinstance(value, (int, float)):
        text = 'must be a string such as "1234.50": a JSON number may lose cents on its way'
        raise PydanticCustomError("amount_not_a_string", text)
    return value


def _amount(value: str) -> str:
    try:
        amount = Money.parse(value, "EUR")  # every currency has two decimals
    except DomainError as error:
        raise _refused(error) from None
    if not amount.is_positive:
        raise PydanticCustomError("amount_not_positive", "must be above zero")
    return str(amount.amount)


def _when(value: str) -> str:
    try:
        return parse_when("date", value).isoformat()
    except DomainError as error:
        raise _refused(error) from None


def _day(value: str) -> str:
    if len(value) > 10:
        raise PydanticCustomError("bad_date", "must be a date such as 2026-01-31")
    day = date.fromisoformat(_when(value))
    return day.isoformat()


def _id(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise PydanticCustomError("bad_id", "must be visible characters")
    return value


def _note(value: str) -> str:
    """People write several lines; nothing else that cannot be seen."""
    for line in value.splitlines():
        if fault := text_fault(line.replace("\t", " ")):
            raise PydanticCustomError(fault[0], fault[1])
    return value.strip()


def _refused(error: DomainError) -> PydanticCustomError:
    message = error.message.replace("{", "(").replace("}", ")")
    return PydanticCustomError(error.code, message)


Amount = Annotated[
    str, BeforeValidator(is_text), AfterValidator(_amount), Field(max_length=20, examples=["1234.50"])
]
"""Above zero, with at most two decimals; as a string."""
Day = Annotated[str, AfterValidator(_day), Field(max_length=40, examples=["2026-01-31"])]
When = Annotated[str, AfterValidator(_when), Field(max_length=40, examples=["2026-01-31"])]
"""A date, or a moment with its offset."""
Id = Annotated[str, AfterValidator(_id), Field(min_length=1, max_length=100)]
Note = Annotated[str, AfterValidator(_note), Field(max_length=LONGEST_NOTE)]
"""Free text for colleagues; it stays in PostgreSQL."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
