"""A day's worth of sending before it leaves, and its release."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from activities.list_outbox import outbox_of_debtor
from activities.release_steps import Released, release_steps
from api.calls import Call, Reading, Writing
from api.deliver_kept import deliver_kept
from api.pages import USUAL, After, Limit, next_page, read_place
from api.problems import Fault, Problem
from api.schemas.outbox import OutboxPage, Release, ReleaseAnswer, ReleasedView
from api.show_outbox import show_not_sent, show_notice
from store.find_outbox import debtors_of_outbox
from store.find_undelivered import unapplied

router = APIRouter(tags=["outbox"])
_FARTHEST: Final = timedelta(days=366)
_HOME: Final = ZoneInfo("Europe/Amsterdam")
"""Whose date is today's, where no policy is asked."""
_PAUSE: Final = 0.1
"""Seconds between two looks at what was released."""
Creditor = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


@router.get("/outbox")
async def look_at_outbox(
    call: Reading,
    *,
    on: date | None = None,
    creditor: Creditor = None,
    after: After = None,
    limit: Limit = USUAL,
) -> OutboxPage:
    """What leaves on a day (today when left out) if nothing happens before, debtor by debtor; and which cases are
    due by then and do not leave. What awaits approval now is listed today and on the day it would leave."""
    day, now = _checked(on, call.now), call.now
    async with call.tools.engine.connect() as connection:
        rows = await debtors_of_outbox(
            connection, day, creditor=creditor, after=read_place(after), limit=limit + 1
        )
        page = [
            await outbox_of_debtor(
                call.tools, connection, row, day, now, mail_from_domain=call.tools.mail_from_domain
            )
            for row in rows[:limit]
        ]
    last = rows[limit - 1] if len(rows) > limit else None
    return OutboxPage(
        on=day,
        notices=[show_notice(notice) for outbox in page for notice in outbox.notices],
        not_sent=[show_not_sent(case) for outbox in page for case in outbox.not_sent],
        next=next_page(call, last["created_at"], last["id"]) if last else None,
    )


@router.post("/outbox/release", status_code=202)
async def release(body: Release, call: Writing) -> ReleaseAnswer:
    """Approve the steps that await approval: of these invoices, or all. 200 with `Prefer: wait` when all is applied."""
    _checked(date.fromisoformat(body.on) if body.on else None, call.now)
    event_id = f"release/{call.new_id()}"
    names = None if body.all else body.invoices
    done = await release_steps(
        call.tools.engine, call.tools, names, event_id, call.now, actor=call.caller.name, note=body.note
    )
    released = any(r.step for r in done)
    if released:
        deliver_kept(call, event_id)
    applied = released and await _applied(call, event_id)
    call.response.status_code = 200 if applied else 202
    return ReleaseAnswer(event_id=event_id, results=[_released(r, applied=applied) for r in done])


async def _applied(call: Call, event_id: str) -> bool:
    """Whether every case has applied it, as far as the caller waits."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + call.wait
    while call.wait and loop.time() < deadline:
        async with call.tools.engine.connect() as connection:
            waiting, _ = await unapplied(connection, event_id)
        if not waiting:
            return True
        await asyncio.sleep(_PAUSE)
    return False


def _checked(on: date | None, now: datetime) -> date:
    """The day asked about. Raises Problem for one that is over, or too far away to say anything of it."""
    today = now.astimezone(_HOME).date()
    if on is not None and not today <= on <= today + _FARTHEST:
        code = "in_the_past" if on < today else "too_far_away"
        text = f"must be from {today} to {today + _FARTHEST}"
        raise Problem(422, code, f"on {text}", errors=(Fault("on", code, text),))
    return on or today


def _released(result: Released, *, applied: bool) -> ReleasedView:
    status = result.refusal or ("applied" if applied else "accepted")
    return ReleasedView(invoice=result.invoice, number=result.number, step=result.step, status=status)
