"""API keys: `trm_<8 characters that name it>_<43 that prove it>`, the latter 256 random bits."""

from __future__ import annotations

import hmac
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import DomainError
from store.api_keys import add_api_key, find_api_key, mark_api_key_used

SCOPES: Final = ("read", "write", "admin")
"""Each allows what stands before it too."""
_FORM: Final = re.compile(r"trm_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_LETTERS: Final = string.ascii_lowercase + string.digits
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key's public part, the name it was given, and what it may do."""

    prefix: str
    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        return any(held in self.scopes for held in SCOPES[SCOPES.index(scope) :])


async def create_key(
    engine: AsyncEngine, name: str, scopes: Sequence[str], expires_in_days: int | None = None
) -> str:
    """Make a key and return it, the only time it can be seen. Raises DomainError `unknown_scope`."""
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise DomainError("unknown_scope", f"scopes are {', '.join(SCOPES)}", field="scopes")
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(days=expires_in_days) if expires_in_days else None
    async with engine.begin() as tx:
        await add_api_key(
            tx, prefix=prefix, sha256=_hash(secret), name=name, scopes=scopes, expires_at=expires_at
        )
    return f"trm_{prefix}_{secret}"


async def recognise(engine: AsyncEngine, key: str, now: datetime) -> Caller | None:
    """Whose key this is; None when it is unknown, revoked or expired."""
    parts = _FORM.fullmatch(key)
    if parts is None:
        return None
    async with engine.connect() as connection:
        row = await find_api_key(connection, parts[1])
        # Compared even where there is no such key, so that time does not tell which prefixes exist.
        same = hmac.compare_digest(_hash(parts[2]), row["sha256"] if row else _hash(""))
        if row is None or not same or row["revoked_at"] or (row["expires_at"] and row["expires_at"] <= now):
            return None
        if row["last_used_at"] is None or now - row["last_used_at"] >= _USE_NOTED_EVERY:
            await mark_api_key_used(connection, parts[1], now)
            await connection.commit()
    return Caller(row["prefix"], row["name"], frozenset(row["scopes"]))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
