"""Connections to PostgreSQL."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def make_engine(database_url: str, *, connections: int = 10, check: bool = True) -> AsyncEngine:
    """A pool of at most `connections`.

    `check`: ask each connection whether it is alive before using it, so that a restarted server is never noticed.
    Without, the first uses after a restart fail: right for workers, whose activities are retried anyway.
    """
    return create_async_engine(
        database_url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=check,
        pool_timeout=10,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": "termijn", "prepare_threshold": 1},
    )
