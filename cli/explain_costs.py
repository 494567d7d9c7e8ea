"""Collection costs for people: how the amount came about, and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from cli.output import screen, table
from domain.facts import DebtorKind
from domain.law import belgium, netherlands
from domain.law.costs import Costs
from domain.law.country import as_consumer, supported_country
from domain.money import CENT

Row = tuple[str, str]


def explain_costs(costs: Costs, country: str, kind: str, principals: Sequence[str]) -> None:
    owed = [Decimal(text) for text in principals]
    code, total = supported_country(country), sum(owed, Decimal(0))
    rows: list[Row] = [(f"principal {number}", f"{one:.2f}") for number, one in enumerate(owed, 1)]
    if len(owed) > 1:
        rows.append(("together", f"{total:.2f}"))
    if code == "NL":
        rows += _dutch_scale(total)
    elif code == "BE" and as_consumer(DebtorKind(kind)):
        rows += _belgian_tiers(owed)
    rows.append(("costs", f"{costs.amount.amount}"))
    if costs.vat:
        rows.append((f"VAT, {netherlands.VAT_PERCENT} %", f"{costs.vat.amount}"))
    width = max(len(amount) for _, amount in rows)
    print(f"Collection costs ({code}, {kind}, {costs.amount.currency})\n")
    screen().print(table("", ("", "amount"), [(what, amount.rjust(width)) for what, amount in rows]))
    print("\nwhy")
    for reason in costs.basis:
        print(f"- {reason}")


def _dutch_scale(principal: Decimal) -> Iterator[Row]:
    ends = [*(start for start, _ in netherlands.SCALE[1:]), principal]
    for (start, percent), end in zip(netherlands.SCALE, ends, strict=True):
        part = min(principal, end) - start
        if part > 0:
            yield f"{percent} % of {part:.2f}", f"{(part * percent / 100).quantize(CENT, ROUND_HALF_UP)}"
    yield f"at least {netherlands.LEAST}, at most {netherlands.MOST}", ""


def _belgian_tiers(balances: Sequence[Decimal]) -> Iterator[Row]:
    """The caps whose lower one holds."""
    if len(balances) > 1:
        for number, balance in enumerate(balances, 1):
            yield f"cap of principal {number}", f"{belgium.indemnity_cap(balance):.2f}"
    total = sum(balances, Decimal(0))
    tier = next(tier for tier in belgium.CAPS if tier.up_to is None or total <= tier.up_to)
    share = f" + {tier.percent} % of what is above {tier.above}" if tier.percent else ""
    yield (
        f"cap{' of the sum' if len(balances) > 1 else ''}: {tier.fixed}{share}, at most {belgium.MOST}",
        (f"{belgium.indemnity_cap(total):.2f}"),
    )
