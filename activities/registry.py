"""The activities that workers offer, under the names workflows call. Expected failures become Temporal's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.advance_plan import advance_plan
from activities.apply_event import apply_event
from activities.reconcile import reconcile
from activities.take_next_step import take_next_step
from activities.tools import Tools
from domain import contract as c
from domain.errors import DomainError

_log = structlog.get_logger()


def all_activities(tools: Tools) -> list[Callable[..., Awaitable[Any]]]:
    """What a DomainError forbids today it forbids tomorrow, so it is not retried; everything else is."""

    @activity.defn(name=c.TAKE_NEXT_STEP)
    async def _take_next_step(request: c.TakeStep) -> c.NextMove:
        with _told_to_temporal():
            info = activity.info()
            queued = info.started_time - info.current_attempt_scheduled_time
            return await take_next_step(tools, request, resuming=info.attempt > 1, queued=queued)

    @activity.defn(name=c.APPLY_EVENT)
    async def _apply_event(request: c.ApplyEvent) -> c.NextMove:
        with _told_to_temporal():
            return await apply_event(tools, request)

    @activity.defn(name=c.ADVANCE_PLAN)
    async def _advance_plan(request: c.AdvancePlan) -> c.PlanNext:
        with _told_to_temporal():
            return await advance_plan(tools, request)

    @activity.defn(name=c.RECONCILE)
    async def _reconcile(request: c.Reconcile) -> c.Reconciled:
        with _told_to_temporal():
            return await reconcile(tools.engine, tools.client, tools.task_queue, request)

    return [_take_next_step, _apply_event, _advance_plan, _reconcile]


class _told_to_temporal:  # noqa: N801 - reads as a statement
    """Turn a DomainError into a failure that Temporal does not retry. Codes and values only: no provider's words.

    Any other error may quote the row it stumbled over, so its words stay in our own log.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DomainError):
            raise ApplicationError(error.message, error.values, type=error.code, non_retryable=True) from None
        if isinstance(error, Exception):
            _log.error("activity_failed", activity=activity.info().activity_type, exc_info=error)
            raise ApplicationError("see the worker's log", type=type(error).__name__) from None
