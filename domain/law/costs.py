"""What collection costs a debtor, by country and kind of debtor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law import belgium, france, germany, netherlands, united_kingdom
from domain.law.country import as_consumer, supported_country
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Costs:
    """Collection costs, the VAT on top of them, and the rules they rest on."""

    amount: Money
    vat: Money
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    amount: Callable[[Sequence[Decimal]], Decimal]
    """From the principals, each above zero."""
    basis: str


def _per_invoice(fixed: Decimal, basis: str) -> _Rule:
    return _Rule(lambda principals: fixed * len(principals), basis)


def _nothing(basis: str) -> _Rule:
    return _per_invoice(Decimal(0), basis)


_CONSUMER, _BUSINESS = True, False

_WITHOUT_DEMAND: Final[Mapping[tuple[str, bool], _Rule]] = {
    ("NL", _CONSUMER): _nothing(netherlands.NO_FIXED_SUM_BASIS),
    ("NL", _BUSINESS): _per_invoice(netherlands.FIXED_SUM, netherlands.FIXED_SUM_BASIS),
    ("BE", _CONSUMER): _nothing(belgium.NO_FIXED_SUM_BASIS),
    ("BE", _BUSINESS): _per_invoice(belgium.FIXED_SUM, belgium.FIXED_SUM_BASIS),
    ("DE", _CONSUMER): _nothing(germany.NO_FIXED_SUM_BASIS),
    ("DE", _BUSINESS): _per_invoice(germany.FIXED_SUM, germany.FIXED_SUM_BASIS),
    ("FR", _CONSUMER): _nothing(france.NO_FIXED_SUM_BASIS),
    ("FR", _BUSINESS): _per_invoice(france.FIXED_SUM, france.FIXED_SUM_BASIS),
    ("GB", _CONSUMER): _nothing(united_kingdom.NO_FIXED_SUM_BASIS),
    ("GB", _BUSINESS): _Rule(
        lambda debts: sum(map(united_kingdom.fixed_sum, debts), Decimal(0)), united_kingdom.FIXED_SUM_BASIS
    ),
}

# One demand over all invoices of a debtor: their principals are added up (art. 6:96 para 7 BW).
_DUTCH_SCALE: Final = _Rule(
    lambda principals: netherlands.scale(sum(principals, Decimal(0))), netherlands.SCALE_BASIS
)
_AFTER_DEMAND: Final[Mapping[tuple[str, bool], _Rule]] = {
    **_WITHOUT_DEMAND,
    ("NL", _CONSUMER): _DUTCH_SCALE,
    ("NL", _BUSINESS): _DUTCH_SCALE,
    ("BE", _CONSUMER): _Rule(belgium.indemnity, belgium.CAP_BASIS),
}


def collection_costs(
    country: str, kind: DebtorKind, principals: Sequence[Money], *, vat: bool = False
) -> Costs:
    """The full statutory or maximum amount for one demand over these principals, as far as still unpaid.

    Belgian consumers: the cap, which may be claimed only as far as the contract has it.
    """
    country = supported_country(country)
    if vat and country != "NL":
        raise DomainError(
            "vat_not_applicable",
            f"VAT is not added to collection costs in {country}",
            field="vat",
            value="true",
        )
    costs = _apply(_AFTER_DEMAND, country, kind, principals)
    if not vat:
        return costs
    on_top = Money(netherlands.vat_on(costs.amount.amount), costs.amount.currency)
    return Costs(costs.amount, on_top, (*costs.basis, netherlands.VAT_BASIS))


def minimum_costs(country: str, kind: DebtorKind, principals: Sequence[Money]) -> Costs:
    """The fixed sum due as soon as these invoices are late, without any demand."""
    return _apply(_WITHOUT_DEMAND, supported_country(country), kind, principals)


def amounts_in(country: str, principals: Sequence[Money]) -> list[Decimal]:
    """The amounts above zero. Refuses negative ones, and any currency but the country's own."""
    currency = currency_of(country)
    for principal in principals:
        if principal.currency != currency:
            raise DomainError(
                "unsupported_currency",
                f"the law of {country} gives amounts in {currency}, not in {principal.currency}",
                field="currency",
                value=principal.currency,
            )
        if principal.amount < 0:
            raise DomainError(
                "negative_principal",
                f"principal {principal} is negative",
                field="principal",
                value=str(principal.amount),
            )
    return [principal.amount for principal in principals if principal]


def currency_of(country: str) -> str:
    """The currency in which the country's law names amounts."""
    return "GBP" if country == "GB" else "EUR"


def _apply(
    rules: Mapping[tuple[str, bool], _Rule], country: str, kind: DebtorKind, principals: Sequence[Money]
) -> Costs:
    rule = rules[country, as_consumer(kind)]
    currency = currency_of(country)
    amount = rule.amount(amounts_in(country, principals))
    return Costs(Money(amount, currency), Money.zero(currency), (rule.basis,))
