"""Random scenarios as a file tells them: any policies, terms, discounts and currencies, and what may happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from domain.policy import Policy
from intake.read_policy import read_policy
from tests.unit.asks.telling import Owed, Told, owed, tell
from tests.unit.domain.machine_policies import BUSINESS, CONDITIONAL, CONSUMER

UNTIL: Final = "2026-10-31"
_POLICIES: Final = Path(__file__).parents[3] / "policies"
_ISSUED: Final = date(2026, 1, 1)


@dataclass(frozen=True)
class Company:
    """Debtors of one sort with the policies that may chase them, which share one contact budget."""

    debtor: Mapping[str, str]
    policies: tuple[str, ...]
    """Names of files, or policies themselves."""


COMPANIES: Final = (
    Company({"kind": "business"}, ("nl-business", "standard", "strict", "friendly")),
    Company({"kind": "business"}, (BUSINESS,)),
    Company({"kind": "business", "tags": "[shop]"}, (CONDITIONAL,)),
    Company({"kind": "business", "email": "false"}, ("nl-business",)),
    Company({"kind": "unknown"}, ("nl-consumer", CONSUMER)),
    Company({"kind": "consumer", "address": "false"}, (CONSUMER,)),
    Company({"country": "BE", "kind": "consumer"}, ("be-consumer",)),
    Company({"country": "BE", "kind": "business"}, ("be-business",)),
)


@cache
def policy_of(said: str) -> Policy:
    text = said if said.startswith("{") else (_POLICIES / f"{said}.yaml").read_text("utf-8")
    return read_policy(text, "policy.yaml")


@dataclass
class Scenario:
    """Grows as it is drawn."""

    company: Company
    policy: str
    invoices: list[Owed] = field(default_factory=list)
    debtor_of: dict[str, str] = field(default_factory=dict)
    terms: dict[str, int] = field(default_factory=dict)
    """How many each invoice has."""
    ladders: dict[str, list[str]] = field(default_factory=dict)
    """The policies that each invoice has had."""
    events: list[str] = field(default_factory=list)
    paid: list[tuple[str, str]] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)
    bounces: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often it is said that an invoice's step came back."""

    def told(self) -> Told:
        debtors = dict.fromkeys(self.debtor_of.values(), self.company.debtor)
        return tell(self.invoices, *self.events, policy=self.policy, until=UNTIL, debtors=debtors)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """One to six invoices of one or two debtors, and up to ten events."""
    company = draw(st.sampled_from(COMPANIES))
    scenario = Scenario(company, draw(st.sampled_from(company.policies)))
    for name in "abcfgh"[: draw(st.integers(1, 6))]:
        _draw_invoice(draw, scenario, name)
    on = _ISSUED
    for _ in range(draw(st.integers(0, 10))):
        on += timedelta(days=draw(st.sampled_from([0, 0, 1, 3, 8, 25])))
        _draw_event(draw, scenario, on)
    return scenario


def _draw_invoice(draw: st.DrawFn, scenario: Scenario, name: str) -> None:
    due, terms, more = _ISSUED + timedelta(days=draw(st.integers(0, 45))), [], {}
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        amount = draw(st.sampled_from(["0.01", "9.00", "30.00", "60.00", "100.00", "2500.00"]))
        terms.append(f'{{due: {due}, amount: "{amount}"}}')
        due += timedelta(days=draw(st.sampled_from([0, 1, 10, 40])))
    if draw(st.booleans()):
        percent = draw(st.sampled_from(["2", "2.5", "50"]))
        more["discount"] = f'{{percent: "{percent}", until: 2026-01-20}}'
    ladder = scenario.policy
    if draw(st.booleans()):
        ladder = more["policy"] = draw(st.sampled_from(scenario.company.policies))
    debtor, currency = draw(st.sampled_from("dde")), draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"]))
    more |= {"issued": str(_ISSUED), "terms": f"[{', '.join(terms)}]"}
    scenario.invoices.append(owed(name, debtor=debtor, currency=currency, **more))
    scenario.debtor_of[name], scenario.terms[name], scenario.ladders[name] = debtor, len(terms), [ladder]


_PLAIN: Final = (
    *("invoice: {name}, hold: {{until: {later}}}", "invoice: {name}, hold: {{reason: asked}}"),
    *("debtor: {debtor}, hold: {{until: {later}}}", 'debtor: {debtor}, unallocated: "{amount}"'),
    'invoice: {name}, credit_note: "{amount}"',
    'invoice: {name}, promise: {{date: {later}, amount: "{amount}"}}',
    'invoice: {name}, plan: {{instalments: [{{due: {later}, amount: "{amount}"}}]}}',
    *("invoice: {name}, write_off: true", "invoice: {name}, withdrawal: true"),
    "outage: {{until: {later}}}",
)
_OTHERS: Final = (
    *("payment", "payment", "payment", "reversal", "dispute", "resolved", "bounce", "bounce", "approve"),
    "policy",
)


def _draw_event(draw: st.DrawFn, scenario: Scenario, on: date) -> None:
    name = draw(st.sampled_from([*scenario.debtor_of]))
    amount = draw(st.sampled_from(["0.01", "40.00", "58.80", "98.00", "130.00"]))
    later, debtor = on + timedelta(days=draw(st.sampled_from([1, 6, 30]))), scenario.debtor_of[name]
    kind = draw(st.sampled_from(_PLAIN + _OTHERS))
    if kind in _PLAIN:
        what = kind.format(name=name, debtor=debtor, amount=amount, later=later)
    else:
        what = _draw_other(draw, scenario, kind, name, amount)
    scenario.events.append(f"{on}{draw(st.sampled_from(['', 'T08:00']))} {what}")


def _draw_other(draw: st.DrawFn, scenario: Scenario, kind: str, name: str, amount: str) -> str:
    """An event that depends on those before it."""
    ladders = scenario.ladders[name]
    match kind:
        case "reversal" if scenario.paid:
            name, amount = scenario.paid.pop()
            return f'invoice: {name}, reversal: "{amount}"'
        case "dispute":
            scenario.disputes.append(f"x{len(scenario.events)}")
            part = draw(st.sampled_from(["", f', amount: "{amount}"']))
            return f"invoice: {name}, dispute: {{id: {scenario.disputes[-1]}{part}}}"
        case "resolved" if scenario.disputes:
            outcome = draw(st.sampled_from(["accepted", "rejected"]))
            return f"dispute_resolved: {{id: {scenario.disputes.pop()}, outcome: {outcome}}}"
        case "bounce" | "approve":
            keys = [step.key for said in ladders for step in policy_of(said).steps]
            step = draw(st.sampled_from(keys))
            scenario.bounces[name, step] += kind == "bounce"
            return f"invoice: {name}, {kind}: {{step: {step}}}"
        case "policy":
            ladders.append(draw(st.sampled_from(scenario.company.policies)))
            return f"invoice: {name}, policy: {ladders[-1]}"
    scenario.paid.append((name, amount))
    return f'invoice: {name}, payment: "{amount}"'
