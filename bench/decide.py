"""How many decisions a second one core makes, for cases with ten facts each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

from domain.facts import (
    Contact,
    DebtorKind,
    Dispute,
    DisputeOutcome,
    Facts,
    Hold,
    Promise,
    PromiseOutcome,
    StepState,
    StepTaken,
    Task,
    TaskKind,
    Term,
)
from domain.ledger import Entry, EntryKind
from domain.money import Money
from domain.next_move import next_move
from intake.find_policies import load_policies

_DUE: Final = date(2026, 1, 15)
_FROM: Final = datetime(2026, 1, 10, 9, tzinfo=UTC)
_AT_ONCE: Final = 1000


def measure_decisions(count: int = 50_000) -> float:
    """Decisions a second. Every case is new, so nothing that one decision worked out serves another, and was made
    a moment ago, as a case is read and then decided about: not fifty thousand that no cache of the processor holds."""
    policies = load_policies(Path(__file__).parent.parent / "policies")
    ladders = [policies["nl-business"], policies["standard"], policies["strict"]]
    random, spent = Random(0), 0.0
    for first in range(0, count, _AT_ONCE):
        asked = [
            (a_case(random, number), ladders[number % 3], _FROM + timedelta(hours=random.randrange(24 * 60)))
            for number in range(first, first + _AT_ONCE)
        ]
        start = process_time()
        for facts, policy, now in asked:
            next_move(facts, policy, now)
        spent += process_time() - start
    return count / spent


def a_case(random: Random, number: int) -> Facts:
    """Principal, part payment, two steps taken, a call done, a dispute, a hold, a promise that are over, contacts."""
    due = _DUE + timedelta(days=random.randrange(20))
    owed = Money(Decimal(random.randrange(50_00, 5000_00)).scaleb(-2), "EUR")
    paid = Money(Decimal(random.randrange(1_00, 49_00)).scaleb(-2), "EUR")
    entered = datetime(2026, 1, 2, 8, tzinfo=UTC)

    def at(days: int) -> datetime:
        return datetime(due.year, due.month, due.day, 9, 30, tzinfo=UTC) + timedelta(days=days)

    taken = [
        StepTaken(
            1, "reminder-1", StepState.DONE, at(7), at(7), notice_id=f"n{number}", asked=owed, channel="email"
        ),
        StepTaken(
            1,
            "reminder-2",
            StepState.DONE,
            at(17),
            at(17),
            notice_id=f"m{number}",
            asked=owed,
            channel="email",
        ),
    ][: number % 3]
    return Facts(
        invoice_id=f"invoice-{number}",
        creditor_id="creditor",
        debtor_id=f"debtor-{number % 10_000}",
        debtor_kind=DebtorKind.BUSINESS,
        country=("NL", "BE")[number % 2],
        mailable=True,
        letterable=True,
        currency="EUR",
        issued=due - timedelta(days=30),
        enrolled_at=entered,
        terms=(Term(due, owed),),
        entries=(
            Entry("principal", EntryKind.PRINCIPAL, owed, due - timedelta(days=30)),
            Entry("payment/p1", EntryKind.PAYMENT, -paid, due),
        ),
        disputes=(Dispute("d", paid, at(1), at(2), DisputeOutcome.REJECTED),),
        holds=(Hold("h", at(2), at(3)),),
        promises=(Promise("p", paid, due, at(-1), owed, at(1), PromiseOutcome.BROKEN),),
        steps=tuple(taken),
        tasks=(Task("t", TaskKind.CALL, 1, "reminder-2", at(4), at(5), "done"),),
        contacts=tuple(Contact(t.at, courtesy=True, ref=t.notice_id or "") for t in taken),
    )


if __name__ == "__main__":
    print(f"{measure_decisions():,.0f} decisions a second")
