"""Costs on the terms of contracts for regular supply, which may not pile up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.facts import DebtorKind
from domain.law import belgium, netherlands
from domain.law.costs import Costs, amounts_in, collection_costs
from domain.money import Money


def instalment_costs(term: Money, earlier_in_six_months: Sequence[Money]) -> Costs:
    """What one unpaid term of a Dutch consumer's recurring contract may cost.

    `earlier_in_six_months`: the costs charged for earlier terms in the six months before this one. Small terms
    share one maximum; a term from EUR 266.67 on follows the ordinary scale.
    """
    (*charged,) = amounts_in("NL", earlier_in_six_months)
    if term.amount >= netherlands.INSTALMENTS_BELOW:
        return collection_costs("NL", DebtorKind.CONSUMER, [term])
    if not amounts_in("NL", [term]):
        amount = Decimal(0)
    else:
        each = netherlands.LATER_INSTALMENT if charged else netherlands.FIRST_INSTALMENT
        left = netherlands.INSTALMENTS_MOST - sum(charged, Decimal(0))
        amount = max(min(each, left), Decimal(0))
    return Costs(Money(amount, "EUR"), Money.zero("EUR"), (netherlands.INSTALMENTS_BASIS,))


def recurring_reminder_fee(reminders_this_calendar_year: int, postage: Money) -> Money:
    """The most a reminder to a Belgian consumer of a recurring contract may cost.

    `reminders_this_calendar_year` counts the missed due dates reminded of, this one included.
    """
    amounts_in("BE", [postage])
    if reminders_this_calendar_year <= belgium.FREE_REMINDERS:
        return Money.zero(postage.currency)
    return Money(belgium.REMINDER_FEE, postage.currency) + postage
