"""Papers: the invoice itself, notices as they were sent, and the dossier of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from activities.assemble_dossier import assemble_dossier
from api.calls import Reading, Writing, as_uuid
from api.problems import Problem
from api.show_case import case_now
from channels.dossier import build_dossier
from domain.errors import DomainError
from store.documents import attach_document, read_notice, read_notice_content
from store.read_dossier import read_invoice_document
from store.read_letterhead import read_letterhead

router = APIRouter(tags=["papers"])
PDF: Final = "application/pdf"
FileName = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]


class AttachedDocument(BaseModel):
    name: str
    sha256: str
    bytes: int


class NoticeView(BaseModel):
    id: str
    kind: str
    channel: str
    recipient: str
    subject: str
    message_id: str
    sha256: str
    created_at: datetime
    sent_at: datetime | None
    server_reply: str
    invoices: list[str]


@router.put(
    "/invoices/{invoice_id}/document", openapi_extra={"requestBody": {"required": True, "content": {PDF: {}}}}
)
async def hand_in_document(
    invoice_id: str, call: Writing, filename: FileName = "invoice.pdf"
) -> AttachedDocument:
    """The invoice as a PDF. It goes into the dossier; handed in again, the newer one counts."""
    content: bytes = call.request.state.body
    if call.request.headers.get("content-type", "").partition(";")[0].strip() != PDF:
        raise Problem(415, "unsupported_media_type", f"the body must be sent as {PDF}")
    if not content.startswith(b"%PDF-"):
        raise Problem(422, "not_a_pdf", "the body is not a PDF")
    id_ = as_uuid(invoice_id)
    async with call.tools.engine.begin() as tx:
        digest = (
            await attach_document(tx, id_, name=filename, media_type=PDF, content=content) if id_ else None
        )
        if digest is None:
            raise DomainError("unknown_invoice", "no invoice has this id")
    return AttachedDocument(name=filename, sha256=digest, bytes=len(content))


@router.get(
    "/invoices/{invoice_id}/document", response_class=Response, responses={200: {"content": {PDF: {}}}}
)
async def look_at_document(invoice_id: str, call: Reading) -> Response:
    """The invoice as it was handed in."""
    id_ = as_uuid(invoice_id)
    async with call.tools.engine.connect() as connection:
        document = await read_invoice_document(connection, id_) if id_ else None
    if document is None:
        raise Problem(404, "unknown_document", "there is no document with this invoice")
    return as_file(bytes(document[1]), PDF, document[0])


@router.get(
    "/invoices/{invoice_id}/dossier",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
async def take_dossier(invoice_id: str, call: Reading) -> Response:
    """All that a collector asks for, as a ZIP, as of this moment."""
    async with call.tools.engine.connect() as connection:
        case = await case_now(call.tools, connection, as_uuid(invoice_id))
        letterhead = await read_letterhead(connection, case.facts.invoice_id)
        dossier = await assemble_dossier(connection, case.facts, case.policy, letterhead, case.now)
    return as_file(build_dossier(dossier), "application/zip", f"dossier-{case.invoice.number}.zip")


@router.get("/notices/{notice_id}")
async def look_at_notice(notice_id: str, call: Reading) -> NoticeView:
    """What is known of a notice; `sent_at` is empty until it is known to have left."""
    id_ = as_uuid(notice_id)
    async with call.tools.engine.connect() as connection:
        row = await read_notice(connection, id_) if id_ else None
    if row is None:
        raise Problem(404, "unknown_notice", "no notice has this id")
    plain = set(NoticeView.model_fields) - {"sha256", "invoices"}
    return NoticeView(
        **{name: row[name] for name in plain}, sha256=row["document_sha256"], invoices=row["invoice_ids"]
    )


@router.get(
    "/notices/{notice_id}/content",
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}}},
)
async def read_content(notice_id: str, call: Reading) -> Response:
    """The message, byte for byte as it was handed to the mail server."""
    id_ = as_uuid(notice_id)
    async with call.tools.engine.connect() as connection:
        content = await read_notice_content(connection, id_) if id_ else None
    if content is None:
        raise Problem(404, "unknown_notice", "no notice has this id")
    return as_file(content, "message/rfc822", f"{id_}.eml")


def as_file(content: bytes, media_type: str, name: str) -> Response:
    """To be kept under this name."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
