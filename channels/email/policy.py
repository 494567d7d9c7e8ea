"""The standard library's SMTP policy, without parsing headers that we wrote ourselves.

Parsing and folding headers would cost more than all the rest of composing a mail. A header that is short and
plain ASCII is already as it must be sent; only the others are left to the library to parse and fold.
"""

from __future__ import annotations

import re
from email import policy
from functools import lru_cache
from typing import Final

_LONGEST_LINE: Final = 78
_BREAK: Final = re.compile(r"[\r\n]")


class _WrittenHeaders(policy.EmailPolicy):
    """Same headers as `email.policy.SMTP` would send; a line break in a value is refused as there."""

    def header_max_count(self, name: str) -> None:
        """No limit to look up for each header: they come from a dictionary, so each comes once."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        if _BREAK.search(value):
            raise ValueError(f"the value of {name} contains a line break")
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 -- the library's signature
        return value

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}"
        return f"{line}\r\n".encode("ascii") if _is_plain(line) else _folded(name, value)


def _is_plain(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and line.isascii()


@lru_cache(maxsize=4096)
def _folded(name: str, value: str) -> bytes:
    return policy.SMTP.fold_binary(*policy.SMTP.header_store_parse(name, value))


SMTP: Final = _WrittenHeaders(linesep="\r\n")
