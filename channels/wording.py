"""Dates, amounts and lists as a reader of the language writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, format_percent

from domain.money import Money

LOCALES: Final = {"nl": "nl_NL", "fr": "fr_FR", "en": "en_GB", "de": "de_DE"}
"""The languages letters are written in, with the locale that shapes their dates and amounts."""

# Controls, line and paragraph separators, lone surrogates, and the marks that turn text around.
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def language_of(*wanted: str) -> str:
    """The first of these languages that letters exist in (`nl-BE` counts as `nl`), else English."""
    for tag in wanted:
        language = re.split("[-_]", tag.strip().lower(), maxsplit=1)[0]
        if language in LOCALES:
            return language
    return "en"


def one_line(text: str) -> str:
    """The text on one line: a break in a name is a slip of the pen, and as a space it can forge nothing."""
    return _BREAKS.sub(" ", text)


@lru_cache(maxsize=4096)
def amount(value: Money, language: str) -> str:
    """`€ 1.234,50` in the reader's manner."""
    # Narrow no-break spaces are a box in older mail programs; the ordinary one reads the same.
    return format_currency(value.amount, value.currency, locale=LOCALES[language]).replace("\u202f", "\u00a0")


def amounts(values: Iterable[Money], language: str) -> str:
    """Amounts in several currencies next to each other: `€ 10,00 + £ 5,00`; none is an empty string."""
    return " + ".join(amount(value, language) for value in values)


@lru_cache(maxsize=2048)
def day(value: date, language: str) -> str:
    """`1 oktober 2026`, written out."""
    text = format_date(value, "long", locale=LOCALES[language])
    # French counts the first of the month by rank, which the locale data leave out.
    return f"1er{text[1:]}" if language == "fr" and value.day == 1 else text


def percent(value: Decimal, language: str) -> str:
    """`10,4%` for 10.40: as many decimals as it needs."""
    text: str = format_percent(value / 100, locale=LOCALES[language], decimal_quantization=False)
    return text.replace("\u202f", "\u00a0")


def iban(value: str) -> str:
    """In groups of four, as on a bank card."""
    compact = value.replace(" ", "")
    return " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))
