"""The dossier as the agency finds it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from channels.dossier import Document, Dossier, Event, LedgerRow, SentNotice, Term, build_dossier
from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.claim import ClaimInvoice, ClaimPayment, claim
from domain.law.costs import collection_costs
from domain.law.settings import LawSettings
from tests.unit.channels.samples import AT, BANK, CREDITOR, DEBTOR, euro, mail

MAIL = mail()
DOSSIER = Dossier(
    creditor=CREDITOR,
    bank=BANK,
    debtor=DEBTOR,
    invoice_number="2026-0117",
    issued=date(2026, 9, 1),
    description="Brochures",
    payment_reference="RF18539007547034",
    original=euro("1210.00"),
    open=euro("710.00"),
    terms=(Term(date(2026, 10, 1), euro("1210.00")),),
    ledger=(
        LedgerRow(date(2026, 9, 1), "principal", euro("1210.00"), "2026-0117"),
        LedgerRow(date(2026, 10, 9), "payment", euro("-500.00"), "=HYPERLINK(1)"),
    ),
    notices=(SentNotice("reminder", AT, MAIL.sha256, MAIL.raw),),
    events=(Event(AT, "reminder sent"), Event(AT.replace(day=1), "invoice\nenrolled")),
    built_at=AT,
    invoice=Document("../../factuur 2026/0117.pdf", b"%PDF-1.7"),
)


CLAIM = claim(
    "NL",
    DebtorKind.BUSINESS,
    [ClaimInvoice("1", euro("1210.00"), date(2026, 10, 1))],
    [ClaimPayment(date(2026, 10, 9), euro("500.00"))],
    AT.date(),
    costs=collection_costs("NL", DebtorKind.BUSINESS, [euro("1210.00")]),
    settings=LawSettings(),
)


def _files(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_the_claim_the_ledger_the_story_and_each_notice_as_it_was_sent() -> None:
    files = _files(build_dossier(DOSSIER))
    assert list(files) == [
        "README.txt",
        "claim.json",
        "claim.txt",
        "hashes.txt",
        "invoice/factuur_2026_0117.pdf",
        "ledger.csv",
        "notices/01-reminder.eml",
        "timeline.txt",
    ]
    assert files["notices/01-reminder.eml"] == MAIL.raw
    told = json.loads(files["claim.json"])
    assert (told["open"], told["currency"], told["debtor"]["name"]) == ("710.00", "EUR", DEBTOR.name)
    assert told["claim"] is None
    assert b"710.00 EUR" in files["claim.txt"]
    assert files["timeline.txt"].decode().splitlines() == [
        "2026-11-01 09:30+00:00  invoice enrolled",
        "2026-11-21 09:30+00:00  reminder sent",
    ]


def test_the_collector_sees_what_the_law_allows_and_how_it_came_about() -> None:
    files = _files(build_dossier(replace(DOSSIER, claim=CLAIM)))
    told = json.loads(files["claim.json"])["claim"]
    assert told["on"] == "2026-11-21"
    assert told["total"] == str(CLAIM.total.amount)
    assert sum(Decimal(line["interest"]) for line in told["interest_lines"]) == CLAIM.accrued.amount
    assert told["interest_lines"][0]["term"] == 1
    assert told["allocations"][0]["costs"] == "181.50"
    text = files["claim.txt"].decode()
    assert "Claim at the end of 2026-11-21, in EUR" in text
    for expected in (CLAIM.total, CLAIM.interest, CLAIM.interest_lines[0].base):
        assert str(expected.amount) in text
    assert "[1] " + CLAIM.interest_lines[0].source in text
    assert all(f"- {reason}" in text for reason in CLAIM.basis)
    assert build_dossier(replace(DOSSIER, claim=CLAIM)) == build_dossier(replace(DOSSIER, claim=CLAIM))


def test_hashes_cover_every_other_file() -> None:
    files = _files(build_dossier(DOSSIER))
    listed = dict(reversed(line.split("  ", 1)) for line in files.pop("hashes.txt").decode().splitlines())
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_a_spreadsheet_shows_the_ledger_and_computes_nothing() -> None:
    text = _files(build_dossier(DOSSIER))["ledger.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["amount"] for row in rows] == ["1210.00", "-500.00"]
    assert rows[1]["reference"] == "'=HYPERLINK(1)"


def test_the_same_case_gives_the_same_bytes() -> None:
    assert build_dossier(DOSSIER) == build_dossier(replace(DOSSIER, events=DOSSIER.events[::-1]))


def test_a_notice_that_is_no_longer_what_was_sent_stops_the_hand_over() -> None:
    tampered = replace(DOSSIER.notices[0], raw=MAIL.raw.replace(b"710", b"999"))
    with pytest.raises(DomainError) as refused:
        build_dossier(replace(DOSSIER, notices=(tampered,)))
    assert (refused.value.code, refused.value.values) == ("notice_altered", {"step": "reminder"})


def test_a_case_without_an_invoice_document_has_no_such_folder() -> None:
    assert not any(
        name.startswith("invoice/") for name in _files(build_dossier(replace(DOSSIER, invoice=None)))
    )
