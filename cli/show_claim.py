"""The claim of today, as a part of what is shown of a case."""

from __future__ import annotations

from typing import Any

from cli.output import screen, table
from domain.errors import DomainError
from domain.law.claim import Claim
from domain.law.plain_answers import percent_text
from domain.law.plain_case_claim import plain_case_claim
from domain.money import Money


def plain_claim_today(found: Claim | DomainError) -> dict[str, Any]:
    """As the API has it; or `refused`, with the code and the reason."""
    if isinstance(found, DomainError):
        return {"refused": {"code": found.code, "message": found.message}}
    return plain_case_claim(found)


def print_claim_today(found: Claim | DomainError) -> None:
    if isinstance(found, DomainError):
        print(f"claim today: cannot be counted, {found.message}")
        return
    owed = [
        ("principal", _amount(found.principal)),
        ("interest", _amount(found.interest)),
        ("costs", _amount(found.costs)),
        *([("VAT on costs", _amount(found.vat_on_costs))] if found.vat_on_costs else []),
        ("total", _amount(found.total)),
    ]
    out = screen()
    out.print(table(f"claim today, in {found.total.currency}", ("part", "    amount"), owed))
    if found.interest_lines:
        _print_interest(found)
    if found.allocations:
        _print_payments(found)
    for reason in found.basis:
        print(f"- {reason}")


def _print_interest(claim: Claim) -> None:
    lines = [
        (
            *(line.first, line.last, line.days, f"{percent_text(line.percent)} %"),
            *(_amount(line.base), _amount(line.interest), line.source),
        )
        for line in claim.interest_lines
    ]
    columns = ("from", "to", "days", "rate", "      base", "  interest", "source")
    screen().print("", table("interest", columns, lines))


def _print_payments(claim: Claim) -> None:
    lines = [(a.on, _amount(a.costs), _amount(a.interest), _amount(a.principal)) for a in claim.allocations]
    columns = ("paid on", "  to costs", "to interest", "to principal")
    screen().print("", table("payments", columns, lines))


def _amount(money: Money) -> str:
    """As wide as its column, so that cents stand below cents."""
    return f"{money.amount:>10}"
