"""Waiting for a condition, the only way a test waits."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[T] | T], *, within: float = 10.0, what: str = "") -> T:
    """Ask until the answer is truthy, return it; AssertionError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return cast("T", answer)
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what or condition}; last answer {answer!r}")
        await asyncio.sleep(0.02)
