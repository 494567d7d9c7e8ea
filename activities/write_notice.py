"""Turn a step that is due into the message that will leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.assemble_dossier import assemble_dossier
from activities.name_parties import party
from activities.tools import Tools
from channels.dossier import build_dossier
from channels.email.compose import Attachment, ComposedMail, compose
from channels.letter import Bank, HandOver, InvoiceLine, Letter, Reminder
from domain.facts import Facts
from domain.ledger import EntryKind, balance
from domain.policy import Channel, Policy, Step
from domain.take_step import notice_id
from store.read_letterhead import read_letterhead
from store.record_notice import NewNotice

_RECEIVED = frozenset({EntryKind.PAYMENT, EntryKind.REVERSAL, EntryKind.SURPLUS, EntryKind.SURPLUS_RETURNED})


@dataclass(frozen=True, slots=True)
class Notice:
    step: Step
    mail: ComposedMail
    stored: NewNotice


async def write_notice(
    tools: Tools, tx: AsyncConnection, facts: Facts, policy: Policy, step: Step, now: datetime
) -> Notice:
    """The notice of a mail step or a hand-over, with the amounts of this moment. Raises DomainError when the mail
    cannot be composed (an address that is none)."""
    letterhead = await read_letterhead(tx, facts.invoice_id)
    letter: Letter
    attachments: tuple[Attachment, ...] = ()
    if step.channel is Channel.HAND_OVER:
        letter = HandOver(
            **letter_parts(letterhead, facts, policy, notice_id(facts, step.key), now),
            agency_name="",
            agency_email=policy.agency_email or "",
        )
        dossier = build_dossier(await assemble_dossier(tx, facts, letterhead, now))
        attachments = (Attachment(f"dossier-{letterhead['number']}.zip", dossier),)
    else:
        letter = Reminder(
            **letter_parts(letterhead, facts, policy, notice_id(facts, step.key), now),
            tone=step.tone.value,
            template=step.template,
            previous=tuple(at.astimezone(policy.zone).date() for at in letterhead["previous"]),
        )
    mail = compose(letter, message_id_domain=tools.mail_from_domain, at=now, attachments=attachments)
    kind = "hand_over" if step.channel is Channel.HAND_OVER else "reminder"
    return Notice(step, mail, to_store(facts, notice_id(facts, step.key), kind, step.channel.value, mail))


async def write_dossier(tx: AsyncConnection, facts: Facts, step: Step, now: datetime) -> NewNotice:
    """The dossier alone, kept for a person to send: the policy names no agency."""
    letterhead = await read_letterhead(tx, facts.invoice_id)
    content = build_dossier(await assemble_dossier(tx, facts, letterhead, now))
    return NewNotice(
        id=notice_id(facts, step.key),
        creditor_id=facts.creditor_id,
        debtor_id=facts.debtor_id,
        kind="hand_over",
        channel=step.channel.value,
        recipient="",
        subject="",
        message_id="",
        media_type="application/zip",
        sha256=sha256(content).hexdigest(),
        content=content,
    )


def to_store(facts: Facts, id_: str, kind: str, channel: str, mail: ComposedMail) -> NewNotice:
    return NewNotice(
        id=id_,
        creditor_id=facts.creditor_id,
        debtor_id=facts.debtor_id,
        kind=kind,
        channel=channel,
        recipient=mail.recipient,
        subject=mail.subject,
        message_id=mail.message_id,
        media_type="message/rfc822",
        sha256=mail.sha256,
        content=mail.raw,
    )


def letter_parts(
    letterhead: Mapping[str, Any], facts: Facts, policy: Policy, notice: str, now: datetime
) -> dict[str, Any]:
    """The fields that every letter has, for one invoice."""
    creditor, debtor = letterhead["creditor"], letterhead["debtor"]
    today = now.astimezone(policy.zone).date()
    return {
        "notice_id": notice,
        "language": debtor["language"],
        "creditor_language": creditor["language"],
        "creditor": party(creditor),
        "bank": Bank(creditor["iban"], creditor["bic"]),
        "debtor": party(debtor),
        "contact_name": debtor["contact_name"],
        "lines": (
            InvoiceLine(
                number=letterhead["number"],
                issued=letterhead["issued"],
                due=facts.due,
                original=balance((e for e in facts.entries if e.kind is EntryKind.PRINCIPAL), facts.currency),
                paid=-balance((e for e in facts.entries if e.kind in _RECEIVED), facts.currency),
                open=facts.open,
                asked=facts.chaseable,
                days_late=(today - facts.due).days,
                payment_reference=letterhead["payment_reference"],
                description=letterhead["description"],
            ),
        ),
        "today": today,
        "reply_to": creditor["reply_to"],
    }
