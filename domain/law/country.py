"""The countries whose law is known."""

from __future__ import annotations

from typing import Final

from domain.countries import country_code
from domain.errors import DomainError
from domain.facts import DebtorKind

SUPPORTED: Final = ("NL", "BE", "DE", "FR", "GB")


def supported_country(text: str) -> str:
    """The code in capitals, `UK` read as `GB`; refused where the law is not known."""
    code = country_code(text)
    if code not in SUPPORTED:
        raise DomainError(
            "unknown_country",
            f"{text!r} is not a country whose law is known; known are {', '.join(SUPPORTED)}",
            field="country",
            value=text,
        )
    return code


def as_consumer(kind: DebtorKind) -> bool:
    """Whether the rules for consumers hold: whoever is not known to be a business has their protection."""
    return kind is not DebtorKind.BUSINESS
