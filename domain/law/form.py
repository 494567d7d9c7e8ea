"""Values as people and scripts write them. What cannot be taken is refused by field, reason and value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from domain.errors import DomainError
from domain.events import EARLIEST_YEAR, LATEST_YEAR
from domain.money import Money

Choice = TypeVar("Choice", bound=StrEnum)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERCENT: Final = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)
_LONGEST: Final = 100
_LONGEST_SHOWN: Final = 80
_SHORTEST_WORD: Final = 3


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A JSON number as it was written: `1500.0` has one decimal, which a float would forget."""

    text: str


class Form:
    """Named values. `path` is the name of what holds them, for those inside a list or an object."""

    def __init__(self, values: Mapping[str, object], known: frozenset[str], path: str = "") -> None:
        self._values, self._path = values, path
        for name in values:
            if name not in known:
                reason = f"is not known here; known are {', '.join(sorted(known))}"
                raise refusal(path + shown(name), "unknown_field", reason, values[name])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        if name not in self._values:
            raise DomainError("missing", "is required", field=self._path + name)
        value = self._values[name]
        if isinstance(value, JsonNumber | int | float) and not isinstance(value, bool):
            reason = "is a JSON number, which may be read inexactly: write it in quotes, as text"
            raise self.refusal(name, "not_a_string", reason)
        if not isinstance(value, str):
            raise self.refusal(name, "not_a_string", "must be text")
        if not value or len(value) > _LONGEST:
            raise self.refusal(name, "bad_length", f"must be 1 to {_LONGEST} characters")
        if not value.isprintable():
            raise self.refusal(name, "not_printable", "holds a character that cannot be shown")
        return value

    def day(self, name: str) -> date:
        return parse_day(self.text(name), self._path + name)

    def amount(self, name: str, currency: str) -> Money:
        """Above zero."""
        return parse_amount(self.text(name), currency, self._path + name)

    def percent(self, name: str) -> Decimal | None:
        """Zero or more; None when it is null or left out."""
        if self._values.get(name) is None:
            return None
        text = self.text(name)
        if not _PERCENT.fullmatch(text):
            raise self.refusal(name, "bad_percent", 'is not a percentage such as "8.5"')
        return Decimal(text)

    def choice(self, name: str, options: type[Choice], default: Choice | None = None) -> Choice:
        if default is not None and name not in self._values:
            return default
        return parse_choice(self.text(name), options, self._path + name)

    def flag(self, name: str) -> bool:
        """False when left out."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise self.refusal(name, "not_a_flag", "must be true or false")
        return value

    def form(self, name: str, known: frozenset[str]) -> Form | None:
        """None when it is null or left out."""
        value = self._values.get(name)
        return None if value is None else _form(value, known, self._path + name)

    def forms(self, name: str, known: frozenset[str]) -> list[Form]:
        """Empty when left out."""
        values = self._values.get(name, [])
        if not isinstance(values, Sequence) or isinstance(values, str):
            raise self.refusal(name, "not_a_list", "must be a list")
        return [_form(value, known, f"{self._path}{name}.{n}") for n, value in enumerate(values)]

    def refusal(self, name: str, code: str, reason: str) -> DomainError:
        return refusal(self._path + name, code, reason, self._values.get(name))


def read_json(text: str) -> Mapping[str, object]:
    """A JSON object, its numbers as they were written. A key that is there twice is refused."""
    if not text.strip():
        raise DomainError("not_json", "is empty: it must be a JSON object")
    try:
        read = json.loads(
            text,
            parse_float=JsonNumber,
            parse_int=JsonNumber,
            parse_constant=JsonNumber,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DomainError("not_json", f"is not JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise DomainError("not_json", "is nested too deeply") from None
    if not isinstance(read, Mapping):
        raise DomainError("not_an_object", "must be a JSON object", value=shown(read))
    return read


def parse_day(text: str, field: str) -> date:
    """`2026-01-31` and nothing else that ISO 8601 would allow."""
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise refusal(field, "bad_date", "is not a date such as 2026-01-31", text)
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise refusal(field, "bad_date", f"is not between {EARLIEST_YEAR} and {LATEST_YEAR}", text)
    return day


def parse_amount(text: str, currency: str, field: str) -> Money:
    """Above zero, with at most two decimals."""
    with blamed_on(field, text):
        amount = Money.parse(text, currency)
    if not amount.is_positive:
        raise refusal(field, "not_positive", "must be above zero", text)
    return amount


def parse_choice(text: str, options: type[Choice], field: str) -> Choice:
    try:
        return options(text)
    except ValueError:
        known = ", ".join(option.value for option in options)
        raise refusal(field, f"unknown_{field.rpartition('.')[2]}", f"must be one of {known}", text) from None


@contextmanager
def blamed_on(field: str, value: object) -> Iterator[None]:
    """What is refused inside, and names no field of its own, is the fault of this one."""
    try:
        yield
    except DomainError as error:
        if "field" in error.values:
            raise
        raise DomainError(
            error.code, error.message, **error.values | {"field": field, "value": shown(value)}
        ) from None


def refusal(field: str, code: str, reason: str, value: object) -> DomainError:
    return DomainError(code, reason, field=field, value=shown(value))


def reason_of(error: DomainError) -> str:
    """The reason with the value at fault, to be read after the name of the field."""
    value = error.values.get("value")
    if value is None or repr(value) in error.message or _is_word_of(error.message, str(value)):
        return error.message
    return f"{error.message} ({shown(value)})"


def _is_word_of(message: str, value: str) -> bool:
    """Not of one that is so short that it may stand there by chance."""
    return len(value) >= _SHORTEST_WORD and value in re.split(r"[\s,;:()]+", message)


def shown(value: object) -> str:
    """As it was written, cut off where it is long; nothing as `""`."""
    text = value if isinstance(value, str) and value else _as_json(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _as_json(value: object) -> str:
    if isinstance(value, JsonNumber):
        return value.text
    return json.dumps(value, ensure_ascii=False, default=_as_json)


def _form(value: object, known: frozenset[str], path: str) -> Form:
    if not isinstance(value, Mapping):
        raise refusal(path, "not_an_object", "must be an object in braces", value)
    return Form(value, known, f"{path}.")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise refusal(shown(twice), "twice", "is there twice", values[twice])
    return values
