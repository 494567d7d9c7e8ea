"""One request, as routes see it: who asks, what they may, and how long they are willing to wait."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID, uuid4, uuid5

from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from api.keys import Caller
from api.middleware.authenticate import CHALLENGE
from api.problems import Fault, Problem
from api.tools import ApiTools

LONGEST_WAIT: Final = 30
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])", re.IGNORECASE)
_NAMESPACE: Final = UUID("6f1f2c0e-9d0b-4a5e-8c55-0b5f1c7f7d11")
_BEARER: Final = HTTPBearer(auto_error=False, description="An API key: `termijn key create`.")


@dataclass(frozen=True, slots=True)
class Call:
    request: Request
    response: Response
    """Its status and headers may be set; the body is what the route returns."""
    tools: ApiTools
    caller: Caller

    @property
    def now(self) -> datetime:
        return self.tools.utc_now()

    @property
    def wait(self) -> int:
        """Seconds, from `Prefer: wait=N`; 0: do not."""
        asked = _WAIT.search(self.request.headers.get("prefer", ""))
        return min(int(asked[1]), LONGEST_WAIT) if asked else 0

    def new_id(self) -> str:
        """An id for what this call creates: the same for the same Idempotency-Key, so that a repeat after
        a failure half-way goes on where it stopped."""
        key = self.request.headers.get("idempotency-key")
        if key is None:
            return str(uuid4())
        return str(uuid5(_NAMESPACE, f"{self.caller.prefix} {key} {self.request.url.path}"))


def may(scope: str) -> Callable[..., Awaitable[Call]]:
    """A dependency: the call, if its key has the scope."""

    async def call(request: Request, response: Response, _: Annotated[object, Security(_BEARER)]) -> Call:
        caller: Caller = request.state.caller
        if not caller.may(scope):
            challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'
            text = f"this needs a key with scope {scope}"
            raise Problem(403, "scope_missing", text, headers={"WWW-Authenticate": challenge})
        _refuse_unknown_query(request)
        return Call(request, response, request.app.state.tools, caller)

    return call


Reading = Annotated[Call, Depends(may("read"))]
Writing = Annotated[Call, Depends(may("write"))]


def _refuse_unknown_query(request: Request) -> None:
    """A filter that is misspelt must not look as if it found everything."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = {field.alias for field in route.dependant.query_params}
    if unknown := sorted(set(request.query_params) - known):
        text = f"known here: {', '.join(sorted(known)) or 'none'}"
        faults = tuple(
            Fault(name[:60], "unknown_parameter", "is not a parameter of this address") for name in unknown
        )
        raise Problem(422, "unknown_parameter", text, errors=faults)


def as_uuid(text: str) -> str | None:
    """The canonical form of an id, or None for what cannot be one."""
    try:
        return str(UUID(text))
    except ValueError:
        return None
