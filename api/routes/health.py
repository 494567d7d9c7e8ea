"""Whether the process lives, and whether it can work."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.temporal_client import TemporalUnavailable
from api.tools import ApiTools

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str


class Readiness(BaseModel):
    status: str
    parts: dict[str, str]


@router.get("/healthz")
async def is_alive() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz")
async def is_ready(request: Request, response: Response) -> Readiness:
    """PostgreSQL and Temporal can be reached; else 503 names which cannot."""
    tools: ApiTools = request.app.state.tools
    database, temporal = await asyncio.gather(_database(tools), _temporal(tools))
    parts = {"postgresql": database, "temporal": temporal}
    ready = set(parts.values()) == {"ok"}
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not_ready", parts=parts)


async def _database(tools: ApiTools) -> str:
    try:
        async with asyncio.timeout(3), tools.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, TimeoutError):
        return "unreachable"
    return "ok"


async def _temporal(tools: ApiTools) -> str:
    try:
        await tools.temporal.check()
    except TemporalUnavailable:
        return "unreachable"
    return "ok"
