"""Small builders of the domain's values, for tests of every level."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from domain.facts import DebtorKind, Facts, Term
from domain.ledger import Entry, EntryKind
from domain.money import Money
from domain.policy import Anchor, Channel, Duration, Policy, SendWindow, Step, Tone

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
OFFICE_HOURS: Final = SendWindow(frozenset(range(5)), time(9), time(17), skip_holidays=True)
INVOICE: Final = "7d9f1c3e-0000-4000-8000-000000000001"

LADDER: Final = (
    "reminder-1 7d due friendly",
    "reminder-2 14d previous firm",
    "call 5d previous call_task",
    "formal 7d previous formal",
    "hand-over 16d previous hand_over approval",
)
"""The standard ladder."""


def at(text: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    """`at("2026-03-01 10:00")`, in UTC; a date alone is its 00:00."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def eur(amount: str) -> Money:
    return Money.parse(amount, "EUR")


def duration(text: str) -> Duration:
    return Duration(int(text[:-1]), cast("Literal['d', 's']", text[-1]))


def a_step(words: str) -> Step:
    """`"reminder-1 7d due email firm approval"`: key and moment, then what is not the default."""
    key, after, *rest = words.split()
    names = set(rest)

    def chosen(kind: type[Anchor | Channel | Tone], default: str) -> str:
        return next((word for word in rest if word in list(kind)), default)

    unknown = names - {*Anchor, *Channel, *Tone, "approval"}
    if unknown or not re.fullmatch(r"-?\d+[ds]", after):
        raise ValueError(words)
    return Step(
        key=key,
        after=duration(after),
        anchor=Anchor(chosen(Anchor, "due")),
        channel=Channel(chosen(Channel, "email")),
        tone=Tone(chosen(Tone, "friendly")),
        requires_approval="approval" in names,
    )


def a_policy(
    *steps: str,
    window: SendWindow | None = OFFICE_HOURS,
    promise_grace: str = "0d",
    plan_grace: str = "2d",
    notice: str = "3d",
    zone: ZoneInfo = AMSTERDAM,
) -> Policy:
    """Steps as `a_step` reads them; without any, the standard ladder."""
    return Policy(
        name="test",
        version=1,
        time_zone=zone.key,
        steps=tuple(a_step(words) for words in steps or LADDER),
        window=window,
        promise_grace=duration(promise_grace),
        plan_grace=duration(plan_grace),
        instalment_notice=duration(notice),
        agency_email="intake@agency.example",
    )


def a_case(
    *,
    due: str = "2026-01-15",
    amount: str = "100.00",
    issued: str = "2026-01-01",
    enrolled: str = "2026-01-02 08:00",
    mailable: bool = True,
    country: str = "NL",
    invoice_id: str = INVOICE,
    debtor_id: str = "debtor",
) -> Facts:
    """An invoice as it enters, in EUR."""
    owed = Money(Decimal(amount), "EUR")
    day = date.fromisoformat(issued)
    return Facts(
        invoice_id=invoice_id,
        creditor_id="creditor",
        debtor_id=debtor_id,
        debtor_kind=DebtorKind.BUSINESS,
        country=country,
        mailable=mailable,
        currency="EUR",
        issued=day,
        enrolled_at=at(enrolled),
        terms=(Term(date.fromisoformat(due), owed),),
        entries=(Entry("principal", EntryKind.PRINCIPAL, owed, day),),
    )
