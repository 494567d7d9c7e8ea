"""Notices that came back: what they were about goes again by the next channel."""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter

from api.calls import Call, Writing, as_uuid
from api.deliver_kept import deliver_kept
from api.problems import Problem
from api.schemas.bounces import Bounce, BounceAnswer, BouncedCase
from api.tell_case import follow
from domain.events import Message
from domain.stages import EventKind
from store.bounces import BouncedLine, lines_to_repeat, read_sent_notice, told_of
from store.record_event import add_event

router = APIRouter(tags=["notices"])
_ENVELOPE: Final = re.compile(r"<?notice\+([0-9a-f-]{36})@[^@\s]+", re.IGNORECASE)
"""Senders of our envelopes name the notice, so that a mail server's report can be passed on as it is."""


@router.post("/notices/{notice_id}/bounce", status_code=202)
async def report_bounce(notice_id: str, body: Bounce, call: Writing) -> BounceAnswer:
    """A notice did not reach the debtor: by its id, or the address it came back to (`notice+ID@...`). Every invoice in
    it goes by its step's next channel, else a person is asked. Told twice, it counts once."""
    named = _ENVELOPE.fullmatch(notice_id.strip().rstrip(">"))
    id_ = as_uuid(named[1] if named else notice_id)
    async with call.tools.engine.begin() as tx:
        notice = await read_sent_notice(tx, id_) if id_ else None
        if notice is None or id_ is None:
            raise Problem(404, "unknown_notice", "no notice has this id")
        if notice.sent_at is None:
            raise Problem(409, "not_sent", "this notice is not known to have left")
        # The same notice can leave again once an address is mended, and come back again.
        event_id = f"bounce/{id_}/{notice.sent_at:%Y%m%dT%H%M%S}"
        for line in await lines_to_repeat(tx, id_):
            message = Message(event_id, ref=id_, step=line.step)
            await add_event(
                tx,
                line.invoice_id,
                EventKind.NOTICE_BOUNCED,
                message,
                actor=call.caller.name,
                note=body.reason,
            )
        told = await told_of(tx, id_, event_id)
    if not told:
        text = "nothing stands on this notice any more: it announced an instalment, or what it asked is paid"
        raise Problem(409, "nothing_to_repeat", text)
    deliver_kept(call, event_id)
    cases = [await _case(call, line, event_id) for line in told]
    if call.wait:
        call.response.headers["Preference-Applied"] = f"wait={call.wait}"
        if all(case.status != "accepted" for case in cases):
            call.response.status_code = 200
    return BounceAnswer(notice_id=id_, event_id=event_id, cases=cases)


async def _case(call: Call, line: BouncedLine, event_id: str) -> BouncedCase:
    kept = await follow(call, line.invoice_id, event_id)
    status = "accepted"
    if kept and kept.applied_at:
        status = "refused" if kept.refusal else "applied"
    return BouncedCase(
        invoice_id=line.invoice_id, step=line.step, status=status, refusal=kept.refusal if kept else None
    )
