"""The sink's mailbox as a web page: a list, and each mail with its parts. Loads nothing from elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from worker.embedded.maildir import SunkMail, mail_keys, read_mail

_SHOWN: Final = 200
_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined
)
# Mails are strangers: no script runs, nothing is fetched, and the frame they show in has no origin.
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `size` in bytes."""

    name: str
    size: int
    content: bytes


def mailbox_app(maildir: Path) -> Starlette:
    """`/`, `/mails/{key}`, `/mails/{key}/source`, `/mails/{key}/attachments/{number}`."""
    return Starlette(
        routes=[
            Route("/", partial(_list, maildir)),
            Route("/mails/{key}", partial(_show, maildir)),
            Route("/mails/{key}/source", partial(_source, maildir)),
            Route("/mails/{key}/attachments/{number:int}", partial(_download, maildir)),
        ]
    )


async def serve_page(maildir: Path, port: int, ended: asyncio.Event) -> None:
    """Serve on 127.0.0.1 until `ended`."""
    config = uvicorn.Config(mailbox_app(maildir), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - `serve` takes the signals for itself
    await ended.wait()
    server.should_exit = True
    await serving


def _list(maildir: Path, _request: Request) -> Response:
    keys = mail_keys(maildir)
    newest = [mail for key in reversed(keys[-_SHOWN:]) if (mail := read_mail(maildir, key))]
    return _page("list.html", mails=[(mail, mail.message) for mail in newest], total=len(keys))


def _show(maildir: Path, request: Request) -> Response:
    mail = _asked_for(maildir, request)
    message = mail.message
    return _page(
        "mail.html",
        mail=mail,
        message=message,
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=_attachments(message),
    )


def _source(maildir: Path, request: Request) -> Response:
    return Response(_asked_for(maildir, request).raw, media_type="text/plain", headers=_HEADERS)


def _download(maildir: Path, request: Request) -> Response:
    attachments = _attachments(_asked_for(maildir, request).message)
    number: int = request.path_params["number"]
    if number >= len(attachments):
        raise HTTPException(404)
    disposition = f"attachment; filename*=UTF-8''{quote(attachments[number].name)}"
    return Response(
        attachments[number].content,
        media_type="application/octet-stream",
        headers=_HEADERS | {"Content-Disposition": disposition},
    )


def _asked_for(maildir: Path, request: Request) -> SunkMail:
    mail = read_mail(maildir, request.path_params["key"])
    if mail is None:
        raise HTTPException(404)
    return mail


def _body(message: EmailMessage, kind: str) -> str:
    """The part a mail program would show; empty when there is none of this kind."""
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _attachments(message: EmailMessage) -> list[Attachment]:
    found: list[Attachment] = []
    for number, part in enumerate(message.iter_attachments(), start=1):
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else part.as_bytes()
        found.append(Attachment(part.get_filename() or f"part-{number}", len(data), data))
    return found


def _page(name: str, **values: object) -> Response:
    return HTMLResponse(_PAGES.get_template(name).render(values), headers=_HEADERS)
