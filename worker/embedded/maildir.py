"""A Maildir of what the SMTP sink took: whole mails only, oldest first."""

from __future__ import annotations

import itertools
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(\d{19})\.\d+_\d+\.termijn", re.ASCII)
_COUNTER: Final = itertools.count()


@dataclass(frozen=True, slots=True)
class SunkMail:
    """One mail as it arrived: `raw` without the two envelope lines that its file begins with."""

    key: str
    received_at: datetime
    envelope_from: str
    envelope_to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)


def write_mail(maildir: Path, *, envelope_from: str, envelope_to: list[str], raw: bytes) -> None:
    """Store atomically: written under tmp/, renamed into new/."""
    name = f"{time.time_ns():019d}.{os.getpid()}_{next(_COUNTER)}.termijn"
    envelope = f"X-Envelope-From: {envelope_from}\r\nX-Envelope-To: {', '.join(envelope_to)}\r\n"
    unfinished = maildir / "tmp" / name
    unfinished.write_bytes(envelope.encode(errors="surrogateescape") + raw)
    unfinished.rename(maildir / "new" / name)


def make_maildir(maildir: Path) -> None:
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True, exist_ok=True)


def mail_keys(maildir: Path) -> list[str]:
    """Oldest first; empty when nothing ever arrived."""
    return sorted(path.name for path in (maildir / "new").glob("*.termijn"))


def read_mail(maildir: Path, key: str) -> SunkMail | None:
    """None when there is no such mail."""
    named = _NAME.fullmatch(key)
    path = maildir / "new" / key
    if not named or not path.is_file():
        return None
    sender, recipients, raw = path.read_bytes().split(b"\r\n", 2)
    return SunkMail(
        key=key,
        received_at=datetime.fromtimestamp(int(named[1]) / 1e9, UTC),
        envelope_from=_after_colon(sender),
        envelope_to=tuple(_after_colon(recipients).split(", ")),
        raw=raw,
    )


def read_mails(maildir: Path) -> list[SunkMail]:
    """Every mail, oldest first."""
    return [mail for key in mail_keys(maildir) if (mail := read_mail(maildir, key))]


def _after_colon(line: bytes) -> str:
    return line.decode(errors="replace").partition(": ")[2]
