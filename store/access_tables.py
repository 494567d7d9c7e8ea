"""The part of the schema that is about callers of the API."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.columns import code, metadata, moment, recorded

api_keys = Table(
    "api_keys",
    metadata,
    code("prefix"),
    code("sha256"),
    code("name"),
    Column("scopes", ARRAY(Text), nullable=False),
    recorded(),
    moment("expires_at"),
    moment("revoked_at"),
    moment("last_used_at"),
    PrimaryKeyConstraint("prefix"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    code("prefix"),  # of the API key: keys of different callers never meet
    code("key"),
    code("request_sha256"),
    Column("status", Integer, nullable=True),  # empty: the first call is still running
    Column("headers", JSONB, nullable=True),
    Column("body", LargeBinary, nullable=True),
    recorded(),
    PrimaryKeyConstraint("prefix", "key"),
)
