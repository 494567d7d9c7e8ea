"""The application: what requests pass through, and where they end up."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from temporalio.service import RPCError

from api.middleware.authenticate import Authenticate
from api.middleware.body_limit import BodyLimit
from api.middleware.idempotency import Idempotency
from api.middleware.request_context import RequestContext
from api.problems import PROBLEM_SCHEMA, Problem, problem_response
from api.routes import (
    agreements,
    bounces,
    calculators,
    cash,
    claims,
    debtors,
    docs,
    documents,
    endings,
    explain,
    health,
    imports,
    invoices,
    money,
    next_notice,
    outbox,
    plans,
    policies,
    tasks,
)
from api.temporal_client import TemporalUnavailable
from api.tools import ApiTools
from domain.errors import DomainError

_DESCRIPTION = """
Amounts are strings. Every message to a case answers 202 once Temporal has it; with `Prefer: wait=5` it
answers 200 with the new state of the case as soon as it was applied. `Idempotency-Key` is honoured on every
POST. Every error is a problem (RFC 9457) with a `code`.
"""
_EXPECTED = (
    Problem,
    DomainError,
    RequestValidationError,
    HTTPException,
    TemporalUnavailable,
    RPCError,
    SQLAlchemyError,
)
_UNDER_V1 = (
    invoices,
    explain,
    imports,
    money,
    agreements,
    endings,
    plans,
    tasks,
    debtors,
    cash,
    bounces,
    next_notice,
    outbox,
    documents,
    policies,
    calculators,
    claims,
)
_CONTENT = {"application/problem+json": {"schema": PROBLEM_SCHEMA}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request is refused.", "content": _CONTENT},
    422: {"description": "A value is refused; `errors` names the fields.", "content": _CONTENT},
    503: {"description": "PostgreSQL or Temporal is away; `code` says which.", "content": _CONTENT},
}


def create_app(tools: ApiTools) -> FastAPI:
    app = FastAPI(
        title="Termijn",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        middleware=[
            Middleware(RequestContext),
            Middleware(Authenticate, tools=tools),
            Middleware(BodyLimit, usual=tools.max_body_bytes, large=tools.import_max_bytes),
            Middleware(Idempotency, tools=tools),
        ],
        exception_handlers=dict.fromkeys(_EXPECTED, _answer_problem),
    )
    app.state.tools = tools
    for part in _UNDER_V1:
        app.include_router(part.router, prefix="/v1", responses=_PROBLEMS)
    app.include_router(health.router)
    app.include_router(docs.router)
    app.mount("/docs/static", docs.assets)
    return app


async def _answer_problem(request: Request, error: Exception) -> Response:
    return problem_response(request, error)
