"""The debtor of an invoice that comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from domain.countries import country_code
from domain.invoice_fields import Reading
from domain.plain_text import is_email

DebtorKind = Literal["consumer", "business", "unknown"]
LANGUAGES: Final = frozenset({"nl", "fr", "en", "de"})

_KINDS: Final[Mapping[str, DebtorKind]] = {
    "": "unknown",
    "unknown": "unknown",
    "consumer": "consumer",
    "business": "business",
}


@dataclass(frozen=True, slots=True)
class NewDebtor:
    """Who owes, as the administration knows them. Texts may be empty except reference and name."""

    reference: str
    name: str
    kind: DebtorKind
    country: str
    language: str
    email: str
    phone: str = ""
    contact_name: str = ""
    address_line: str = ""
    postal_code: str = ""
    city: str = ""
    segment: str = ""
    tags: tuple[str, ...] = ()
    behaviour: str = ""
    """How they usually pay, as a class that policies may ask for."""
    mandate: bool = False
    """They have given a direct debit mandate."""
    policy: str = ""
    """Name of the policy for their invoices that name none; empty: their segment's or the creditor's."""


def read_debtor(reading: Reading) -> NewDebtor:
    text = reading.texts
    return NewDebtor(
        reference=text["debtor_reference"],
        name=text["debtor_name"],
        kind=_kind(reading),
        country=_country(reading),
        language=_language(reading),
        email=_email(reading),
        phone=text["phone"],
        contact_name=text["contact_name"],
        address_line=text["address_line"],
        postal_code=text["postal_code"],
        city=text["city"],
        segment=text["segment"],
        tags=split_tags(text["tags"]),
        behaviour=text["behaviour"],
        mandate=_mandate(reading),
        policy=text["debtor_policy"],
    )


def split_tags(text: str) -> tuple[str, ...]:
    """`a, b`: each once, in the order in which they stand."""
    return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip(" "))))


def _kind(reading: Reading) -> DebtorKind:
    kind = _KINDS.get(reading.texts["debtor_kind"].lower())
    if kind is None:
        reading.refuse("debtor_kind", "unknown_kind", "is not consumer or business (empty: unknown)")
    return kind or "unknown"


def _country(reading: Reading) -> str:
    text = reading.texts["country"]
    code = country_code(text)
    if text and not code:
        reading.refuse("country", "unknown_country", "is not a two-letter country code such as NL or BE")
    return code or ""


def _language(reading: Reading) -> str:
    language = reading.texts["language"].lower()
    if language and language not in LANGUAGES:
        reading.refuse("language", "unknown_language", "is not one of nl, fr, en, de")
    return language


def _email(reading: Reading) -> str:
    email = reading.texts["email"]
    if email and not is_email(email):
        reading.refuse("email", "bad_email", "is not one e-mail address such as name@example.com")
    return email


def _mandate(reading: Reading) -> bool:
    text = reading.texts["direct_debit"].lower()
    if text not in ("", "yes", "no"):
        reading.refuse("direct_debit", "not_yes_or_no", "is not yes or no (empty: no)")
    return text == "yes"
