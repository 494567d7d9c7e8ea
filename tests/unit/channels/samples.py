"""The case all letters in these tests are about: a printer in Amsterdam and its baker, half of it paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from channels.email.compose import ComposedMail, compose
from channels.letter import (
    Bank,
    DiscountOffer,
    HandOver,
    InstalmentNotice,
    InvoiceLine,
    LegalTerms,
    Letter,
    Party,
    Reminder,
    TermPart,
    Tone,
)
from domain.law.settings import LegalStep
from domain.money import Money

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DOMAIN = "mail.termijn.example"
BANK = Bank("NL91ABNA0417164300", "ABNANL2A")
CREDITOR = Party(
    name="Drukkerij De Hoop B.V.",
    email="debiteuren@dehoop.example",
    address_lines=("Kade 1", "1011 AA Amsterdam"),
    company_number="12345678",
    phone="020 555 01 23",
)
BELGIAN_BANK = Bank("BE71096123456769", "GKCCBEBB")
BELGIAN_CREDITOR = Party(
    name="Drukkerij De Zon BV",
    email="boekhouding@dezon.example",
    address_lines=("Nieuwstraat 1", "1000 Brussel"),
    company_number="0403.170.701",
    phone="02 555 01 23",
)
DEBTOR = Party(name="Bakkerij Jansen B.V.", email="administratie@jansen.example")


def euro(text: str) -> Money:
    return Money(Decimal(text), "EUR")


LINE = InvoiceLine(
    number="2026-0117",
    issued=date(2026, 9, 1),
    due=date(2026, 10, 1),
    original=euro("1210.00"),
    paid=euro("500.00"),
    open=euro("710.00"),
    asked=euro("710.00"),
    days_late=51,
    payment_reference="RF18539007547034",
    description="Brochures",
)
SECOND_LINE = replace(
    LINE,
    number="2026-0140",
    due=date(2026, 11, 20),
    original=euro("99.99"),
    paid=euro("0"),
    open=euro("99.99"),
    asked=euro("49.99"),
    days_late=1,
    payment_reference="",
    description="",
)
UPCOMING_LINE = replace(
    LINE, due=date(2026, 11, 24), days_late=-3, paid=euro("0"), open=LINE.original, asked=LINE.original
)

DISCOUNT_LINE = replace(
    UPCOMING_LINE, discount=DiscountOffer(date(2026, 11, 23), Decimal("2.00"), euro("24.20"))
)
PENDING_LINE = replace(LINE, pending=euro("300.00"), asked=euro("410.00"))
TERMS_LINE = replace(
    LINE,
    number="2026-0133",
    paid=euro("0"),
    open=euro("1200.00"),  # 10.00 was credited
    asked=euro("600.00"),
    terms=(TermPart(1, date(2026, 10, 1), euro("200.00")), TermPart(2, date(2026, 11, 20), euro("400.00"))),
    term_count=3,
    payment_reference="",
    description="",
)

CHARGED_LINE = replace(
    LINE,
    interest=euro("12.34"),
    costs=euro("106.50"),
    fee=euro("7.50"),
    open=euro("836.34"),
    asked=euro("836.34"),
)


def reminder(tone: Tone = "friendly", language: str = "nl", **changes: Any) -> Reminder:
    return replace(
        Reminder(
            notice_id="01993c2e-7d1a-7c3e-9f00-000000000001",
            language=language,
            creditor=CREDITOR,
            bank=BANK,
            debtor=DEBTOR,
            contact_name="Eva Jansen",
            lines=(LINE,),
            today=TODAY,
            reply_to="debiteuren@dehoop.example",
            tone=tone,
        ),
        **changes,
    )


def legal_notice(kind: LegalStep, language: str = "nl", **changes: Any) -> Reminder:
    """By e-mail, about one invoice, with costs and interest to follow; `changes` are of the reminder or its terms."""
    terms: dict[str, Any] = {
        "kind": kind,
        "days": 14,
        "costs": euro("106.50"),
        "interest_percent": Decimal("4.00"),
        "interest_from": date(2026, 10, 2),
        "safe_until": date(2026, 12, 9),
    }
    terms |= {name: changes.pop(name) for name in LegalTerms.__dataclass_fields__ if name in changes}
    if kind is LegalStep.BE_FIRST_REMINDER:
        changes = {"creditor": BELGIAN_CREDITOR, "bank": BELGIAN_BANK, "reply_to": ""} | changes
    given: dict[str, Any] = {"tone": "formal", "legal": LegalTerms(**terms), "pay_by": date(2026, 12, 7)}
    return reminder(language=language, **given | changes)


def instalment(language: str = "nl") -> InstalmentNotice:
    return InstalmentNotice(
        notice_id="01993c2e-7d1a-7c3e-9f00-000000000002",
        language=language,
        creditor=CREDITOR,
        bank=BANK,
        debtor=DEBTOR,
        lines=(LINE, SECOND_LINE),
        today=TODAY,
        position=2,
        count=4,
        amount=euro("250.00"),
        due=date(2026, 12, 1),
        plan_total=euro("809.99"),
        plan_paid=euro("250.00"),
    )


def hand_over(language: str = "nl") -> HandOver:
    return HandOver(
        notice_id="01993c2e-7d1a-7c3e-9f00-000000000003",
        language=language,
        creditor=CREDITOR,
        bank=BANK,
        debtor=DEBTOR,
        lines=(LINE,),
        today=TODAY,
        agency_name="Incasso Noord",
        agency_email="zaken@incassonoord.example",
    )


def mail(letter: Letter | None = None) -> ComposedMail:
    return compose(letter or reminder(), message_id_domain=DOMAIN, at=AT)


def read_back(raw: bytes) -> EmailMessage:
    """What a mail program makes of the bytes."""
    message = BytesParser(policy=default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def part(raw: bytes, subtype: str) -> str:
    """The text or HTML that the reader sees."""
    body = read_back(raw).get_body((subtype,))
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text
