"""Addresses and names in headers: what could inject a header or spoil delivery does not get in."""

from __future__ import annotations

import re
from typing import Final

from channels.wording import one_line
from domain.errors import DomainError

LONGEST_NAME: Final = 60
_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
_NOTICE_ID: Final = re.compile(r"[A-Za-z0-9-]{1,50}", re.ASCII)
_LINE_BREAKS: Final = re.compile(r"[\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]")


def address(text: str, *, field: str) -> str:
    """An address fit for a header and for SMTP, its domain in ASCII.

    Raises DomainError `header_injection` on a line break, `no_email_address` when empty, `bad_email_address`
    for what is no single plain address. Values name the field only: an address is personal data.
    """
    if _LINE_BREAKS.search(text):
        raise DomainError("header_injection", f"the {field} address contains a line break", field=field)
    if not text.strip():
        raise DomainError("no_email_address", f"there is no {field} e-mail address", field=field)
    local, _, domain = text.strip().rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        plain = ""
    if not _ADDRESS.fullmatch(plain):
        raise DomainError("bad_email_address", f"the {field} e-mail address cannot be used", field=field)
    return plain


def display_name(text: str) -> str:
    """A name as mail programs may show it before an address; may come out empty.

    Line breaks become spaces, since a name is never refused. `@ : , "` go because large receivers take
    a name with them for phishing or for a broken From; so do `< > ( ) ; \\`, which end a name in a header.
    """
    cleaned = re.sub(r'[@:,"<>();\\\[\]]+', " ", one_line(text))
    return " ".join(cleaned.split())[:LONGEST_NAME].strip()


def notice_id(text: str) -> str:
    """A notice id fit for a Message-ID and an envelope sender; raises DomainError `bad_notice_id`."""
    if not _NOTICE_ID.fullmatch(text):
        raise DomainError("bad_notice_id", "a notice id has letters, digits and hyphens, at most 50")
    return text
