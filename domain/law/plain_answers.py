"""Answers of the calculators as JSON has them: amounts, percentages and dates are text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from domain.law.claim import Allocation, Claim, InterestLine
from domain.law.costs import Costs
from domain.law.rates import Rate
from domain.law.window import Window
from domain.money import Money


def plain_claim(claim: Claim) -> dict[str, Any]:
    return {
        "principal": _amount(claim.principal),
        "interest": _amount(claim.interest),
        "costs": _amount(claim.costs),
        "vat_on_costs": _amount(claim.vat_on_costs),
        "total": _amount(claim.total),
        "provisional": claim.provisional,
        "interest_lines": [_interest_line(line) for line in claim.interest_lines],
        "allocations": [_allocation(line) for line in claim.allocations],
        "basis": list(claim.basis),
        "surplus": _amount(claim.surplus),
    }


def plain_window(window: Window) -> dict[str, str]:
    return {
        "deemed_delivery": window.deemed_delivery.isoformat(),
        "first_day": window.first_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "costs_from": window.costs_from.isoformat(),
    }


def plain_costs(costs: Costs) -> dict[str, str]:
    return {"costs": _amount(costs.amount), "vat": _amount(costs.vat)}


def plain_rate(rate: Rate, *, provisional: bool = False) -> dict[str, Any]:
    """`provisional` is told when provisional rates were allowed."""
    told: dict[str, Any] = {"percent": percent_text(rate.percent), "source": rate.source}
    return told | {"provisional": rate.provisional} if provisional else told


def percent_text(percent: Decimal) -> str:
    """Without zeros at the end: `10.4`, `4`."""
    return f"{percent.normalize() + 0:f}"


def _interest_line(line: InterestLine) -> dict[str, Any]:
    return {
        "invoice": line.invoice,
        "from": line.first.isoformat(),
        "to": line.last.isoformat(),
        "days": line.days,
        "rate": percent_text(line.percent),
        "base": _amount(line.base),
        "interest": _amount(line.interest),
        "source": line.source,
    }


def _allocation(line: Allocation) -> dict[str, Any]:
    return {
        "on": line.on.isoformat(),
        "invoice": line.invoice,
        "costs": _amount(line.costs),
        "interest": _amount(line.interest),
        "principal": _amount(line.principal),
    }


def _amount(money: Money) -> str:
    return str(money.amount)
