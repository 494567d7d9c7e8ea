"""How to reach the mail server, read from one address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.parse import parse_qs, unquote, urlsplit

from domain.errors import DomainError

StartTls = Literal["required", "auto", "off"]
_MODES: Final = ("required", "auto", "off")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Host, port, how to encrypt and who to log in as (an empty user: no login)."""

    host: str
    port: int
    implicit_tls: bool
    starttls: StartTls
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """`smtp://[user:password@]host[:port][?starttls=required|auto|off]`, or `smtps://` (TLS at once).

    Without `starttls`, a login requires it (a password never travels in the clear by accident), and
    without a login it is used when offered; certificates are always checked. User and password are
    percent-decoded. Ports default to 587 with a login, 25 without, 465 for `smtps`. Raises DomainError
    `bad_smtp_url`, which never quotes the URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = parse_qs(parts.query, strict_parsing=True, keep_blank_values=True) if parts.query else {}
    except ValueError:
        raise _bad("it cannot be read") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise _bad("it must start with smtp:// or smtps://")
    if not parts.hostname:
        raise _bad("it names no host")
    if parts.path not in ("", "/") or parts.fragment:
        raise _bad("nothing but options may follow the host")
    if set(options) - {"starttls"}:
        raise _bad("the only option is starttls")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    implicit_tls = parts.scheme == "smtps"
    mode = options.get("starttls", ["off" if implicit_tls else "required" if user else "auto"])[-1]
    if mode not in _MODES or (implicit_tls and mode != "off"):
        raise _bad("starttls is required, auto or off, and not for smtps")
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if implicit_tls else 587 if user else 25),
        implicit_tls=implicit_tls,
        starttls=cast("StartTls", mode),
        user=user,
        password=password,
    )


def _bad(reason: str) -> DomainError:
    return DomainError("bad_smtp_url", f"the SMTP address cannot be used: {reason}")
