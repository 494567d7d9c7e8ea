"""What may be claimed on a case and of a debtor, with how it came about. Amounts are decimal strings."""

from __future__ import annotations

from pydantic import BaseModel, Field

_TERM = Field(description="Of the invoice, counted from 1 by due date.")


class CaseInterestLine(BaseModel):
    """Interest over days in which neither rate nor base changes."""

    term: int = _TERM
    from_: str = Field(alias="from")
    to: str = Field(description="Inclusive.")
    days: int
    rate: str = Field(description="Percent a year.")
    base: str
    interest: str
    source: str


class CaseAllocation(BaseModel):
    """What a payment paid."""

    on: str
    term: int | None = Field(
        description="Of the invoice, counted from 1 by due date; null: it paid costs alone."
    )
    costs: str = Field(description="With their VAT.")
    interest: str
    principal: str


class LawView(BaseModel):
    """The policy's settings that the claim was counted with."""

    day_count: str
    contractual_rate: str | None = Field(description="Percent a year; null: the statutory rate.")
    costs_clause: bool
    creditor_size: str


class ClaimAmounts(BaseModel):
    """What is still owed at the end of the day asked for, after the payments up to it."""

    currency: str
    principal: str
    interest: str
    costs: str
    vat_on_costs: str
    total: str
    open: str = Field(description="What the ledger says now: with the charges that were asked for so far.")
    provisional: bool = Field(description="A rate that is not known yet was taken to be the last known one.")


class CaseClaim(ClaimAmounts):
    invoice: str
    number: str
    on: str
    surplus: str = Field(description="Paid beyond all that was owed on the day of payment.")
    interest_lines: list[CaseInterestLine]
    allocations: list[CaseAllocation]
    basis: list[str] = Field(description="On what the claim rests, in sentences.")
    settings: LawView


class CurrencyClaim(ClaimAmounts):
    """Costs that the law allows once for several claims are divided among them."""

    invoices: list[CaseClaim]


class DebtorClaimView(BaseModel):
    debtor: str
    on: str
    claims: list[CurrencyClaim] = Field(description="One for each currency.")
