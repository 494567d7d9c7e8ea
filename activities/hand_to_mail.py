"""Hand one mail to the mail server and say exactly what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog

from activities.tools import Tools
from channels.email.compose import ComposedMail
from domain.errors import AdapterError, PermanentAdapterError, TransientAdapterError
from domain.next_move import SENDING_LEASE

LONGEST_SENDING: Final = SENDING_LEASE.total_seconds() - 5
"""Seconds. An attempt is over before its lease is, so that nobody takes over from one that may still succeed."""

_log = structlog.get_logger()


class Outcome(StrEnum):
    SENT = "sent"
    NOT_NOW = "not_now"  # certainly not sent, may work later
    REFUSED = "refused"  # certainly not sent, and will not be
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Delivery:
    outcome: Outcome
    server_reply: str = ""


async def hand_to_mail(tools: Tools, mail: ComposedMail, notice_id: str) -> Delivery:
    """Never raises for what a mail server may do. Its words go to the log only, since they may name people."""
    try:
        async with asyncio.timeout(LONGEST_SENDING):
            receipt = await tools.mail.send(mail)
    except (AdapterError, TimeoutError) as failure:
        detail = getattr(failure, "detail", "")
        _log.warning("mail_not_sent", notice_id=notice_id, error=type(failure).__name__, detail=detail)
        if isinstance(failure, TransientAdapterError):
            return Delivery(Outcome.NOT_NOW)
        return Delivery(Outcome.REFUSED if isinstance(failure, PermanentAdapterError) else Outcome.UNCERTAIN)
    return Delivery(Outcome.SENT, receipt.server_reply)
