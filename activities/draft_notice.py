"""The notice that a step would send now, put together without changing anything: what sending and previews share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.charge import accounts_of, charge
from activities.write_notice import Notice, write_dossier, write_notice
from domain.bundle import Case, Line, heading_step, notice_of
from domain.errors import DomainError
from domain.law.charge import DebtorAccount, demanded
from domain.move import ReasonCode
from domain.policy import Channel
from domain.take_step import claim

_REFUSALS: Final = {
    "rate_not_known_yet": ReasonCode.RATE_UNKNOWN,
    "rate_not_known": ReasonCode.RATE_UNKNOWN,
    "before_rate_table": ReasonCode.RATE_UNKNOWN,
    "legal_term_too_short": ReasonCode.LETTER_INCOMPLETE,
    "legal_letter_before_default": ReasonCode.LETTER_INCOMPLETE,
    "no_company_number": ReasonCode.LETTER_INCOMPLETE,
}
"""By the code of what refused to write the notice."""


@dataclass(frozen=True, slots=True)
class Draft:
    channel: Channel
    cases: tuple[Case, ...]
    """Of the lines, in their order: those that move on are charged and claimed for the notice."""
    notice: Notice


async def draft_notice(
    tx: AsyncConnection, lines: Sequence[Line], now: datetime, *, mail_from_domain: str
) -> Draft:
    """Only reads. Raises DomainError when a charge cannot be counted or the notice cannot be written."""
    lead, step = lines[0].case, lines[0].step
    if step is None:
        raise ValueError("the first line of a notice makes its move")
    channel = (lines[0].move.channel if lines[0].move else None) or step.channel
    id_ = notice_of(lines, channel)
    cases: list[Case] = []
    account = DebtorAccount()
    today = now.astimezone(lead.policy.zone).date()
    accounts = await accounts_of(tx, lines, today)
    demands = {line.case.facts.invoice_id: demanded(line.case.facts, today) for line in lines if accounts}
    for line in lines:
        case, own, key = line.case, line.step, line.case.facts.invoice_id
        if line.move and own:
            theirs = accounts.get(key, DebtorAccount())
            charged, theirs = charge(case.facts, case.policy, own, theirs, demands, today)
            account = theirs if case is lead else account
            if charged is not case.facts:
                demands[key] = demanded(charged, today)
            case = Case(claim(charged, line.move, case.policy, now, id_), case.policy)
        cases.append(case)
    facts, policy = cases[0].facts, cases[0].policy
    if channel is Channel.HAND_OVER and not policy.agency_email:
        return Draft(channel, tuple(cases), Notice(await write_dossier(tx, facts, policy, step, now), None))
    words = heading_step(lines)
    notice = await write_notice(mail_from_domain, tx, cases, lines, words, channel, id_, account, now)
    return Draft(channel, tuple(cases), notice)


def reason_of(refused: DomainError) -> ReasonCode:
    """Why a notice that cannot be written is not sent."""
    return _REFUSALS.get(refused.code, ReasonCode.DELIVERY_FAILED)
