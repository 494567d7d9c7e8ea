"""Sixty invoices, a ladder in seconds, and what happens to each: all of it follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.events import Message
from domain.facts import Term
from domain.money import Money
from domain.new_invoice import NewDebtor, NewInvoice
from domain.stages import EventKind

INVOICES: Final = 60
DEBTORS: Final = 25
BATCHES: Final = 6
BATCH_EVERY: Final = 1.0
"""Seconds between two imports."""
MAIL_DOMAIN: Final = "termijn.example"

POLICY: Final = """\
name: hasty
version: 1
time_zone: Europe/Amsterdam
send_window: always
agency: {email: intake@agency.example}
steps:
  - {key: friendly, after: 3s, anchor: enrolled, channel: email, tone: friendly}
  - {key: firm, after: 6s, anchor: previous, channel: email, tone: firm}
  - {key: formal, after: 6s, anchor: previous, channel: email, tone: formal}
  - {key: call, after: 2s, anchor: previous, channel: call_task, tone: firm}
  - {key: hand-over, after: 2s, anchor: previous, channel: hand_over}
"""

CREDITORS: Final = """\
creditors:
  - reference: default
    name: Zuiderlicht Techniek B.V.
    iban: NL91 ABNA 0417 1643 00
    email: administratie@zuiderlicht.example
    country: NL
    language: nl
    policy: hasty
"""


@dataclass(frozen=True, slots=True)
class Happening:
    """A message that somebody has for a case, `after` so many seconds from its import."""

    after: float
    kind: EventKind
    message: Callable[[datetime], Message]
    """Given the moment at which it is told."""


@dataclass(frozen=True, slots=True)
class Story:
    invoice: NewInvoice
    happenings: tuple[Happening, ...]
    agrees: bool
    """What the person says who is asked about the hand-over."""

    @property
    def number(self) -> str:
        return self.invoice.number


def stories(seed: int) -> list[Story]:
    dice = random.Random(seed)
    kinds = [*_KINDS] * (INVOICES // len(_KINDS))
    dice.shuffle(kinds)
    return [_story(index, kind, dice) for index, kind in enumerate(kinds)]


def _story(index: int, kind: str, dice: random.Random) -> Story:
    owed = Decimal(dice.randint(2_000, 500_000)) / 100
    debtor = index % DEBTORS
    language = ("nl", "fr", "de", "en")[debtor % 4]
    today = datetime.now(UTC).date()
    invoice = NewInvoice(
        f"K-{index:02}",
        NewDebtor(f"D{debtor}", f"Debtor {debtor}", "business", "NL", language, f"d{debtor}@debtor.example"),
        today - timedelta(days=40),
        (Term(today - timedelta(days=10), Money(owed, "EUR")),),
        Money(owed, "EUR"),
    )
    at = dice.uniform(0.5, 20)
    happenings = tuple(_happenings(kind, f"{kind}-{index:02}", owed, at, dice))
    return Story(invoice, happenings, agrees=dice.random() < 0.8)


_KINDS: Final = (
    *("silent", "silent", "pays", "pays", "pays-late", "pays-half", "pays-twice", "pays-too-much"),
    *(
        "payment-bounces",
        "disputes",
        "disputes-part",
        "disputes-for-good",
        "held",
        "held-for-good",
        "confused",
    ),
)


def _happenings(kind: str, ref: str, owed: Decimal, at: float, dice: random.Random) -> Iterator[Happening]:
    half = (owed / 2).quantize(Decimal("0.01"))
    later = at + dice.uniform(0.2, 8)
    match kind:
        case "pays":
            yield _payment(at, f"{ref}/1", owed)
        case "pays-late":
            yield _payment(at + 20, f"{ref}/1", owed)
        case "pays-half":
            yield _payment(at, f"{ref}/1", half)
        case "pays-twice":
            yield from (_payment(at, f"{ref}/1", half), _payment(later, f"{ref}/2", owed - half))
            yield _payment(later, f"{ref}/1", half)  # the bank tells the first one again
        case "pays-too-much":
            yield _payment(at, f"{ref}/1", owed + 10)
        case "payment-bounces":
            yield _payment(at, f"{ref}/1", owed)
            yield Happening(later, EventKind.PAYMENT_REVERSED, _dated(f"reversal/{ref}", ref=f"{ref}/1"))
        case "disputes" | "disputes-part" | "disputes-for-good":
            part = half if kind == "disputes-part" else None
            yield Happening(at, EventKind.DISPUTE_OPENED, _plain(f"dispute/{ref}", ref=ref, amount=part))
            if kind != "disputes-for-good":
                outcome = "accepted" if part else "rejected"
                end = _plain(f"resolution/{ref}", ref=ref, outcome=outcome)
                yield Happening(later, EventKind.DISPUTE_RESOLVED, end)
        case "held" | "held-for-good":
            seconds = dice.uniform(2, 8) if kind == "held" else None
            yield Happening(at, EventKind.HOLD_PLACED, _until(f"hold/{ref}", ref, seconds))
        case "confused":  # each of these is to be refused, and to change nothing
            yield _payment(at, f"{ref}/1", Decimal("0.00"))
            yield Happening(at, EventKind.PAYMENT_REVERSED, _dated(f"reversal/{ref}", ref="nobody's"))
            end = _plain(f"resolution/{ref}", ref="no-such-dispute", outcome="accepted")
            yield Happening(later, EventKind.DISPUTE_RESOLVED, end)


def _payment(after: float, ref: str, amount: Decimal) -> Happening:
    told = _dated(f"payment/{ref}", ref=ref, amount=str(amount), currency="EUR")
    return Happening(after, EventKind.PAYMENT_RECEIVED, told)


def _dated(event_id: str, **fields: str) -> Callable[[datetime], Message]:
    return lambda now: Message(event_id, on=now.date().isoformat(), **fields)


def _plain(
    event_id: str, *, ref: str, amount: Decimal | None = None, outcome: str = ""
) -> Callable[[datetime], Message]:
    return lambda _: Message(event_id, ref=ref, amount=str(amount) if amount else "", outcome=outcome)


def _until(event_id: str, ref: str, seconds: float | None) -> Callable[[datetime], Message]:
    def told(now: datetime) -> Message:
        return Message(
            event_id, ref=ref, until=(now + timedelta(seconds=seconds)).isoformat() if seconds else ""
        )

    return told
