"""Bodies are read whole before anything else looks at them, and never beyond their limit."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, problem_response
from api.tools import MIB

_DRAINED: Final = 64 * MIB
"""How much of a refused body is still read and forgotten, so that the sender gets to see the answer."""
_LARGE: Final = ("/v1/imports/", "/document")


class BodyLimit:
    """`large` bytes for files (imports, documents), `usual` for all else."""

    def __init__(self, app: ASGIApp, usual: int, large: int) -> None:
        self._app, self._usual, self._large = app, usual, large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = self._large if path.startswith(_LARGE[0]) or path.endswith(_LARGE[1]) else self._usual
        body = await _read(Request(scope), receive, limit)
        if body is None:
            text = f"the body is larger than {limit} bytes"
            await problem_response(Request(scope), Problem(413, "body_too_large", text, limit=limit))(
                scope, receive, send
            )
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        scope["state"]["body"] = body
        await self._app(scope, replay, send)


async def _read(request: Request, receive: Receive, limit: int) -> bytes | None:
    """The body; None when it is too large by what its header says or by what came."""
    declared = request.headers.get("content-length", "0")
    too_large = not declared.isdecimal() or int(declared) > limit
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None if too_large else b"".join(chunks)
        size += len(message.get("body", b""))
        if size > limit:
            too_large, chunks = True, []
        elif not too_large:
            chunks.append(message.get("body", b""))
        if not message.get("more_body") or size > _DRAINED:
            return None if too_large else b"".join(chunks)
