"""Book what a step adds to the claim, at the moment it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.applying import book
from domain.bundle import Line
from domain.facts import Facts
from domain.law.charge import DebtorAccount, Demanded, beside, charges_of
from domain.law.claim_of_case import claim_of_case
from domain.money import Money
from domain.policy import Policy, Step
from store.read_account import read_accounts


def charge(
    facts: Facts,
    policy: Policy,
    step: Step,
    account: DebtorAccount,
    lines: Mapping[str, Demanded],
    today: date,
) -> tuple[Facts, DebtorAccount]:
    """The facts with the step's charges, and the account they were counted from. `lines`: what the step's notice
    demands, by invoice.

    A claim that was tried before keeps what was booked then. Raises DomainError when the rate of today is not known
    yet, or the law does not know the debtor.
    """
    if not step.charges and not step.legal:
        return facts, account
    account = beside(account, step, facts, lines)
    if not step.charges:
        return facts, account
    accrued = Money.zero(facts.currency)
    if step.charges.interest:
        accrued = claim_of_case(facts, policy, today, account).accrued
    return book(facts, charges_of(step, facts, policy, today, account, accrued)), account


async def accounts_of(tx: AsyncConnection, lines: Sequence[Line], today: date) -> Mapping[str, DebtorAccount]:
    """By invoice, of the lines whose step charges something or has legal effect."""
    asked: dict[tuple[str, ...], list[Facts]] = {}
    for line in lines:
        step, facts, policy = line.step, line.case.facts, line.case.policy
        if step and (step.charges or step.legal):
            # What a letter demands together it says itself: nothing need be read of earlier ones.
            letters = () if step.legal else tuple(s.key for s in policy.steps if s.legal)
            asked.setdefault(letters, []).append(facts)
    found: dict[str, DebtorAccount] = {}
    for letters, cases in asked.items():
        found |= await read_accounts(tx, cases, letters, today)
    return found


async def account_of(tx: AsyncConnection, facts: Facts, policy: Policy, today: date) -> DebtorAccount:
    letters = [step.key for step in policy.steps if step.legal]
    return (await read_accounts(tx, [facts], letters, today))[facts.invoice_id]
