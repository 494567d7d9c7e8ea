"""The next notice of an invoice before it leaves, and a step taken by hand."""

from __future__ import annotations

from email import message_from_bytes, policy

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from activities.preview_notice import NoticeAhead, Preview, preview_notice
from api.calls import Reading, Writing, as_uuid
from api.problems import Problem
from api.routes.documents import as_file
from api.schemas.case import Answer
from api.schemas.outbox import ChargeView, NextNotice, NoticeLineView, Performance
from api.show_case import show_reasons
from api.tell_case import Telling, tell_case
from domain.errors import DomainError
from domain.events import Message
from domain.move import Move
from domain.stages import EventKind

router = APIRouter(tags=["outbox"])
_MAIL = "message/rfc822"
_CONTENT = {_MAIL: {}, "application/json": {"schema": {"$ref": "#/components/schemas/NextNotice"}}}


@router.get(
    "/invoices/{invoice_id}/next-notice",
    response_class=Response,
    response_model=None,
    responses={200: {"model": NextNotice, "content": _CONTENT}},
)
async def look_at_next_notice(invoice_id: str, call: Reading) -> Response:
    """The message byte for byte as it leaves at its moment, if nothing happens before. With
    `Accept: application/json`: what it says, when it leaves, and what the case waits for."""
    as_json = "json" in call.request.headers.get("accept", "")
    async with call.tools.engine.connect() as connection:
        try:
            preview = await preview_notice(
                call.tools,
                connection,
                as_uuid(invoice_id),
                call.now,
                mail_from_domain=call.tools.mail_from_domain,
            )
        except DomainError as error:
            if error.code == "unknown_invoice":
                raise
            raise Problem(409, error.code, f"the notice cannot be written: {error.message}") from None
    if as_json:
        return JSONResponse(_told(preview).model_dump(mode="json"))
    if preview.ahead is None:
        codes = ", ".join(reason.code.value for reason in preview.move.reasons)
        raise Problem(409, "nothing_leaves", f"nothing leaves unless something happens: {codes}")
    stored = preview.ahead.draft.notice.stored
    return as_file(stored.content, stored.media_type, f"{stored.id}{_ENDINGS.get(stored.media_type, '')}")


@router.post("/invoices/{invoice_id}/perform", status_code=202, response_model_exclude_unset=True)
async def perform_step(invoice_id: str, body: Performance, call: Writing) -> Answer:
    """Take a step now, whatever its day: it has all the effects that it would have had at its own moment. Courtesy
    steps before it merge into it; no other step is skipped."""
    message = Message(event_id=f"perform/{call.new_id()}", step=body.step)
    return await tell_case(call, Telling(invoice_id, EventKind.STEP_REQUESTED, message, {}, body.note))


_ENDINGS = {_MAIL: ".eml", "text/html": ".html", "application/zip": ".zip"}


def _told(preview: Preview) -> NextNotice:
    ahead = preview.ahead
    return _notice(ahead, preview.move) if ahead else _nothing(preview.move)


def _nothing(move: Move) -> NextNotice:
    return NextNotice(
        leaves_at=None,
        step=None,
        channel=None,
        recipient=None,
        subject=None,
        lines=[],
        charges=[],
        reasons=show_reasons(move),
        mail=None,
    )


def _notice(ahead: NoticeAhead, move: Move) -> NextNotice:
    stored, step = ahead.draft.notice.stored, ahead.departure.lines[0].step
    return NextNotice(
        leaves_at=ahead.departure.at,
        step=step.key if step else None,
        channel=stored.channel,
        recipient=stored.recipient,
        subject=stored.subject,
        lines=[
            NoticeLineView(
                invoice=noted.invoice_id,
                number=ahead.numbers[noted.invoice_id],
                step=noted.step or None,
                open=str(noted.open_amount),
                asked=str(noted.asked),
                currency=line.case.facts.currency,
                moves_on=line.move is not None,
            )
            for noted, line in zip(stored.lines, ahead.departure.lines, strict=False)
        ],
        charges=[
            ChargeView(
                invoice=invoice,
                kind=entry.kind.value,
                amount=str(entry.amount.amount),
                currency=entry.amount.currency,
            )
            for invoice, entry in ahead.charges()
        ],
        reasons=show_reasons(move),
        mail=_text(stored.content, stored.media_type),
    )


def _text(content: bytes, media_type: str) -> str | None:
    if media_type == "text/html":
        return content.decode()
    if media_type != _MAIL:
        return None
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else None
