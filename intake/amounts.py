"""Amounts as people write them in a country, turned into the plain form `1234.50`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from domain.errors import DomainError

Locale = Literal["plain", "nl", "fr", "de"]


def _decimal_comma(grouping: str, example: str) -> Callable[[str], str]:
    """Grouping is optional, but then of three digits throughout: `12.34` must not pass for 1234."""
    form = re.compile(
        rf"-?(?:\d+|\d{{1,3}}(?P<mark>{grouping})\d{{3}}(?:(?P=mark)\d{{3}})*)(?:,\d+)?", re.ASCII
    )
    marks = re.compile(grouping)

    def plain(text: str) -> str:
        if not form.fullmatch(text):
            raise DomainError("bad_amount", f"is not an amount such as {example}")
        return marks.sub("", text).replace(",", ".")

    return plain


PLAIN_AMOUNT: Final[Mapping[Locale, Callable[[str], str]]] = {
    "plain": str,
    "nl": _decimal_comma(r"\.", "1.234,50"),
    "de": _decimal_comma(r"\.", "1.234,50"),
    # The norm is U+202F; spreadsheets also write a no-break or an ordinary space.
    "fr": _decimal_comma("[\u202f\u00a0 ]", "1 234,50"),
}
