"""Many invoices at once, as a CSV file."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.calls import Call, Writing
from api.import_csv import ImportSummary, import_csv
from api.problems import Fault, Problem
from intake.amounts import Locale

router = APIRouter(tags=["invoices"])
_CSV: Final = {"type": "string", "description": "docs/api.md names the columns."}
_FORM: Final = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
_BODY: Final = {
    "required": True,
    "content": {"text/csv": {"schema": _CSV}, "multipart/form-data": {"schema": _FORM}},
}


@router.post("/imports/invoices", openapi_extra={"requestBody": _BODY})
async def import_invoices(
    call: Writing,
    *,
    locale: Annotated[
        Locale, Query(description="How amounts are written: 1234.50, or as in that country.")
    ] = "plain",
    strict: Annotated[bool, Query(description="Refuse the whole file for one bad row.")] = False,
) -> ImportSummary:
    """Import a file. A bad row is refused with its line and column, the rest goes in; the same file twice
    changes nothing. With `strict` one problem refuses the file (422), and nothing is stored."""
    summary = await import_csv(call.tools, await _file(call), locale=locale, strict=strict)
    if not summary.stored:
        faults = tuple(Fault(f"line {p.line}: {p.column}", p.code, p.reason) for p in summary.problems)
        raise Problem(422, "invalid_invoice_file", "nothing was stored, for what is listed", errors=faults)
    return summary


async def _file(call: Call) -> bytes:
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/csv":
        body: bytes = call.request.state.body
        return body
    if kind != "multipart/form-data":
        raise Problem(415, "unsupported_media_type", "send the file as text/csv or multipart/form-data")
    try:
        async with call.request.form(max_files=1, max_fields=1) as form:
            parts = [part for part in form.values() if isinstance(part, UploadFile)]
            if len(parts) == 1:
                return await parts[0].read()
    except HTTPException as error:  # how Starlette says that a form is broken
        raise Problem(400, "bad_form", str(error.detail)) from None
    raise Problem(422, "no_file", "the form must hold one file")
