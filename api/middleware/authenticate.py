"""Everything under /v1 needs a key. What the key may do is checked by each route."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.keys import recognise
from api.problems import Problem, problem_response
from api.tools import ApiTools

CHALLENGE: Final = 'Bearer realm="termijn"'


class Authenticate:
    def __init__(self, app: ASGIApp, tools: ApiTools) -> None:
        self._app, self._tools = app, tools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1"):
            request = Request(scope)
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not key:
                text = "send an API key as `Authorization: Bearer trm_...`; `termijn key create` makes one"
                refusal = Problem(401, "key_missing", text, headers={"WWW-Authenticate": CHALLENGE})
                await problem_response(request, refusal)(scope, receive, send)
                return
            caller = await recognise(self._tools.engine, key.strip(), self._tools.utc_now())
            if caller is None:
                challenge = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
                refusal = Problem(
                    401, "key_invalid", "this API key is unknown, revoked or expired", headers=challenge
                )
                await problem_response(request, refusal)(scope, receive, send)
                return
            scope["state"]["caller"] = caller
        await self._app(scope, receive, send)
