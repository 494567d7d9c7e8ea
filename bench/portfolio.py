"""Invoices made up for measuring, and the ladders they climb."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.facts import Term
from domain.money import Money
from domain.new_invoice import NewDebtor, NewInvoice
from domain.policy import Policy
from intake.read_creditors import read_creditors
from intake.read_policy import read_policy
from store.add_creditors import add_creditors
from store.add_policies import add_policies

_HEAD = "version: 1\ntime_zone: Europe/Amsterdam\nsend_window: always\nsteps:\n"
_OWED = Money.parse("100.00", "EUR")
_STEP = "  - {{key: reminder-{n}, after: {after}, anchor: {anchor}, channel: email, tone: {tone}}}\n"


def one_step(name: str, seconds: int) -> str:
    """One mail, so many seconds after enrolment."""
    return f"name: {name}\n{_HEAD}" + _STEP.format(
        n=1, after=f"{seconds}s", anchor="enrolled", tone="friendly"
    )


def formal_step(name: str, seconds: int) -> str:
    """One formal notice with interest and costs, so many seconds after enrolment."""
    legal = "legal: formal_notice, term: 14d, charges: {interest: true, costs: true}}"
    return one_step(name, seconds).replace("friendly}", f"formal, {legal}")


def five_steps(name: str, seconds: int) -> str:
    """Five mails, so many seconds apart."""
    lines = [
        _STEP.format(
            n=n,
            after=f"{seconds}s",
            anchor="enrolled" if n == 1 else "previous",
            tone="friendly" if n < 3 else "firm",
        )
        for n in range(1, 6)
    ]
    return f"name: {name}\n{_HEAD}" + "".join(lines)


async def prepare(engine: AsyncEngine, sources: list[str]) -> dict[str, Policy]:
    """The sample creditor and these policies."""
    policies = {p.name: p for p in (read_policy(source, "bench") for source in sources)}
    creditors = Path(__file__).parent.parent / "samples" / "creditors.yaml"
    async with engine.begin() as tx:
        await add_creditors(tx, read_creditors(creditors.read_text(), str(creditors)))
        for policy, source in zip(policies.values(), sources, strict=True):
            await add_policies(tx, {(policy.name, policy.version): source})
    return policies


def portfolio(prefix: str, count: int, policy: str, *, invoices_per_debtor: int = 1) -> list[NewInvoice]:
    """`count` overdue invoices of 100.00 EUR each, so many of each debtor."""
    return [
        NewInvoice(
            number=f"{prefix}-{n}",
            debtor=_debtor(prefix, n // invoices_per_debtor),
            issued=date(2026, 1, 1),
            terms=(Term(date(2026, 1, 31), _OWED),),
            amount=_OWED,
            policy=policy,
        )
        for n in range(count)
    ]


def _debtor(prefix: str, n: int) -> NewDebtor:
    return NewDebtor(f"{prefix}-{n}", f"Debtor {n}", "business", "NL", "nl", f"debtor{n}@example.com")
