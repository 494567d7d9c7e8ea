"""The claim in a dossier, for reading: what is owed, how the interest came about, and why."""

from __future__ import annotations

from collections.abc import Iterator

from domain.law.claim import Claim
from domain.law.plain_answers import percent_text
from domain.money import Money


def claim_in_words(claim: Claim) -> str:
    """Lines of text, sources of rates told once."""
    return "".join(f"{line}\n" for line in _lines(claim))


def _lines(claim: Claim) -> Iterator[str]:
    for name, amount in (
        ("principal", claim.principal),
        ("interest", claim.interest),
        ("costs", claim.costs),
        ("VAT on costs", claim.vat_on_costs),
        ("total", claim.total),
    ):
        yield f"{name:<14}{_amount(amount)}"
    if claim.provisional:
        yield "provisional: a rate that is not known yet was taken to be the last known one"
    if claim.interest_lines:
        yield from ("", *_interest(claim))
    if claim.allocations:
        yield from ("", *_payments(claim))
    yield from ("", "Why", *(f"- {reason}" for reason in claim.basis))


def _interest(claim: Claim) -> Iterator[str]:
    sources = list(dict.fromkeys(line.source for line in claim.interest_lines))
    yield f"Interest ({claim.accrued} in all, paid or not)"
    yield f"{'term':<6}{'from':<12}{'to':<12}{'days':>6}{'rate':>9}{'base':>14}{'interest':>12}  source"
    for line in claim.interest_lines:
        rate = f"{percent_text(line.percent)} %"
        yield (
            f"{line.invoice:<6}{line.first!s:<12}{line.last!s:<12}{line.days:>6}{rate:>9}"
            f"{_amount(line.base)}{line.interest.amount:>12}  [{sources.index(line.source) + 1}]"
        )
    for number, source in enumerate(sources, 1):
        yield f"[{number}] {source}"


def _payments(claim: Claim) -> Iterator[str]:
    yield "Payments"
    yield f"{'term':<6}{'paid on':<12}{'to costs':>14}{'to interest':>14}{'to principal':>14}"
    for line in claim.allocations:
        paid = "".join(_amount(amount) for amount in (line.costs, line.interest, line.principal))
        yield f"{line.invoice or '':<6}{line.on!s:<12}{paid}"


def _amount(money: Money) -> str:
    """As wide as its column, so that cents stand below cents."""
    return f"{money.amount:>14}"
