"""Checks on text from outside: what may go into a mail header, a letter or a database column."""

from __future__ import annotations

import re
from typing import Final

_LINE_BREAK: Final = re.compile("[\r\n\v\f\x85\u2028\u2029]")
_HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL: Final = re.compile(rf"(?=[^@]{{1,64}}@){_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")


def text_fault(text: str) -> tuple[str, str] | None:
    """A code and a sentence for text that hides a line break, control or direction character; None if clean.

    Such characters are refused and never stripped: whoever sent them should know.
    """
    if _LINE_BREAK.search(text):
        return "line_break", "contains a line break"
    if _HIDDEN.search(text):
        return "control_character", "contains a control character"
    return None


def is_email(text: str) -> bool:
    """One bare ASCII address with a domain name; no display name, quoting or comments."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None
