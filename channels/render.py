"""Fills a letter: the same facts as a subject, as plain text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from channels import wording
from channels.catalogue import Catalogue, catalogue, letter_template
from channels.letter import HandOver, InstalmentNotice, InvoiceLine, Letter, Reminder

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
    """Which letter says this. Before and on the due date nothing is late yet, whatever the tone."""
    match letter:
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
    invoices = [(_heading(line, known), _invoice_rows(line, known, language)) for line in letter.lines]
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
        "part": letter.asked_total != letter.open_total,
        "paid": wording.amounts(letter.paid_total, language),
        "due": wording.day(oldest.due, language),
        "days": known.count("days", abs(oldest.days_late)),
        "on_the_day": all(line.days_late == 0 for line in letter.lines),
        "invoices": invoices,
        "payment": payment,
        "signature": _signature(letter, words["company_number"]),
        "width": max(map(len, labels)),
    }
    match letter:
        case Reminder():
            values["previous"] = wording.day(letter.previous[-1], language) if letter.previous else ""
            values["pay_by"] = wording.day(letter.pay_by, language) if letter.pay_by else ""
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


def _heading(line: InvoiceLine, known: Catalogue) -> str:
    title = known.words["invoice"].format(number=line.number)
    return f"{title} ({line.description})" if line.description else title


def _invoice_rows(line: InvoiceLine, known: Catalogue, language: str) -> list[Row]:
    """The sum a reader can follow: what was invoiced, what came off, what is left, what is asked."""
    words = known.words
    match line.days_late:
        case 0:
            lateness = words["today"]
        case late if late > 0:
            lateness = known.count("late", late)
        case early:
            lateness = known.count("ahead", -early)
    rows = [
        (words["issued"], wording.day(line.issued, language)),
        (words["due"], f"{wording.day(line.due, language)} ({lateness})"),
        (words["original"], wording.amount(line.original, language)),
    ]
    if line.paid:
        rows.append((words["paid"], wording.amount(line.paid, language)))
    if line.credited.is_positive:
        rows.append((words["credited"], wording.amount(line.credited, language)))
    rows.append((words["open"], wording.amount(line.open, language)))
    if line.asked != line.open:
        rows.append((words["asked"], wording.amount(line.asked, language)))
    return rows


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
    return and_.join(filter(None, (", ".join(numbers[:-1]), numbers[-1])))


def _signature(letter: Letter, company_number: str) -> list[str]:
    """Who writes and where to answer: name, address, phone, mail, company number."""
    creditor = letter.creditor
    lines = [creditor.name, *creditor.address_lines, creditor.phone, letter.reply_to or creditor.email]
    if creditor.company_number:
        lines.append(f"{company_number} {creditor.company_number}")
    return [line for line in lines if line]
