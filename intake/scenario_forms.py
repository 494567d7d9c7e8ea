"""The forms of events: one reader for each kind, which completes an event or refuses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from yaml.nodes import MappingNode, Node

from domain.facts import DisputeOutcome, Term
from domain.policy import Policy
from domain.simulate.scenario import ScenarioEvent, ScenarioEventKind
from intake.marked_yaml import Fields, Read, Refusal, items, line_of, one_of, shown, text
from intake.policy_values import flag
from intake.scenario_past import Past
from intake.scenario_values import currency, day, day_or_moment, end, known, money

_NOBODY: Final[tuple[str, ...]] = ()
_INVOICE: Final = ("invoice",)
_DEBTOR: Final = ("debtor",)
_outcome = one_of({outcome.value: outcome.value for outcome in DisputeOutcome})


def _amount(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    return replace(event, amount=money(past.cast.currency_of_invoice(event.invoice))(node))


def _payment(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    event = _amount(event, node, past)
    if event.amount:
        past.payments.setdefault(event.invoice, []).append(event.amount)
    return event


def _reversal(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    """Of the latest payment of that amount."""
    event = _amount(event, node, past)
    paid = past.payments.get(event.invoice, [])
    if event.amount not in paid:
        raise Refusal(node, f"invoice '{shown(event.invoice)}' has no payment of {event.amount} left")
    paid.remove(event.amount)
    return event


def _unallocated(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    """An amount in the currency of the debtor's first invoice, or `{amount, currency}`."""
    usual = past.cast.currency_of_debtor(event.debtor)
    if not isinstance(node, MappingNode):
        return replace(event, amount=money(usual)(node))
    fields = Fields(node, past.cast.problems, "unallocated money")
    code = fields.optional("currency", currency, usual)
    event = replace(event, amount=fields.required("amount", money(code), None))
    fields.close()
    return event


def _dispute(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    fields = Fields(node, past.cast.problems, "a dispute")
    name = fields.required("id", text, "")
    amount = fields.optional("amount", money(past.cast.currency_of_invoice(event.invoice)), None)
    fields.close()
    if name in past.disputes:
        raise Refusal(node, f"two disputes are called '{shown(name)}'")
    if name:
        past.disputes[name] = event.invoice
    return replace(event, id=name, amount=amount)


def _dispute_resolved(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    """The dispute says which invoice; one named beside it must be the same."""
    fields = Fields(node, past.cast.problems, "a resolved dispute")
    name = fields.required("id", known("dispute", past.disputes), "")
    outcome = fields.required("outcome", _outcome, "")
    fields.close()
    invoice = past.disputes.get(name, "")
    if event.invoice and name and event.invoice != invoice:
        raise Refusal(node, f"dispute '{shown(name)}' is about invoice '{shown(invoice)}'")
    return replace(event, id=name, outcome=outcome, invoice=invoice)


def _hold(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    fields = Fields(node, past.cast.problems, "a hold")
    until = fields.optional("until", _end_after(event, past), None)
    reason = fields.optional("reason", text, "")
    fields.close()
    return replace(event, until=until, reason=reason)


def _outage(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    fields = Fields(node, past.cast.problems, "an outage")
    until = fields.required("until", _end_after(event, past), None)
    fields.close()
    return replace(event, until=until)


def _end_after(event: ScenarioEvent, past: Past) -> Read[datetime]:
    zone = past.cast.zone

    def read(node: Node) -> datetime:
        until = end(zone)(node)
        if until <= event.at:
            began = event.at.astimezone(zone)
            raise Refusal(node, f"'{text(node)}' is not after it begins ({began:%Y-%m-%d %H:%M})")
        return until

    return read


def _promise(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    fields = Fields(node, past.cast.problems, "a promise")
    until = fields.required("date", day_or_moment(past.cast.zone), None)
    amount = fields.required("amount", money(past.cast.currency_of_invoice(event.invoice)), None)
    fields.close()
    if until and (until <= event.at if isinstance(until, datetime) else until < event.on):
        past.cast.problems.add(fields.line("date"), f"date: the promise is made after {until}")
    return replace(event, until=until, amount=amount)


def _plan(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    fields = Fields(node, past.cast.problems, "a plan")
    read = partial(_instalments, event=event, past=past)
    event = replace(event, instalments=fields.required("instalments", read, ()))
    fields.close()
    return event


def _instalments(node: Node, *, event: ScenarioEvent, past: Past) -> tuple[Term, ...]:
    found: list[Term] = []
    for item in items(node):
        fields = Fields(item, past.cast.problems, "an instalment")
        due = fields.required("due", day, None)
        amount = fields.required("amount", money(past.cast.currency_of_invoice(event.invoice)), None)
        fields.close()
        if due and due < event.on:
            raise Refusal(item, f"the plan is agreed after {due}")
        if due and found and due <= found[-1].due:
            raise Refusal(item, f"{due} is not after the instalment above it ({found[-1].due})")
        if due and amount:
            found.append(Term(due, amount))
    if not node.value:
        raise Refusal(node, "at least one instalment is needed")
    return tuple(found)


def _step(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    fields = Fields(node, past.cast.problems, "such an event")
    step = fields.required("step", _step_of(past.ladders(event.invoice)), "")
    fields.close()
    return replace(event, step=step)


def _step_of(ladders: tuple[Policy | None, ...]) -> Read[str]:
    """Reads a step of any of them; one that was refused may have had any step."""

    def read(node: Node) -> str:
        value = text(node)
        if any(policy is None or any(step.key == value for step in policy.steps) for policy in ladders):
            return value
        names = " or ".join(dict.fromkeys(policy.reference for policy in ladders if policy))
        raise Refusal(node, f"'{shown(value)}' is not a step of {names}")

    return read


def _policy(event: ScenarioEvent, node: Node, past: Past) -> ScenarioEvent:
    policy = past.cast.read_policy(node)
    past.moves.setdefault(event.invoice, []).append(policy)
    if policy:
        past.cast.judge(line_of(node), policy, past.cast.invoices[event.invoice].debtor)
    return replace(event, policy=policy)


def _ending(event: ScenarioEvent, node: Node, _past: Past) -> ScenarioEvent:
    if not flag(node):
        raise Refusal(node, "can only be true")
    return event


@dataclass(frozen=True, slots=True)
class Form:
    about: tuple[tuple[str, ...], ...]
    """Which of `invoice` and `debtor` the event names: one of these."""
    read: Callable[[ScenarioEvent, Node, Past], ScenarioEvent]


FORMS: Final[Mapping[ScenarioEventKind, Form]] = {
    "payment": Form((_INVOICE,), _payment),
    "reversal": Form((_INVOICE,), _reversal),
    "credit_note": Form((_INVOICE,), _amount),
    "unallocated": Form((_DEBTOR,), _unallocated),
    "dispute": Form((_INVOICE,), _dispute),
    "dispute_resolved": Form((_NOBODY, _INVOICE), _dispute_resolved),
    "hold": Form((_INVOICE, _DEBTOR), _hold),
    "promise": Form((_INVOICE,), _promise),
    "plan": Form((_INVOICE,), _plan),
    "bounce": Form((_INVOICE,), _step),
    "approve": Form((_INVOICE,), _step),
    "policy": Form((_INVOICE,), _policy),
    "write_off": Form((_INVOICE,), _ending),
    "withdrawal": Form((_INVOICE,), _ending),
    "outage": Form((_NOBODY,), _outage),
}
