"""Book what a step adds to the claim, at the moment it leaves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.applying import book
from domain.facts import Facts
from domain.law.charge import DebtorAccount, charges_of, in_letter
from domain.law.claim_of_case import claim_of_case
from domain.money import Money
from domain.policy import Policy, Step
from store.read_account import read_account


async def charge(
    tx: AsyncConnection, facts: Facts, policy: Policy, step: Step, lines: Iterable[Facts], today: date
) -> tuple[Facts, DebtorAccount]:
    """The facts with the step's charges, counted from the ledger as it is now; `lines` are the claims that its notice
    names. A claim that was tried before keeps what was booked then. Raises DomainError when the rate of today is not
    known yet, or the law does not know the debtor."""
    if not step.charges and not step.legal:
        return facts, DebtorAccount()
    account = in_letter(await account_of(tx, facts, policy, today), step, facts, lines, today)
    if not step.charges:
        return facts, account
    accrued = Money.zero(facts.currency)
    if step.charges.interest:
        accrued = claim_of_case(facts, policy, today, account).accrued
    return book(facts, charges_of(step, facts, policy, today, account, accrued)), account


async def account_of(tx: AsyncConnection, facts: Facts, policy: Policy, today: date) -> DebtorAccount:
    letters = [step.key for step in policy.steps if step.legal]
    return await read_account(tx, facts, letters, today)
