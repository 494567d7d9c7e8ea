"""What a creditor has to say about its claims before the law can be applied to them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class LegalStep(StrEnum):
    """The legal effect a step can have."""

    NL_14_DAY_LETTER = "nl_14_day_letter"  # art. 6:96 para 6 BW
    BE_FIRST_REMINDER = "be_first_reminder"  # art. XIX.2 CEL
    FORMAL_NOTICE = "formal_notice"  # ingebrekestelling, mise en demeure


class CreditorSize(StrEnum):
    SME = "sme"
    LARGE = "large"


class DayCount(StrEnum):
    """What a day's interest is divided by."""

    ACTUAL_365 = "actual/365"  # always 365, also in leap years
    ACTUAL_ANNIVERSARY = (
        "actual/anniversary"  # the days of the year from anniversary to anniversary of default
    )


class ClaimType(StrEnum):
    """What was sold, as far as the limitation period depends on it."""

    UNKNOWN = "unknown"  # the shortest period that could apply
    SERVICES = "services"
    GOODS = "goods"
    PERIODIC = "periodic"  # rent, subscriptions and the like


SAFETY_BUFFER_DAYS: Final = 3
"""Days that notices add to a presumed delivery, since a debtor may dispute the day of receipt."""


@dataclass(frozen=True, slots=True)
class LawSettings:
    """The key `law` of a policy. The defaults claim least and wait longest."""

    creditor_size: CreditorSize = CreditorSize.LARGE
    costs_clause: bool = False
    """The contract has a clause on costs and interest that binds both sides (Belgium, consumers)."""
    contractual_rate: Decimal | None = None
    """Agreed interest, percent a year; None: the statutory rate."""
    day_count: DayCount = DayCount.ACTUAL_365
    vat_on_costs: bool = False
    """The creditor buys a taxed collection service and cannot recover its VAT (Netherlands)."""
    safety_buffer_days: int = SAFETY_BUFFER_DAYS
    claim_type: ClaimType = ClaimType.UNKNOWN
    recurring: bool = False
    """The invoices are instalments of a contract for regular supply: caps on costs and on paid reminders hold."""
    contact_hours: bool = True
    """Nobody is contacted from 20:00 to 07:00, on Sundays and public holidays."""
