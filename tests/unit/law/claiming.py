"""Claims in few words, and a second way to compute them: day by day, in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from domain.facts import DebtorKind
from domain.law.claim import Claim, ClaimInvoice, ClaimPayment, claim
from domain.law.costs import Costs
from domain.law.rates import statutory_rates
from domain.law.settings import DayCount, LawSettings
from domain.money import Money

CONSUMER, BUSINESS = DebtorKind.CONSUMER, DebtorKind.BUSINESS
DAY = timedelta(days=1)
NOTHING_AGREED = LawSettings()


def money(text: str | int, currency: str = "EUR") -> Money:
    return Money(Decimal(text), currency)


def costs_of(amount: str = "0.00", vat: str = "0.00", currency: str = "EUR") -> Costs:
    return Costs(money(amount, currency), money(vat, currency), ())


def day(text: str) -> date:
    return date.fromisoformat(text)


def paid(on: str, amount: str, invoice: str | None = None) -> ClaimPayment:
    return ClaimPayment(day(on), money(amount), invoice)


def owed(
    country: str,
    kind: DebtorKind,
    principal: str,
    due: str,
    as_of: str,
    *payments: ClaimPayment,
    costs: Costs | None = None,
    settings: LawSettings = NOTHING_AGREED,
    provisional: bool = False,
    interest_from: str | None = None,
    costs_from: str | None = None,
) -> Claim:
    """The claim for one invoice."""
    currency = "GBP" if country == "GB" else "EUR"
    return claim(
        country,
        kind,
        [ClaimInvoice("1", money(principal, currency), day(due))],
        payments,
        day(as_of),
        costs=costs or costs_of(currency=currency),
        settings=settings,
        provisional=provisional,
        interest_from=day(interest_from) if interest_from else None,
        costs_from=day(costs_from) if costs_from else None,
    )


def lines(found: Claim) -> list[tuple[str, str, int, str, str, str]]:
    """From, to, days, percent, base and interest of each line."""
    return [
        (
            line.first.isoformat(),
            line.last.isoformat(),
            line.days,
            str(line.percent),
            str(line.base.amount),
            str(line.interest.amount),
        )
        for line in found.interest_lines
    ]


def booked(found: Claim) -> list[tuple[str, str | None, str, str, str]]:
    """Day, invoice, and what went to costs, interest and principal."""
    return [
        (a.on.isoformat(), a.invoice, str(a.costs.amount), str(a.interest.amount), str(a.principal.amount))
        for a in found.allocations
    ]


@dataclass
class _Diary:
    """One debt, a day at a time. Cents as integers; the interest of the open stretch as a fraction."""

    principal: int
    costs: int
    capitalised: int = 0
    interest: int = 0
    open: Fraction = field(default_factory=lambda: Fraction(0))
    surplus: int = 0

    def close(self) -> None:
        self.interest += _half_up(self.open)
        self.open = Fraction(0)

    def pay(self, amount: int) -> None:
        self.close()
        for part in ("costs", "interest", "capitalised", "principal"):
            taken = min(amount, getattr(self, part))
            setattr(self, part, getattr(self, part) - taken)
            amount -= taken
        self.surplus += amount


def by_diary(
    country: str,
    kind: DebtorKind,
    principal: Money,
    due: date,
    payments: Sequence[ClaimPayment],
    as_of: date,
    *,
    costs: Money,
    day_count: DayCount,
) -> tuple[int, int, int, int]:
    """Principal, interest, costs and surplus in cents at the end of `as_of`, without VAT or agreed rates."""
    table = statutory_rates(country, kind)
    diary = _Diary(int(principal.amount * 100), int(costs.amount * 100))
    default = due + DAY
    percent: Decimal | None = None
    year_days = 0
    today = min([default, *(p.on for p in payments)])
    while today <= as_of:
        if today >= default:
            begins_year = _anniversary(default, today.year) == today
            new_percent = table.at(default if country == "GB" else today).percent
            new_days = _year_days(default, today) if day_count is DayCount.ACTUAL_ANNIVERSARY else 365
            if (new_percent, new_days) != (percent, year_days) or (begins_year and country == "NL"):
                diary.close()
            if begins_year and today > default and country == "NL":
                diary.capitalised, diary.interest = diary.capitalised + diary.interest, 0
            percent, year_days = new_percent, new_days
            base = diary.principal + diary.capitalised
            diary.open += Fraction(percent) * base / 100 / year_days
        for payment in payments:
            if payment.on == today:
                diary.pay(int(payment.amount.amount * 100))
        today += DAY
    diary.close()
    return diary.principal, diary.interest + diary.capitalised, diary.costs, diary.surplus


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def _anniversary(default: date, year: int) -> date:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if (default.month, default.day) == (2, 29) and not is_leap:
        return date(year, 2, 28)
    return date(year, default.month, default.day)


def _year_days(default: date, today: date) -> int:
    year = today.year if _anniversary(default, today.year) <= today else today.year - 1
    return (_anniversary(default, year + 1) - _anniversary(default, year)).days
