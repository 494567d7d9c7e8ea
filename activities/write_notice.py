"""Turn a step that is due into the message that will leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.assemble_dossier import assemble_dossier
from activities.name_parties import party
from channels.dossier import build_dossier
from channels.email.compose import Attachment, ComposedMail, compose
from channels.letter import Bank, DiscountOffer, HandOver, InvoiceLine, LegalTerms, Reminder, TermPart
from channels.render import Rendered, render
from domain.apply_money import discount_of
from domain.bundle import Case, Line
from domain.facts import Facts
from domain.law.announce import announced
from domain.law.charge import DebtorAccount, charged
from domain.law.legal_step import is_belgian_consumer, term_days
from domain.ledger import CHARGES, Entry, EntryKind, balance
from domain.money import Money
from domain.policy import Channel, Policy, Step
from domain.take_step import notice_id
from store.read_letterhead import read_letterhead
from store.read_lines import read_lines
from store.record_notice import NewNotice, NoticeLine

_RECEIVED = frozenset({EntryKind.PAYMENT, EntryKind.REVERSAL, EntryKind.SURPLUS, EntryKind.SURPLUS_RETURNED})


@dataclass(frozen=True, slots=True)
class Notice:
    stored: NewNotice
    mail: ComposedMail | None
    """None: a letter on paper, for a person to post."""


async def write_notice(
    mail_from_domain: str,
    tx: AsyncConnection,
    cases: Sequence[Case],
    lines: Sequence[Line],
    words: Step,
    channel: Channel,
    id_: str,
    account: DebtorAccount,
    now: datetime,
) -> Notice:
    """The notice over these cases, with the amounts of this moment; `cases` are those of `lines` after their charges.

    `words` is the step whose tone, template and legal effect it has. Raises DomainError when it cannot be composed (an
    address that is none, a mandatory element missing).
    """
    facts, policy = cases[0].facts, cases[0].policy
    letterhead = await read_letterhead(tx, facts.invoice_id)
    texts = await read_lines(tx, [case.facts.invoice_id for case in cases]) if len(cases) > 1 else {}
    parts = letter_parts(letterhead, facts, policy, id_, now)
    parts["lines"] += tuple(_line(texts[c.facts.invoice_id], c.facts, c.policy, now) for c in cases[1:])
    noted = tuple(_noted(line, case, now) for line, case in zip(lines, cases, strict=True))
    if channel is Channel.HAND_OVER:
        dossier = build_dossier(await assemble_dossier(tx, facts, policy, letterhead, now))
        letter = HandOver(**parts, agency_name="", agency_email=policy.agency_email or "")
        attached = (Attachment(f"dossier-{letterhead['number']}.zip", dossier),)
        mail = compose(letter, message_id_domain=mail_from_domain, at=now, attachments=attached)
        return Notice(to_store(facts, id_, "hand_over", channel.value, mail, noted), mail)
    all_facts = [case.facts for case in cases]
    reminder = Reminder(
        **parts,
        channel="post" if channel is Channel.LETTER else "email",
        tone=words.tone.value,
        template=words.template,
        previous=tuple(at.astimezone(policy.zone).date() for at in letterhead["previous"]),
        legal=_legal_terms(words, all_facts, policy, account, now),
        interest_from=_interest_from(all_facts),
        costs_from=min((e.on for e in _entries(all_facts, EntryKind.COSTS)), default=None),
    )
    if channel is Channel.LETTER:
        return Notice(_on_paper(facts, id_, render(reminder), noted), None)
    mail = compose(reminder, message_id_domain=mail_from_domain, at=now)
    return Notice(to_store(facts, id_, "reminder", channel.value, mail, noted), mail)


def _on_paper(facts: Facts, id_: str, letter: Rendered, noted: tuple[NoticeLine, ...]) -> NewNotice:
    """A page to print: what would have been the mail."""
    content = letter.html.encode()
    return NewNotice(
        id=id_,
        creditor_id=facts.creditor_id,
        debtor_id=facts.debtor_id,
        kind="reminder",
        channel=Channel.LETTER.value,
        recipient="",
        subject=letter.subject,
        message_id="",
        media_type="text/html",
        sha256=sha256(content).hexdigest(),
        content=content,
        lines=noted,
    )


async def write_dossier(
    tx: AsyncConnection, facts: Facts, policy: Policy, step: Step, now: datetime
) -> NewNotice:
    """The dossier alone, kept for a person to send: the policy names no agency."""
    letterhead = await read_letterhead(tx, facts.invoice_id)
    content = build_dossier(await assemble_dossier(tx, facts, policy, letterhead, now))
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
        lines=(NoticeLine(facts.invoice_id, facts.cycle, step.key, facts.open.amount, facts.open.amount),),
    )


def to_store(
    facts: Facts, id_: str, kind: str, channel: str, mail: ComposedMail, lines: tuple[NoticeLine, ...] = ()
) -> NewNotice:
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
        lines=lines,
    )


def letter_parts(
    letterhead: Mapping[str, Any], facts: Facts, policy: Policy, notice: str, now: datetime
) -> dict[str, Any]:
    """The fields that every letter has, for one invoice."""
    creditor, debtor = letterhead["creditor"], letterhead["debtor"]
    return {
        "notice_id": notice,
        "language": debtor["language"],
        "creditor_language": creditor["language"],
        "creditor": party(creditor),
        "bank": Bank(creditor["iban"], creditor["bic"]),
        "debtor": party(debtor),
        "contact_name": debtor["contact_name"],
        "lines": (_line(letterhead, facts, policy, now),),
        "today": now.astimezone(policy.zone).date(),
        "reply_to": creditor["reply_to"],
    }


def _line(texts: Mapping[Any, Any], facts: Facts, policy: Policy, now: datetime) -> InvoiceLine:
    today = now.astimezone(policy.zone).date()
    charges = {kind.value: charged(facts, kind) or None for kind in CHARGES}
    return InvoiceLine(
        number=texts["number"],
        issued=texts["issued"],
        due=facts.due,
        original=charged(facts, EntryKind.PRINCIPAL),
        paid=-balance((e for e in facts.entries if e.kind in _RECEIVED), facts.currency),
        open=facts.open,
        asked=facts.asked_on(today),
        days_late=(today - facts.due).days,
        payment_reference=texts["payment_reference"],
        description=texts["description"],
        pending=facts.cash,
        terms=_terms_asked(facts, today),
        term_count=len(facts.terms),
        discount=_running_discount(facts, today),
        **charges,
    )


def _terms_asked(facts: Facts, today: date) -> tuple[TermPart, ...]:
    """Those that are overdue and the earliest in any case, as `Facts.due_by` adds them up."""
    if len(facts.terms) == 1:
        return ()
    return tuple(
        TermPart(number, term.due, Money(left, facts.currency))
        for number, (term, left) in enumerate(facts.unpaid, 1)
        if left and (term.due < today or number == facts.cycle)
    )


def _running_discount(facts: Facts, today: date) -> DiscountOffer | None:
    offer, amount = facts.discount, discount_of(facts)
    if offer is None or today > offer.until or not amount or facts.open <= amount:
        return None
    return DiscountOffer(offer.until, offer.percent, amount)


def _legal_terms(
    step: Step,
    cases: Sequence[Facts],
    policy: Policy,
    account: DebtorAccount,
    now: datetime,
) -> LegalTerms | None:
    if step.legal is None:
        return None
    says = announced(step, cases, policy, now.astimezone(policy.zone).date(), account)
    return LegalTerms(
        kind=step.legal,
        days=term_days(step),
        costs=says.costs,
        vat_on_costs=says.vat,
        interest_percent=says.interest_percent,
        interest_from=says.interest_from,
    )


def _interest_from(cases: Sequence[Facts]) -> date | None:
    """First day of the interest that was charged, where it is the day after the due date: Belgian consumers' interest
    starts with a letter, and its day is left out."""
    late = [c for c in cases if charged(c, EntryKind.INTEREST) and not is_belgian_consumer(c)]
    return min(c.due for c in late) + timedelta(days=1) if late else None


def _entries(cases: Sequence[Facts], kind: EntryKind) -> list[Entry]:
    return [entry for case in cases for entry in case.entries if entry.kind is kind]


def _noted(line: Line, case: Case, now: datetime) -> NoticeLine:
    facts = case.facts
    asked = facts.asked_on(now.astimezone(case.policy.zone).date())
    step = line.step.key if line.step else ""
    return NoticeLine(facts.invoice_id, facts.cycle, step, facts.open.amount, asked.amount)
