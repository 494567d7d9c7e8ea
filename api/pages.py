"""Keyset pagination: the place where a page ended, as an opaque text."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query

from api.calls import Call
from api.problems import Fault, Problem

Limit = Annotated[int, Query(ge=1, le=200, description="At most this many.")]
After = Annotated[str | None, Query(max_length=200, description="From `next` of the page before.")]
USUAL: Final = 50


def read_place(after: str | None) -> tuple[datetime, str] | None:
    """Raises Problem for what this API never gave out."""
    if after is None:
        return None
    try:
        moment, _, id_ = base64.urlsafe_b64decode(after.encode() + b"==").decode().partition(" ")
        return datetime.fromisoformat(moment), str(UUID(id_))
    except (ValueError, binascii.Error):
        fault = Fault("after", "bad_place", "was not given out by this API")
        raise Problem(422, "invalid_request", "the page cannot be found", errors=(fault,)) from None


def next_page(call: Call, at: datetime, id_: str) -> str:
    """The address of the page that begins after this row, with the same filters; relative to the host."""
    place = base64.urlsafe_b64encode(f"{at.isoformat()} {id_}".encode()).decode().rstrip("=")
    url = call.request.url.include_query_params(after=place)
    return f"{url.path}?{url.query}"
