"""Who owes what in a scenario: its debtors and invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final, Protocol, TypeVar

from yaml.nodes import Node

from domain.countries import country_code
from domain.facts import DebtorKind, Term
from domain.money import LARGEST, Money
from domain.new_invoice import LANGUAGES
from domain.policy import Policy
from domain.simulate.scenario import Discount, ScenarioDebtor, ScenarioInvoice
from intake.marked_yaml import Fields, Problems, Read, Refusal, items, one_of, one_or_more, shown, text
from intake.policy_values import debtor_kind, flag, positive_amount
from intake.scenario_values import currency, day, known, money

_ANY_CURRENCY: Final = "EUR"
"""Stands for one that was refused, so that the reading can go on."""


class _Party(Protocol):
    @property
    def id(self) -> str: ...


P = TypeVar("P", bound=_Party)


def debtors(node: Node, *, problems: Problems) -> dict[str, ScenarioDebtor]:
    """By id."""
    return _by_id(node, "debtor", partial(_debtor, problems=problems), problems)


def invoices(
    node: Node,
    *,
    problems: Problems,
    owed_by: Mapping[str, ScenarioDebtor],
    policy: Read[Policy | None],
    judge: Callable[[int, Policy, str], None],
) -> dict[str, ScenarioInvoice]:
    """By id. `judge` is told the line of each invoice's own policy, and the id of its debtor."""
    read = partial(_invoice, problems=problems, owed_by=owed_by, policy=policy, judge=judge)
    return _by_id(node, "invoice", read, problems)


def _by_id(node: Node, what: str, read: Callable[[Node], P], problems: Problems) -> dict[str, P]:
    found: dict[str, P] = {}
    for item in items(node):
        party = read(item)
        if party.id in found:
            problems.add(item, f"id: two {what}s are called '{shown(party.id)}'")
        if party.id:
            found[party.id] = party
    if not found:
        raise Refusal(node, f"at least one {what} is needed")
    return found


def _debtor(node: Node, *, problems: Problems) -> ScenarioDebtor:
    fields = Fields(node, problems, "a debtor")
    debtor = ScenarioDebtor(
        id=fields.required("id", text, ""),
        country=fields.required("country", _country, ""),
        kind=fields.optional("kind", debtor_kind, DebtorKind.UNKNOWN),
        language=fields.optional("language", one_of({word: word for word in sorted(LANGUAGES)}), "en"),
        segment=fields.optional("segment", text, ""),
        tags=fields.optional("tags", one_or_more(text), frozenset()),
        behaviour=fields.optional("behaviour", text, ""),
        mandate=fields.optional("mandate", flag, default=False),
        email=fields.optional("email", flag, default=True),
        address=fields.optional("address", flag, default=True),
        phone=fields.optional("phone", flag, default=True),
    )
    fields.close()
    return debtor


def _country(node: Node) -> str:
    code = country_code(text(node))
    if code is None:
        raise Refusal(node, "is not a two-letter country code such as NL or BE")
    return code


def _invoice(
    node: Node,
    *,
    problems: Problems,
    owed_by: Mapping[str, ScenarioDebtor],
    policy: Read[Policy | None],
    judge: Callable[[int, Policy, str], None],
) -> ScenarioInvoice:
    fields = Fields(node, problems, "an invoice")
    id_ = fields.required("id", text, "")
    debtor = fields.required("debtor", known("debtor", owed_by), "")
    number = fields.required("number", text, "")
    code = fields.required("currency", currency, _ANY_CURRENCY)
    issued = fields.required("issued", day, date.min)
    invoice = ScenarioInvoice(
        id=id_,
        debtor=debtor,
        number=number,
        currency=code,
        issued=issued,
        delivered=fields.optional("delivered", _not_before(issued), issued),
        terms=fields.required("terms", partial(_terms, code=code, issued=issued, problems=problems), ()),
        discount=fields.optional("discount", partial(_discount, issued=issued, problems=problems), None),
        policy=fields.optional("policy", policy, None),
    )
    fields.close()
    if invoice.policy and debtor:
        judge(fields.line("policy"), invoice.policy, debtor)
    return invoice


def _terms(node: Node, *, code: str, issued: date, problems: Problems) -> tuple[Term, ...]:
    terms: list[Term] = []
    total = Decimal(0)
    for item in items(node):
        fields = Fields(item, problems, "a term")
        due = fields.required("due", _not_before(issued), None)
        amount: Money | None = fields.required("amount", money(code), None)
        fields.close()
        if due and amount:
            total += amount.amount
            terms.append(Term(due, amount))
    if not node.value:
        raise Refusal(node, "at least one term is needed")
    if total > LARGEST:
        raise Refusal(node, f"the terms add up to {total}, more than any invoice can be")
    return tuple(sorted(terms, key=lambda term: term.due))


def _discount(node: Node, *, issued: date, problems: Problems) -> Discount:
    fields = Fields(node, problems, "a discount")
    discount = Discount(
        percent=fields.required("percent", _percent, Decimal(1)),
        until=fields.required("until", _not_before(issued), date.max),
    )
    fields.close()
    return discount


def _percent(node: Node) -> Decimal:
    value = positive_amount(node)
    if value >= 100:
        raise Refusal(node, f"'{value}' is not less than 100")
    return value


def _not_before(issued: date) -> Read[date]:
    def read(node: Node) -> date:
        value = day(node)
        if value < issued:
            raise Refusal(node, f"{value} is before the invoice is issued ({issued})")
        return value

    return read
