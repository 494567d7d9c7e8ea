"""`Idempotency-Key` on any POST: the same request again gets the same answer, and has no second effect."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.tools import ApiTools
from store.idempotency import KeptAnswer, claim_key, free_key, keep_answer, purge_keys

_FORM: Final = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS: Final = frozenset({"content-type", "location", "preference-applied"})
_PURGE_EVERY: Final = timedelta(hours=1)


class Idempotency:
    def __init__(self, app: ASGIApp, tools: ApiTools) -> None:
        self._app, self._tools = app, tools
        self._purged_at: datetime | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get("state", {}).get("caller")
        request = Request(scope) if scope["type"] == "http" else None
        key = request.headers.get("idempotency-key") if request else None
        if request is None or caller is None or key is None or request.method != "POST":
            await self._app(scope, receive, send)
            return
        if not _FORM.fullmatch(key):
            raise Problem(
                400, "bad_idempotency_key", "Idempotency-Key must be 1 to 200 visible ASCII characters"
            )
        kept = await self._claim(caller.prefix, key, _fingerprint(request, scope["state"]["body"]))
        if kept is not None:
            await _replay(kept)(scope, receive, send)
            return
        await self._run(scope, receive, send, caller.prefix, key)

    async def _claim(self, prefix: str, key: str, fingerprint: str) -> KeptAnswer | None:
        now = self._tools.utc_now()
        async with self._tools.engine.begin() as tx:
            if self._purged_at is None or now - self._purged_at > _PURGE_EVERY:
                self._purged_at = now
                await purge_keys(tx, now)
            kept = await claim_key(tx, prefix, key, fingerprint, now)
        if kept and kept.request_sha256 != fingerprint:
            text = "this Idempotency-Key was used for a different request"
            raise Problem(422, "idempotency_key_reused", text)
        if kept and kept.status is None:
            text = "the first request with this Idempotency-Key is still running"
            raise Problem(409, "request_in_progress", text, headers={"Retry-After": "1"})
        return kept

    async def _run(self, scope: Scope, receive: Receive, send: Send, prefix: str, key: str) -> None:
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            answer.append(message)

        kept = False
        try:
            await self._app(scope, receive, collect)
            start = answer[0]
            if start["status"] < 500:
                body = b"".join(m.get("body", b"") for m in answer[1:])
                headers = {
                    k.decode(): v.decode() for k, v in start["headers"] if k.decode().lower() in _KEPT_HEADERS
                }
                async with self._tools.engine.begin() as tx:
                    await keep_answer(tx, prefix, key, status=start["status"], headers=headers, body=body)
                kept = True
        finally:
            if not kept:
                await self._free(prefix, key)
        for message in answer:
            await send(message)

    async def _free(self, prefix: str, key: str) -> None:
        """Where even that fails, the key frees itself after a while."""
        with contextlib.suppress(SQLAlchemyError):
            async with self._tools.engine.begin() as tx:
                await free_key(tx, prefix, key)


def _fingerprint(request: Request, body: bytes) -> str:
    what = (
        f"{request.method} {request.url.path}?{request.url.query} {request.headers.get('content-type', '')}\n"
    )
    return sha256(what.encode() + body).hexdigest()


def _replay(kept: KeptAnswer) -> Response:
    headers = kept.headers | {"Idempotency-Replayed": "true"}
    return Response(kept.body, kept.status or 200, headers)
