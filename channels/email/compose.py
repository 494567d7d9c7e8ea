"""A letter becomes a message: headers, text and HTML, the same bytes every time."""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from channels.email.address import address, display_name, notice_id
from channels.email.policy import SMTP
from channels.letter import HandOver, Letter
from channels.render import render


@dataclass(frozen=True, slots=True)
class ComposedMail:
    """A message ready to leave, as it will be kept for evidence.

    `sender` and `recipient` are bare addresses; the envelope sender is where bounces go and names the notice.
    """

    message_id: str
    subject: str
    sender: str
    recipient: str
    envelope_sender: str
    raw: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a letter."""

    filename: str
    content: bytes
    content_type: str = "application/zip"


def compose(
    letter: Letter, *, message_id_domain: str, at: datetime, attachments: tuple[Attachment, ...] = ()
) -> ComposedMail:
    """The letter as an e-mail to its debtor (a hand-over: to its agency), dated `at` (with a time zone).

    Equal arguments give equal bytes. Raises DomainError: `no_email_address`, `bad_email_address`,
    `header_injection`, `bad_notice_id`, `unknown_template`.
    """
    identity = notice_id(letter.notice_id)
    rendered = render(letter)
    if isinstance(letter, HandOver):
        recipient, name = address(letter.agency_email, field="agency"), letter.agency_name
    else:
        recipient, name = (
            address(letter.debtor.email, field="debtor"),
            letter.contact_name or letter.debtor.name,
        )
    sender = address(letter.creditor.email, field="creditor")
    message_id = f"<{identity}@{message_id_domain}>"
    message = _body(rendered.text, rendered.html, identity, attachments)
    headers = {
        "From": formataddr((display_name(letter.creditor.name), sender)),
        "To": formataddr((display_name(name), recipient)),
        "Subject": rendered.subject,
        "Date": format_datetime(at),
        "Message-ID": message_id,
        "Content-Language": rendered.language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if letter.reply_to:
        headers["Reply-To"] = address(letter.reply_to, field="reply-to")
    for field, value in headers.items():
        message[field] = value
    raw = message.as_bytes()
    return ComposedMail(
        message_id=message_id,
        subject=rendered.subject,
        sender=sender,
        recipient=recipient,
        envelope_sender=address(f"notice+{identity}@{message_id_domain}", field="envelope"),
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def compose_hand_over(
    letter: HandOver, dossier: bytes, *, message_id_domain: str, at: datetime
) -> ComposedMail:
    """The hand-over with its dossier (a ZIP) attached; otherwise as `compose`."""
    number = re.sub(r"[^A-Za-z0-9._-]+", "_", letter.lines[0].number)
    attachment = Attachment(f"dossier-{number}.zip", dossier)
    return compose(letter, message_id_domain=message_id_domain, at=at, attachments=(attachment,))


def _body(text: str, html: str, identity: str, attachments: tuple[Attachment, ...]) -> EmailMessage:
    """Text and HTML as alternatives; with attachments, those and the files as a mixed message."""
    alternatives = EmailMessage(policy=SMTP)
    alternatives["MIME-Version"] = "1.0"
    alternatives["Content-Type"] = f'multipart/alternative; boundary="alternative-{identity}"'
    alternatives.set_payload([_text_part(text, "plain"), _text_part(html, "html")])
    if not attachments:
        return alternatives
    del alternatives["MIME-Version"]
    message = EmailMessage(policy=SMTP)
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/mixed; boundary="mixed-{identity}"'
    message.set_payload([alternatives])
    for attachment in attachments:
        # By the library, under its own policy: file names need its encoding of parameters.
        part = EmailMessage(policy=policy.SMTP)
        maintype, _, subtype = attachment.content_type.partition("/")
        part.set_content(attachment.content, maintype, subtype, filename=attachment.filename)
        del part["MIME-Version"]
        message.attach(part)
    return message


def _text_part(text: str, subtype: str) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # set_content() would choose and apply the encoding in Python, a line at a time; this is the same in C.
    part.set_payload(b2a_qp(text.encode("utf-8")).decode("ascii"))
    return part
