"""Costs on the terms of contracts for regular supply, which may not pile up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from domain.facts import DebtorKind
from domain.law.costs import Costs, amounts_in, collection_costs
from domain.money import Money

SMALL_TERM: Final = Decimal("266.67")
"""Netherlands, art. 2a: terms below this share one maximum. Below it the ordinary costs are EUR 40."""
# How the 140 is made up was not read in the text of art. 2a: 40 and then five times 20 is the lower reading.
FIRST_TERM: Final = Decimal(40)
LATER_TERM: Final = Decimal(20)
MOST_IN_SIX_MONTHS: Final = Decimal(140)

FREE_REMINDERS: Final = 3
"""Belgium, Book XIX CEL: missed due dates per contract and calendar year."""
REMINDER_FEE: Final = Decimal("7.50")
"""Belgium: the most an additional reminder costs, and the postage in force."""

_BASIS: Final = "art. 2a Besluit vergoeding voor buitengerechtelijke incassokosten"


def instalment_costs(term: Money, earlier_in_six_months: Sequence[Money]) -> Costs:
    """What one unpaid term of a Dutch consumer's recurring contract may cost.

    `earlier_in_six_months`: the costs charged for earlier terms in the six months before this one. Small terms
    share one maximum; a term from EUR 266.67 on follows the ordinary scale.
    """
    charged = amounts_in("NL", earlier_in_six_months)
    if term.amount >= SMALL_TERM:
        return collection_costs("NL", DebtorKind.CONSUMER, [term])
    if not amounts_in("NL", [term]):
        amount = Decimal(0)
    else:
        each = LATER_TERM if charged else FIRST_TERM
        left = MOST_IN_SIX_MONTHS - sum(charged, Decimal(0))
        amount = max(min(each, left), Decimal(0))
    return Costs(Money(amount, "EUR"), Money.zero("EUR"), (_BASIS,))


def recurring_reminder_fee(reminders_this_calendar_year: int, postage: Money) -> Money:
    """The most a reminder to a Belgian consumer of a recurring contract may cost.

    `reminders_this_calendar_year` counts the missed due dates reminded of, this one included.
    """
    amounts_in("BE", [postage])
    if reminders_this_calendar_year <= FREE_REMINDERS:
        return Money.zero(postage.currency)
    return Money(REMINDER_FEE, postage.currency) + postage
