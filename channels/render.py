"""Fills a letter: the same facts as a subject, as plain text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from channels import wording
from channels.catalogue import Catalogue, catalogue, letter_template
from channels.letter import HandOver, InstalmentNotice, InvoiceLine, LegalTerms, Letter, Reminder, totals
from domain.law.settings import LegalStep

_KIND = frozenset({"friendly", "upcoming"})
Row = tuple[str, str]
Values = dict[str, str | int | bool | list[Row] | list[str] | list[tuple[str, list[Row]]]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words; `template` and `language` say which were really used."""

    template: str
    language: str
    subject: str
    text: str
    html: str


def render(letter: Letter) -> Rendered:
    """The letter in its reader's language, else the creditor's, else English.

    Raises DomainError `unknown_template` when the policy names a letter that does not exist.
    """
    language = wording.language_of(letter.language, letter.creditor_language)
    name = template_of(letter)
    template = letter_template(name, language)
    values = _values(letter, language)
    return Rendered(
        template=name,
        language=language,
        subject=wording.one_line(template.subject.render(values)),
        text=template.text.render(values),
        html=template.html.render(values),
    )


def template_of(letter: Letter) -> str:
    """Which letter says this. Before and on the due date nothing is late yet, whatever the tone.

    A legal effect needs its own words, so no template or tone replaces them.
    """
    match letter:
        case Reminder(legal=LegalTerms() as legal):
            return legal.kind.value
        case Reminder(template=str(template)):
            return template
        case Reminder():
            return letter.tone if any(line.days_late > 0 for line in letter.lines) else "upcoming"
        case InstalmentNotice():
            return "instalment"
        case _:
            return "handover"


def _values(letter: Letter, language: str) -> Values:
    """What the prose and the layouts may name; anything else is an error, not an empty spot."""
    known = catalogue(language)
    words = known.words
    oldest = min(letter.lines, key=lambda line: line.due)
    invoices = _invoices(letter, known, language)
    payment = _payment_rows(letter, known, language)
    labels = [row[0] for _, rows in invoices for row in rows] + [row[0] for row in payment]
    values: Values = {
        "debtor": letter.debtor.name,
        "creditor": letter.creditor.name,
        "addressee": letter.contact_name or letter.debtor.name,
        "phone": letter.creditor.phone,
        "one": len(letter.lines) == 1,
        "numbers": _numbers([line.number for line in letter.lines], words["and"], words["others"]),
        "open": wording.amounts(letter.open_total, language),
        "asked": wording.amounts(letter.asked_total, language),
        "charged": _charged(letter, known, language),
        "principal": wording.amounts(totals(line.original for line in letter.lines), language),
        "part": letter.asked_total != letter.open_total,
        "paid": wording.amounts(letter.paid_total, language),
        "due": wording.day(oldest.due, language),
        "days": known.count("days", abs(oldest.days_late)),
        "on_the_day": all(line.days_late == 0 for line in letter.lines),
        "offers": _offers(letter, known, language),
        "invoices": invoices,
        "payment": payment,
        "signature": _signature(letter, words),
        "width": max(map(len, labels)),
    }
    match letter:
        case Reminder(legal=legal):
            values["previous"] = wording.day(letter.previous[-1], language) if letter.previous else ""
            values["pay_by"] = wording.day(letter.pay_by, language) if letter.pay_by else ""
            values["post"] = letter.channel == "post"
            email = letter.reply_to or letter.creditor.email
            values["answer"] = words[f"answer_{letter.channel}"].format(email=email)
            if legal:
                values |= _legal_values(legal, words[f"term_{letter.channel}"], words, language)
        case InstalmentNotice():
            values["position"] = letter.position
            values["count"] = letter.count
            values["amount"] = wording.amount(letter.amount, language)
            values["instalment_due"] = wording.day(letter.due, language)
            values["plan_total"] = wording.amount(letter.plan_total, language)
            values["plan_paid"] = wording.amount(letter.plan_paid, language)
        case HandOver():
            values["addressee"] = letter.agency_name
    return values


def _legal_values(legal: LegalTerms, term: str, words: Mapping[str, str], language: str) -> Values:
    """The term and what follows it. No end date: only the day of receipt, unknown here, decides it."""
    vat = legal.vat_on_costs or None
    days = words["fourteen"] if legal.days == 14 else str(legal.days)
    return {
        "granted": legal.days,
        "term": term.format(days=days),
        "costs": wording.amount(legal.costs, language) if legal.costs else "",
        "vat": wording.amount(vat, language) if vat else "",
        "costs_with_vat": wording.amount(legal.costs + vat, language) if legal.costs and vat else "",
        "percent": wording.percent(legal.interest_percent, language) if legal.interest_percent else "",
        "interest_from": wording.day(legal.interest_from, language) if legal.interest_from else "",
    }


def _charged(letter: Letter, known: Catalogue, language: str) -> str:
    """What was added to the principal, and since when: `€ 12,34 rente (vanaf 2 oktober 2026) en € 40,00 …`."""
    since: dict[str, date | None] = {}
    if isinstance(letter, Reminder):
        stated = letter.legal.interest_from if letter.legal else None
        since = {"interest": letter.interest_from or stated, "costs": letter.costs_from}
    parts = []
    for kind in ("interest", "costs", "fee"):
        sums = totals(line.charges[kind] for line in letter.lines if kind in line.charges)
        if sums:
            day = since.get(kind)
            start = known.words["since"].format(day=wording.day(day, language)) if day else ""
            parts.append(known.words[f"{kind}_sum"].format(amount=wording.amounts(sums, language)) + start)
    return _joined(parts, known.words["and"])


def _invoices(letter: Letter, known: Catalogue, language: str) -> list[tuple[str, list[Row]]]:
    """Heading and rows of each invoice. A Belgian first reminder must always name what was supplied."""
    must_describe = isinstance(letter, Reminder) and template_of(letter) == LegalStep.BE_FIRST_REMINDER
    invoices = []
    for line in letter.lines:
        heading = known.words["invoice"].format(number=line.number)
        rows = _invoice_rows(line, known, language)
        if must_describe:
            as_invoiced = known.words["as_invoiced"].format(number=line.number)
            rows.insert(0, (known.words["supplied"], line.description or as_invoiced))
        elif line.description:
            heading = f"{heading} ({line.description})"
        invoices.append((heading, rows))
    return invoices


def _invoice_rows(line: InvoiceLine, known: Catalogue, language: str) -> list[Row]:
    """The sum a reader can follow: what was invoiced, what was added, what came off, what is left, what is asked."""
    words = known.words
    sums = [("original", line.original), *line.charges.items()]
    if line.paid:
        sums.append(("paid", line.paid))
    if line.credited.is_positive:
        sums.append(("credited", line.credited))
    sums.append(("open", line.open))
    if line.pending:
        sums.append(("pending", line.pending))
    if line.asked != line.open:
        sums.append(("asked", line.asked))
    return [
        (words["issued"], wording.day(line.issued, language)),
        *_due_rows(line, known, language),
        *((words[key], wording.amount(amount, language)) for key, amount in sums),
    ]


def _due_rows(line: InvoiceLine, known: Catalogue, language: str) -> list[Row]:
    """When it was or is to be paid; of an invoice with several terms, each that the letter is about."""
    words = known.words
    if not line.terms:
        lateness = _lateness(line.days_late, known)
        return [(words["due"], f"{wording.day(line.due, language)} ({lateness})")]
    return [
        (
            words["term"].format(number=term.number, count=line.term_count),
            words["term_due"].format(
                amount=wording.amount(term.open, language),
                due=wording.day(term.due, language),
                lateness=_lateness(line.days_late - (term.due - line.due).days, known),
            ),
        )
        for term in line.terms
    ]


def _lateness(days_late: int, known: Catalogue) -> str:
    if days_late == 0:
        return known.words["today"]
    return known.count("late" if days_late > 0 else "ahead", abs(days_late))


def _offers(letter: Letter, known: Catalogue, language: str) -> list[str]:
    """The discounts that run, in letters that may be kind: a sentence for each, beside what is asked."""
    if template_of(letter) not in _KIND:
        return []
    plain = len(letter.lines) == 1 and letter.lines[0].term_count == 1
    return [
        known.words["offer" if plain else "offer_on"].format(
            number=line.number,
            until=wording.day(offer.until, language),
            percent=wording.percent(offer.percent, language),
            amount=wording.amount(offer.amount, language),
        )
        for line in letter.lines
        if (offer := line.discount)
    ]


def _payment_rows(letter: Letter, known: Catalogue, language: str) -> list[Row]:
    words = known.words
    asked = (letter.amount,) if isinstance(letter, InstalmentNotice) else letter.asked_total
    rows = [(words["amount"], wording.amount(total, language)) for total in asked]
    rows.append((words["iban"], wording.iban(letter.bank.iban)))
    if letter.bank.bic:
        rows.append((words["bic"], letter.bank.bic))
    rows.append((words["beneficiary"], letter.creditor.name))
    rows.append((words["reference"], ", ".join(line.reference for line in letter.lines)))
    return rows


def _numbers(numbers: list[str], and_: str, others: str) -> str:
    """`2026-1`, `2026-1 and 2026-2`, `2026-1, 2026-2 and 9 others`: a subject has no room for more."""
    if len(numbers) > 3:
        return others.format(numbers=", ".join(numbers[:2]), n=len(numbers) - 2)
    return _joined(numbers, and_)


def _joined(parts: list[str], and_: str) -> str:
    return and_.join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _signature(letter: Letter, words: Mapping[str, str]) -> list[str]:
    """Who writes and where to answer: name, address, phone, mail, company number."""
    creditor = letter.creditor
    lines = [creditor.name, *creditor.address_lines, creditor.phone, letter.reply_to or creditor.email]
    if creditor.company_number:
        # Eight digits are a KvK number in the Netherlands, and something else in other countries.
        dutch = letter.bank.iban.startswith("NL") and re.fullmatch(r"\d{8}", creditor.company_number)
        lines.append(f"{words['kvk_number' if dutch else 'company_number']} {creditor.company_number}")
    return [line for line in lines if line]
