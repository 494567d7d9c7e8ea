"""Claims: what may be asked on a day, and why."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from activities.charge import account_of
from api.calls import Reading, as_uuid
from api.problems import Problem
from api.schemas.claims import CaseClaim, CurrencyClaim, DebtorClaimView, LawView
from api.schemas.fields import Day
from api.show_case import case_now
from domain.facts import Facts
from domain.law.claim import Claim
from domain.law.claim_of_case import claim_of_case
from domain.law.claim_of_debtor import DebtorClaim, claim_of_debtor
from domain.law.plain_answers import percent_text
from domain.law.plain_case_claim import plain_case_claim
from domain.law.settings import LawSettings
from domain.money import Money
from domain.policy import Policy
from store.debtors import read_debtor
from store.read_case import read_open_cases
from store.read_lines import read_lines

router = APIRouter(tags=["claims"])
On = Annotated[Day | None, Query(description="Left out: today, in the zone of the policy.")]
Provisional = Annotated[bool, Query(description="Where a rate is not known yet, take the last known one.")]


@router.get("/invoices/{invoice_id}/claim")
async def look_at_claim(
    invoice_id: str, call: Reading, *, on: On = None, provisional: Provisional = False
) -> CaseClaim:
    """What may be claimed at the end of a day: principal, interest and costs, line by line. Notices ask for less where
    part is in dispute, and for charges only once a step has booked them."""
    async with call.tools.engine.connect() as connection:
        case = await case_now(call.tools, connection, as_uuid(invoice_id))
        day = date.fromisoformat(on) if on else case.now.astimezone(case.policy.zone).date()
        account = await account_of(connection, case.facts, case.policy, day)
    claim = claim_of_case(case.facts, case.policy, day, account, provisional=provisional)
    return _of_case(case.facts, case.policy, case.invoice.number, day, claim)


@router.get("/debtors/{debtor_id}/claim")
async def look_at_claims(
    debtor_id: str, call: Reading, *, on: On = None, provisional: Provisional = False
) -> DebtorClaimView:
    """What may be claimed of a debtor for all open invoices together, by currency, and for each of them."""
    id_ = as_uuid(debtor_id)
    async with call.tools.engine.connect() as connection:
        if id_ is None or await read_debtor(connection, id_) is None:
            raise Problem(404, "unknown_debtor", "no debtor has this id")
        cases = {
            stored.facts.invoice_id: (
                stored.facts,
                await call.tools.policy(connection, stored.policy_name, stored.policy_version),
            )
            for stored in await read_open_cases(connection, id_)
        }
        texts = await read_lines(connection, list(cases))
    zone = next((policy.zone for _, policy in cases.values()), UTC)
    day = date.fromisoformat(on) if on else call.now.astimezone(zone).date()
    found = claim_of_debtor(list(cases.values()), day, provisional=provisional)
    return DebtorClaimView(
        debtor=id_,
        on=day.isoformat(),
        claims=[
            CurrencyClaim(
                **_amounts(together, sum((cases[i][0].open for i, _ in together.claims), _zero(together))),
                invoices=[
                    _of_case(*cases[i], texts[i]["number"], day, claim) for i, claim in together.claims
                ],
            )
            for together in found
        ],
    )


def _of_case(facts: Facts, policy: Policy, number: str, on: date, claim: Claim) -> CaseClaim:
    values: dict[str, Any] = plain_case_claim(claim) | {
        "invoice": facts.invoice_id,
        "number": number,
        "on": on.isoformat(),
        "currency": facts.currency,
        "open": str(facts.open.amount),
        "settings": _law(policy.law),
    }
    return CaseClaim(**values)


def _law(law: LawSettings) -> LawView:
    return LawView(
        day_count=law.day_count,
        contractual_rate=None if law.contractual_rate is None else percent_text(law.contractual_rate),
        costs_clause=law.costs_clause,
        creditor_size=law.creditor_size,
    )


def _amounts(claim: DebtorClaim, open_: Money) -> dict[str, Any]:
    return {
        "currency": claim.currency,
        "principal": str(claim.principal.amount),
        "interest": str(claim.interest.amount),
        "costs": str(claim.costs.amount),
        "vat_on_costs": str(claim.vat_on_costs.amount),
        "total": str(claim.total.amount),
        "open": str(open_.amount),
        "provisional": claim.provisional,
    }


def _zero(claim: DebtorClaim) -> Money:
    return Money.zero(claim.currency)
