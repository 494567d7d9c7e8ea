"""Every refusal as RFC 9457 problem details. One table says which status a code has."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from temporalio.service import RPCError

from api.temporal_client import TemporalUnavailable
from domain.errors import DomainError
from domain.new_invoice import InvalidInvoice
from intake.read_invoices_csv import InvalidInvoiceFile

_log = structlog.get_logger(__name__)

STATUS_OF: Final[Mapping[str, int]] = {
    # What the address names does not exist.
    "unknown_invoice": 404,
    "unknown_payment": 404,
    "unknown_dispute": 404,
    "unknown_promise": 404,
    "unknown_hold": 404,
    "unknown_task": 404,
    "unknown_plan": 404,
    "unknown_policy": 404,
    # What is asked was possible once, or may be later.
    "does_not_fit_stage": 409,
    "payment_known": 409,
    "payment_reversed_already": 409,
    "credit_note_known": 409,
    "dispute_known": 409,
    "promise_known": 409,
    "hold_known": 409,
    "plan_known": 409,
    "plan_active": 409,
    "not_awaiting_approval": 409,
    "step_under_way": 409,
    "step_before_it": 409,
    "promise_judged_otherwise": 409,
}
"""Of a DomainError; a code that is not here is a value at fault: 422."""


FIELD_OF: Final[Mapping[str, str]] = {
    "in_the_future": "on",
    "in_the_past": "until",
    "rate_not_known_yet": "on",
}
"""At fault when the error itself names no field."""


PROBLEM_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "code", "detail", "request_id")},
        "status": {"type": "integer"},
        "event_id": {"type": "string", "description": "What is kept, where something is."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
}
"""For the description."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request. `message` reads after the field's name."""

    field: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A refusal on its way to the caller. `detail` must not carry personal data."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
        **values: str | int | None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.values = values


def problem_of(error: BaseException, content_type: str = "") -> Problem:  # noqa: PLR0911 - it is a table
    """The problem that tells of an error; one that nobody expected says nothing but that it is ours."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error, content_type)
        case InvalidInvoice():
            faults = tuple(Fault(p.field, p.code, p.message) for p in error.problems)
            return Problem(422, error.code, error.message, errors=faults)
        case InvalidInvoiceFile():
            faults = tuple(Fault(p.column, p.code, str(p)) for p in error.problems)
            return Problem(422, error.code, "the file cannot be read as a whole", errors=faults)
        case DomainError():
            return _refused(error)
        case HTTPException():
            return _http(error)
        case TemporalUnavailable() | RPCError():
            text = "Temporal, which runs the cases, cannot be reached"
            return Problem(503, "temporal_unavailable", text, headers={"Retry-After": "10"})
        case _ if is_database_away(error):
            text = "PostgreSQL, which keeps the facts, cannot be reached"
            return Problem(503, "database_unavailable", text, headers={"Retry-After": "10"})
        case _:
            return Problem(
                500, "internal_error", "something went wrong here; the log names it by the request id"
            )


def is_database_away(error: BaseException) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError))


def problem_response(request: Request, error: BaseException) -> Response:
    """The problem as an answer."""
    problem = problem_of(error, request.headers.get("content-type", ""))
    request_id = request.scope.get("state", {}).get("request_id", "")
    if problem.status == 500:
        # Where, not what: the text of an error may quote what somebody sent.
        where = "".join(traceback.format_tb(error.__traceback__))
        _log.error("unexpected_error", request_id=request_id, kind=type(error).__name__, where=where)
    body: dict[str, Any] = {
        "type": f"urn:termijn:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
        **{name: value for name, value in problem.values.items() if value is not None},
    }
    if problem.errors:
        body["errors"] = [{"field": f.field, "code": f.code, "message": f.message} for f in problem.errors]
    return JSONResponse(body, problem.status, problem.headers, "application/problem+json")


def _refused(error: DomainError) -> Problem:
    field = error.values.get("field", FIELD_OF.get(error.code))
    faults = (Fault(str(field), error.code, error.message),) if field else ()
    status, stage = STATUS_OF.get(error.code, 422), error.values.get("stage")
    return Problem(status, error.code, error.message, errors=faults, stage=stage)


def _http(error: HTTPException) -> Problem:
    known = {
        404: ("not_found", "there is nothing at this address"),
        405: ("method_not_allowed", "this address does not take this method"),
    }
    code, text = known.get(error.status_code, ("refused", str(error.detail)))
    return Problem(error.status_code, code, text, headers=error.headers)


def _invalid(error: RequestValidationError, content_type: str) -> Problem:
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        why = next(e.get("ctx", {}).get("error", "") for e in found if e["type"] == "json_invalid")
        return Problem(400, "not_json", f"the body is not JSON: {why}")
    if any(tuple(e["loc"]) == ("body",) for e in found):
        if content_type.partition(";")[0].strip() != "application/json":
            return Problem(415, "unsupported_media_type", "the body must be sent as application/json")
        return Problem(422, "invalid_request", "the body must be a JSON object, as /docs describes it")
    faults = tuple(_fault(e) for e in found)
    names = ", ".join(dict.fromkeys(fault.field for fault in faults))
    return Problem(422, "invalid_request", f"the request is refused because of: {names}", errors=faults)


_OWN_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", "is required"),
    "extra_forbidden": ("unknown_field", "is not a field of this request"),
    "string_type": ("not_a_string", "must be a JSON string"),
}


def _fault(error: Mapping[str, Any]) -> Fault:
    field = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    code, message = _OWN_WORDS.get(error["type"], (error["type"], error["msg"]))
    return Fault(field, code, message)
