"""The next notice of a case before it leaves, put together by the functions that send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.draft_notice import Draft, draft_notice
from activities.open_case import KnowsPolicies, cases_of_debtor
from domain.errors import DomainError
from domain.foresee import Departure, foresee
from domain.ledger import Entry
from domain.move import Move
from domain.next_move import next_move
from domain.promises import settle_promises
from store.read_case import read_case
from store.read_lines import read_lines


@dataclass(frozen=True, slots=True)
class NoticeAhead:
    departure: Departure
    draft: Draft
    numbers: Mapping[str, str]
    """Number of each invoice in it, by id."""

    def charges(self) -> list[tuple[str, Entry]]:
        """Invoice and what the notice books on it when it leaves."""
        return [
            (case.facts.invoice_id, entry)
            for line, case in zip(self.departure.lines, self.draft.cases, strict=True)
            for entry in case.facts.entries[len(line.case.facts.entries) :]
        ]


@dataclass(frozen=True, slots=True)
class Preview:
    move: Move
    """What the case waits for now."""
    ahead: NoticeAhead | None
    """None: nothing more leaves about this case unless something happens."""


async def preview_notice(
    tools: KnowsPolicies,
    connection: AsyncConnection,
    invoice_id: str | None,
    now: datetime,
    *,
    mail_from_domain: str,
) -> Preview:
    """As it leaves at its moment if nothing happens before; a step that needs approval is taken to be approved.

    Only reads. Raises DomainError `unknown_invoice`, or what refuses to write the notice.
    """
    stored = await read_case(connection, invoice_id) if invoice_id else None
    if stored is None:
        raise DomainError("unknown_invoice", "no invoice has this id")
    policy = await tools.policy(connection, stored.policy_name, stored.policy_version)
    move = next_move(settle_promises(stored.facts, policy, now), policy, now)
    cases = await cases_of_debtor(tools, connection, stored.facts.debtor_id)
    id_ = stored.facts.invoice_id
    seen = foresee(cases, now, approve={id_}, until=lambda departure: departure.is_notice_of(id_))
    departure = next((d for d in seen.departures if d.is_notice_of(id_)), None)
    if departure is None:
        return Preview(move, None)
    draft = await draft_notice(connection, departure.lines, departure.at, mail_from_domain=mail_from_domain)
    ids = [line.case.facts.invoice_id for line in departure.lines]
    numbers = {id_: row["number"] for id_, row in (await read_lines(connection, ids)).items()}
    return Preview(move, NoticeAhead(departure, draft, numbers))
