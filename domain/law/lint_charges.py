"""What may be charged to whom, and when: rules for ladders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from domain.law.country import SUPPORTED
from domain.law.instalment_costs import REMINDER_FEE
from domain.law.lint_ladder import Finding, LintedLadder
from domain.law.settings import LegalStep
from domain.policy import Step

DE_REMINDER_FEE: Final = Decimal("5.00")
"""What courts accept as the real cost of a reminder to a consumer; no statute names it."""
_WITHOUT_COSTS: Final = frozenset({"FR", "GB"})
_WAIT: Final = "follow the letter by a step with 'anchor: receipt, after: 1d' and charge there or later"


def nl_charges_before_letter(ladder: LintedLadder) -> Iterator[Finding]:
    """Art. 6:96 para 6 BW: a consumer owes costs only after a 14-day letter has run out.

    Interest runs by law from default; that it waits for the letter too is ours, to claim rather less.
    """
    for at, step in _charging_consumers(ladder, "NL"):
        is_letter = step.legal is LegalStep.NL_14_DAY_LETTER
        asks = step.charges.costs or step.charges.interest
        if asks and not is_letter and not ladder.is_warned(at, {LegalStep.NL_14_DAY_LETTER}):
            text = f"charges a consumer before a 14-day letter has surely run out: {_WAIT}"
            yield ladder.error("nl_charges_before_letter", step, text)


def nl_letter_charges(ladder: LintedLadder) -> Iterator[Finding]:
    for _, step in _charging_consumers(ladder, "NL"):
        if step.legal is LegalStep.NL_14_DAY_LETTER:
            text = f"the 14-day letter demands the principal free of charge: {_WAIT}"
            yield ladder.error("nl_letter_charges", step, text)


def nl_fee(ladder: LintedLadder) -> Iterator[Finding]:
    for _, step in _charging_consumers(ladder, "NL"):
        if step.charges.fee is not None:
            text = "a Dutch consumer owes nothing beside the statutory scale: write 'costs: true' for 'fee'"
            yield ladder.error("nl_fee", step, text)


def be_first_reminder_charges(ladder: LintedLadder) -> Iterator[Finding]:
    """Art. XIX.2 CEL: the first reminder is free, and so are the 14 days after it."""
    for at, step in _charging_consumers(ladder, "BE"):
        if step.legal is LegalStep.BE_FIRST_REMINDER:
            text = f"the first reminder to a Belgian consumer is free: {_WAIT}"
            yield ladder.error("be_first_reminder_charges", step, text)
        elif not ladder.is_warned(at, {LegalStep.BE_FIRST_REMINDER}):
            text = f"charges before the free first reminder (legal: be_first_reminder) has surely run out: {_WAIT}"
            yield ladder.error("be_first_reminder_charges", step, text)


def be_no_clause(ladder: LintedLadder) -> Iterator[Finding]:
    for _, step in _charging_consumers(ladder, "BE"):
        if (step.charges.costs or step.charges.interest) and not ladder.policy.law.costs_clause:
            text = (
                "a Belgian consumer owes costs and interest only by a clause that binds both sides:"
                " state 'law: {costs_clause: true}' if the contract has one, or charge nothing"
            )
            yield ladder.error("be_no_clause", step, text)


def be_fee(ladder: LintedLadder) -> Iterator[Finding]:
    for _, step in _charging_consumers(ladder, "BE"):
        if step.charges.fee is not None and not ladder.policy.law.recurring:
            text = (
                "a Belgian consumer pays for reminders of a contract for regular supply only:"
                " leave the fee out, or state 'law: {recurring: true}' for such a contract"
            )
            yield ladder.error("be_fee", step, text)


def costs_above_cap(ladder: LintedLadder) -> Iterator[Finding]:
    """Caps of statutory costs depend on the amount owed and are applied when charged; fees are known here."""
    cap = {"BE": REMINDER_FEE, "DE": DE_REMINDER_FEE}.get(ladder.country) if ladder.is_consumer else None
    for _, step in ladder.charging():
        fee = step.charges.fee
        if fee is not None and cap is not None and fee > cap:
            text = f"a fee of {fee} is above the {cap} that a consumer may be asked: lower it"
            yield ladder.error("costs_above_cap", step, text)


def consumer_costs(ladder: LintedLadder) -> Iterator[Finding]:
    """Countries in which collecting from a consumer is at the creditor's expense."""
    if ladder.country not in _WITHOUT_COSTS:
        return
    for _, step in _charging_consumers(ladder, ladder.country):
        prefix = ladder.country.lower()
        if step.charges.costs or step.charges.fee is not None:
            text = "collection costs stay with the creditor: charge neither costs nor a fee"
            yield ladder.error(f"{prefix}_consumer_costs", step, text)
        if step.charges.interest and ladder.policy.law.contractual_rate is None:
            text = "no statutory rate holds: charge no interest, or state the agreed 'law: {contractual_rate: ...}'"
            yield ladder.error(f"{prefix}_consumer_interest", step, text)


def charge_before_default(ladder: LintedLadder) -> Iterator[Finding]:
    for at, step in ladder.charging():
        late = ladder.days_late(at)
        if late is not None and late < 1:
            report = ladder.error if ladder.is_consumer else ladder.warning
            text = "charges before the debtor is late: an invoice may be paid through its whole due date"
            yield report("charge_before_default", step, text)


def no_law_for_country(ladder: LintedLadder) -> Iterator[Finding]:
    if ladder.country in SUPPORTED:
        return
    for _, step in ladder.charging():
        text = f"what may be charged in {ladder.country} is not known: charge nothing there"
        yield ladder.error("no_law_for_country", step, text)


def vat_not_applicable(ladder: LintedLadder) -> Iterator[Finding]:
    if ladder.policy.law.vat_on_costs and ladder.country != "NL":
        for _, step in ladder.charging():
            if step.charges.costs:
                text = "VAT on costs exists in the Netherlands only: none is added here"
                yield ladder.warning("vat_not_applicable", step, text)


def _charging_consumers(ladder: LintedLadder, country: str) -> Iterator[tuple[int, Step]]:
    if ladder.country == country and ladder.is_consumer:
        yield from ladder.charging()
