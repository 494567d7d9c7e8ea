"""Connections to PostgreSQL."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def make_engine(database_url: str, *, connections: int = 10) -> AsyncEngine:
    """An engine that finds out by itself when the server was restarted."""
    return create_async_engine(
        database_url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args={"connect_timeout": 5, "application_name": "termijn"},
    )
