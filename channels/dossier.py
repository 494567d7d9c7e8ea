"""The dossier of a case: one ZIP with all that a collector asks for, the same bytes every time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from channels.dossier_claim import claim_in_words
from channels.letter import Bank, Party
from channels.wording import iban, one_line
from domain.errors import DomainError
from domain.law.claim import Claim
from domain.law.plain_case_claim import plain_case_claim
from domain.money import Money

# A ZIP knows no time zone and nothing before this day; a fixed one keeps the bytes the same.
_TIMESTAMP: Final = (1980, 1, 1, 0, 0, 0)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_README: Final = """\
This is the dossier of one claim, as it stood on {built_at}.

claim.txt       the claim, for reading: what is asked, and what the law allows with how it came about
claim.json      the same, for machines; amounts are decimal strings
ledger.csv      every entry of the ledger; what raises the claim is positive, what lowers it is negative
timeline.txt    what happened, in order of time
notices/        every message as it was sent, byte for byte; any mail program opens an .eml file
invoice/        the invoice document, if there was one
hashes.txt      the SHA-256 of every file above; check them with: sha256sum -c hashes.txt
"""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the invoice with its own due date."""

    due: date
    amount: Money


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry; `amount` raises the claim when positive."""

    booked: date
    kind: str
    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A message that left, with the hash that was recorded when it did."""

    step: str
    sent_at: datetime
    sha256: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that came with the case."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything about one case at `built_at`; `original` is the invoice's total, `open` what the ledger asks for."""

    creditor: Party
    bank: Bank
    debtor: Party
    invoice_number: str
    issued: date
    description: str
    payment_reference: str
    original: Money
    open: Money
    terms: tuple[Term, ...]
    ledger: tuple[LedgerRow, ...]
    notices: tuple[SentNotice, ...]
    events: tuple[Event, ...]
    built_at: datetime
    invoice: Document | None = None
    claim: Claim | None = None
    """What the law allows at the end of the day `built_at`, in its zone; None: that cannot be counted."""


def build_dossier(dossier: Dossier) -> bytes:
    """The ZIP. Raises DomainError `notice_altered` when a message is not what its recorded hash says."""
    files = {
        "README.txt": _README.format(built_at=_moment(dossier.built_at)).encode(),
        "claim.json": json.dumps(_claim(dossier), indent=2, ensure_ascii=False).encode(),
        "claim.txt": _claim_text(dossier).encode(),
        "ledger.csv": _ledger_csv(dossier.ledger).encode(
            "utf-8-sig"
        ),  # the mark tells spreadsheets it is UTF-8
        "timeline.txt": "".join(
            f"{_moment(event.at)}  {one_line(event.text)}\n"
            for event in sorted(dossier.events, key=lambda event: event.at)
        ).encode(),
    }
    for position, notice in enumerate(sorted(dossier.notices, key=lambda notice: notice.sent_at), start=1):
        if hashlib.sha256(notice.raw).hexdigest() != notice.sha256:
            raise DomainError(
                "notice_altered", "a stored notice differs from what was sent", step=notice.step
            )
        files[f"notices/{position:02}-{_plain_name(notice.step)}.eml"] = notice.raw
    if dossier.invoice is not None:
        files[f"invoice/{_plain_name(dossier.invoice.filename)}"] = dossier.invoice.content
    hashes = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    files["hashes.txt"] = "".join(hashes).encode()
    return _zip(files)


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _TIMESTAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it was made
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _claim(dossier: Dossier) -> dict[str, object]:
    return {
        "built_at": dossier.built_at.isoformat(),
        "creditor": {
            **_party(dossier.creditor),
            "iban": dossier.bank.iban.replace(" ", ""),
            "bic": dossier.bank.bic,
        },
        "debtor": _party(dossier.debtor),
        "invoice": {
            "number": dossier.invoice_number,
            "issued": dossier.issued.isoformat(),
            "description": dossier.description,
            "payment_reference": dossier.payment_reference,
            "terms": [
                {"due": term.due.isoformat(), "amount": str(term.amount.amount)} for term in dossier.terms
            ],
        },
        "currency": dossier.open.currency,
        "original": str(dossier.original.amount),
        "open": str(dossier.open.amount),
        "claim": None if dossier.claim is None else _allowed(dossier, dossier.claim),
    }


def _allowed(dossier: Dossier, claim: Claim) -> dict[str, object]:
    return {"on": dossier.built_at.date().isoformat(), **plain_case_claim(claim)}


def _party(party: Party) -> dict[str, object]:
    return {
        "name": party.name,
        "address_lines": list(party.address_lines),
        "email": party.email,
        "phone": party.phone,
        "company_number": party.company_number,
    }


def _claim_text(dossier: Dossier) -> str:
    creditor, debtor = dossier.creditor, dossier.debtor
    rows = [
        ("Creditor", ", ".join((creditor.name, *creditor.address_lines))),
        ("", _reach(creditor)),
        ("Account", f"{iban(dossier.bank.iban)} {dossier.bank.bic}"),
        ("Debtor", ", ".join((debtor.name, *debtor.address_lines))),
        ("", _reach(debtor)),
        ("Invoice", f"{dossier.invoice_number} of {dossier.issued.isoformat()}"),
        ("About", dossier.description),
        ("Reference", dossier.payment_reference),
        ("Invoiced", str(dossier.original)),
        *(("Due", f"{term.due.isoformat()}  {term.amount}") for term in dossier.terms),
        *((row.kind, f"{row.booked.isoformat()}  {row.amount}  {row.reference}") for row in dossier.ledger),
        ("Asked so far", f"{dossier.open} on {_moment(dossier.built_at)}"),
    ]
    told = "".join(f"{one_line(label):<14}{one_line(text).strip()}\n" for label, text in rows if text.strip())
    if dossier.claim is None:
        return told
    title = f"Claim at the end of {dossier.built_at.date()}, in {dossier.open.currency}"
    return f"{told}\n{title}\n{claim_in_words(dossier.claim)}"


def _reach(party: Party) -> str:
    return "  ".join(filter(None, (party.company_number, party.email, party.phone)))


def _ledger_csv(rows: Iterable[LedgerRow]) -> str:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(("booked", "kind", "amount", "currency", "reference"))
    for row in rows:
        amount = row.amount
        writer.writerow(
            (row.booked.isoformat(), _cell(row.kind), amount.amount, amount.currency, _cell(row.reference))
        )
    return table.getvalue()


def _cell(text: str) -> str:
    """Text that a spreadsheet shows and does not compute."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain_name(name: str) -> str:
    """A file name that no program unpacks outside its folder."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "document"


def _moment(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="minutes")
