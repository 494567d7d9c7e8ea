"""A claim for people: every line of its interest, where each payment went, what is left, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cli.output import screen, table
from domain.law.calculate import Calculated
from domain.law.claim import Claim
from domain.law.plain_answers import percent_text
from domain.money import Money


def explain_claim(found: Calculated) -> None:
    asked, claim, out = found.question, found.claim, screen()
    print(
        f"Claim at the end of {_day(asked.as_of)} ({asked.country}, {asked.kind.value}, {asked.currency})\n"
    )
    invoices = [(one.id, _day(one.due), _amount(one.principal)) for one in asked.invoices]
    out.print(table("invoices", ("invoice", "due", " principal"), invoices))
    if claim.interest_lines:
        _explain_interest(claim)
    if claim.allocations:
        booked = [
            (_day(a.on), a.invoice, _amount(a.costs), _amount(a.interest), _amount(a.principal))
            for a in claim.allocations
        ]
        columns = ("paid on", "invoice", "  to costs", "to interest", "to principal")
        out.print("", table("payments", columns, booked))
    out.print("", table("owed", ("part", "      in all", "        paid", "        left"), list(_owed(claim))))
    if claim.surplus:
        print(f"\npaid beyond what was owed: {claim.surplus}")
    if claim.provisional:
        print("\nprovisional: a rate that is not known yet was taken to be the last known one")
    print("\nwhy")
    for reason in claim.basis:
        print(f"- {reason}")


def _owed(claim: Claim) -> Iterator[tuple[str, str, str, str]]:
    """What there was of each part, what payments took of it, and what is left."""
    zero = Money.zero(claim.total.currency)
    left = {
        "costs": claim.costs + claim.vat_on_costs,
        "interest": claim.interest,
        "principal": claim.principal,
    }
    paid = {part: sum((getattr(a, part) for a in claim.allocations), zero) for part in left}
    left["total"], paid["total"] = claim.total, sum(paid.values(), zero)
    for part, amount in left.items():
        yield part, _amount(paid[part] + amount), _amount(paid[part]), _amount(amount)
        if part == "costs" and claim.vat_on_costs:
            yield "  VAT in them", "", "", _amount(claim.vat_on_costs)


def _explain_interest(claim: Claim) -> None:
    """Sources are long: each is told once, below."""
    sources = list(dict.fromkeys(line.source for line in claim.interest_lines))
    lines = [
        (
            *(line.invoice, _day(line.first), _day(line.last), line.days),
            *(f"{percent_text(line.percent)} %", _amount(line.base), _amount(line.interest)),
            f"[{sources.index(line.source) + 1}]",
        )
        for line in claim.interest_lines
    ]
    columns = ("invoice", "from", "to", "days", "rate", "      base", "  interest", "source")
    screen().print("", table(f"interest: {claim.accrued.amount} in all", columns, lines))
    for number, source in enumerate(sources, 1):
        print(f"[{number}] {source}")


def _day(day: date) -> str:
    return f"{day:%a %Y-%m-%d}"


def _amount(money: Money) -> str:
    """As wide as its column, so that cents stand below cents."""
    return f"{money.amount:>10}"
