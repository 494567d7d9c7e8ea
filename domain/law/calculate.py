"""The calculators: claims, windows, costs and rates from values as people and scripts write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law import netherlands
from domain.law.claim import Claim, claim
from domain.law.costs import Costs, collection_costs, currency_of, minimum_costs
from domain.law.country import as_consumer, supported_country
from domain.law.form import blamed_on, parse_amount, parse_choice, parse_day, refusal
from domain.law.rates import RATE_TABLES, Rate, RateTable, statutory_rates
from domain.law.read_claim import By, ClaimQuestion, CostsAsked, read_claim, read_currency
from domain.law.settings import SAFETY_BUFFER_DAYS, CreditorSize
from domain.law.window import Window, legal_window
from domain.money import Money

_DAY: Final = timedelta(days=1)


class RateKind(StrEnum):
    """Whose debt: `civil` is what neither comes from trade nor from a consumer's contract."""

    CONSUMER = "consumer"
    BUSINESS = "business"
    CIVIL = "civil"
    UNKNOWN = "unknown"


_AT_FAULT: Final = {"rate_not_known_yet": "as_of", "rate_not_known": "as_of", "before_rate_table": "due_date"}
"""What to look at when the law's own functions refuse without naming a field of the form."""

_CAPPED: Final = frozenset({"NL", "BE", "FR"})
"""Where consumers owe no more than the law says, whatever was agreed; nothing at all in France."""

_ONLY_AFTER: Final = {
    "NL": "art. 6:96 para 6 BW: costs only after a 14-day letter whose window has closed",
    "BE": "art. XIX.2 CEL: costs only after a free first reminder whose window has closed",
}
"""What has to precede the costs of consumers."""


@dataclass(frozen=True, slots=True)
class Calculated:
    """A claim with what was asked."""

    question: ClaimQuestion
    claim: Claim


def calculate_claim(values: Mapping[str, object], *, provisional: bool = False) -> Calculated:
    """`provisional` allows rates that are not known yet, whatever the form says."""
    asked = read_claim(values)
    if provisional:
        asked = replace(asked, provisional=True)
    interest_from, costs_from = _beginnings(asked)
    costs = _costs(asked, _left_by(asked, costs_from) if costs_from else asked.principals)
    return Calculated(asked, _claim(asked, costs, interest_from, costs_from))


def calculate_window(country: str, kind: str, channel: str, sent: str, *, safe: bool = False) -> Window:
    """When what a notice announces may be claimed; `safe` as the notices count that Termijn sends."""
    code, debtor = supported_country(country), parse_choice(kind, DebtorKind, "kind")
    by, day = parse_choice(channel, By, "channel"), parse_day(sent, "sent")
    if not as_consumer(debtor):
        reason = "has no such window: interest and costs are due from the day after the due date"
        raise refusal("kind", "no_window", reason, kind)
    if code not in ("NL", "BE"):
        reason = "has no waiting period by law for consumers; only NL and BE have one"
        raise refusal("country", "no_window", reason, country)
    buffer = SAFETY_BUFFER_DAYS if safe else 0
    return legal_window(code, debtor, by.channel, day, buffer_days=buffer, safe=safe)


def calculate_costs(
    country: str, kind: str, principals: Sequence[str], *, currency: str | None = None, vat: bool = False
) -> Costs:
    """For one demand over all the principals."""
    code, debtor = supported_country(country), parse_choice(kind, DebtorKind, "kind")
    money = currency_of(code) if currency is None else read_currency(currency)
    amounts = [parse_amount(text, money, "principal") for text in principals]
    if not amounts:
        raise DomainError("missing", "is required", field="principal")
    with blamed_on("principal", ", ".join(principals)):
        return collection_costs(code, debtor, amounts, vat=vat)


def find_rate(country: str, kind: str, on: str, *, provisional: bool = False) -> Rate:
    """The rate of statutory interest on a day."""
    code, whose, day = supported_country(country), parse_choice(kind, RateKind, "kind"), parse_day(on, "on")
    with blamed_on("kind", kind):
        table = (
            _civil_rates(code) if whose is RateKind.CIVIL else statutory_rates(code, DebtorKind(whose.value))
        )
    with blamed_on("on", on):
        return table.at(day, provisional=provisional)


def _civil_rates(country: str) -> RateTable:
    # The Dutch rate for consumers is that of every claim which is not commercial (art. 6:119 BW).
    known = {"NL": "nl_consumer", "BE": "be_civil"}
    if country not in known:
        raise DomainError(
            "no_statutory_rate", f"no table of the civil rate in {country} is known; NL and BE are"
        )
    return RATE_TABLES[known[country]]


def _beginnings(asked: ClaimQuestion) -> tuple[date | None, date | None]:
    """First days of interest and of costs where the free Belgian reminder says them (art. XIX.2 and XIX.4 CEL)."""
    if asked.first_reminder is None:
        return None, None
    sent, by = asked.first_reminder.sent, asked.first_reminder.by
    after = legal_window(asked.country, asked.kind, by.channel, sent).costs_from
    # Nothing is due if the debt is paid within the window. After it, a small creditor's interest has run all along.
    all_along = asked.settings.creditor_size is CreditorSize.SME and asked.as_of >= after
    return sent + _DAY if all_along else after, after


def _left_by(asked: ClaimQuestion, day: date) -> list[Money]:
    """What is unpaid of the principals when `day` begins: costs are counted over that."""
    before = replace(asked, as_of=min(asked.as_of, day - _DAY))
    never = day + _DAY
    paid = _claim(before, _nothing(asked), interest_from=never, costs_from=None)
    left = {invoice.id: invoice.principal for invoice in asked.invoices}
    for line in paid.allocations:
        if line.invoice is not None:
            left[line.invoice] -= line.principal
    return [amount for amount in left.values() if amount]


def _claim(asked: ClaimQuestion, costs: Costs, interest_from: date | None, costs_from: date | None) -> Claim:
    try:
        return claim(
            asked.country,
            asked.kind,
            asked.invoices,
            asked.payments,
            asked.as_of,
            costs=costs,
            settings=asked.settings,
            provisional=asked.provisional,
            interest_from=interest_from,
            costs_from=costs_from,
        )
    except DomainError as error:
        field = _AT_FAULT.get(error.code, "principal")
        value = {"as_of": asked.as_of, "due_date": min(invoice.due for invoice in asked.invoices)}.get(field)
        with blamed_on(field, str(value or asked.principals[0].amount)):
            raise


def _costs(asked: ClaimQuestion, principals: Sequence[Money]) -> Costs:
    if asked.costs is CostsAsked.NONE or not principals:
        return _nothing(asked)
    found = (
        _agreed_costs(asked, asked.costs, principals)
        if isinstance(asked.costs, Money)
        else _by_law(asked, principals)
    )
    condition = _ONLY_AFTER.get(asked.country) if as_consumer(asked.kind) and found.amount else None
    return replace(found, basis=(*found.basis, condition)) if condition else found


def _by_law(asked: ClaimQuestion, principals: Sequence[Money]) -> Costs:
    if asked.costs is CostsAsked.MINIMUM:  # owed without any work of collection, so without VAT on it
        return minimum_costs(asked.country, asked.kind, principals)
    return collection_costs(asked.country, asked.kind, principals, vat=asked.settings.vat_on_costs)


def _agreed_costs(asked: ClaimQuestion, amount: Money, principals: Sequence[Money]) -> Costs:
    if as_consumer(asked.kind) and asked.country in _CAPPED:
        most = collection_costs(asked.country, asked.kind, principals).amount
        if amount > most:
            reason = f"is more than a consumer may be charged: at most {most.amount}"
            raise refusal("costs", "costs_above_cap", reason, str(amount.amount))
    vat = netherlands.vat_on(amount.amount) if asked.settings.vat_on_costs else Decimal(0)
    return Costs(amount, Money(vat, amount.currency), ("costs: the amount that was given",))


def _nothing(asked: ClaimQuestion) -> Costs:
    zero = Money.zero(asked.currency)
    return Costs(zero, zero, ())
