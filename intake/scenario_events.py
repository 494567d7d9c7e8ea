"""What happens in a scenario, each event held against those above it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from domain.simulate.scenario import ScenarioEvent, ScenarioEventKind
from intake.marked_yaml import Fields, Refusal, line_of, shown
from intake.scenario_forms import FORMS
from intake.scenario_past import Cast, Past
from intake.scenario_values import known, moment

_COMMON: Final = frozenset({"on", "invoice", "debtor"})


def read_events(nodes: Iterable[Node], cast: Cast) -> tuple[ScenarioEvent, ...]:
    """They hold only if no problem was noted."""
    past = Past(cast)
    return tuple(event for node in nodes if (event := _event(node, past)))


def _event(node: Node, past: Past) -> ScenarioEvent | None:
    cast = past.cast
    fields = Fields(node, cast.problems, "an event")
    on = fields.required("on", moment(cast.zone), None)
    invoice = fields.optional("invoice", known("invoice", cast.invoices), "")
    debtor = fields.optional("debtor", known("debtor", cast.debtors), "")
    form = _form(fields, past)
    fields.close()
    if on:
        _check_order(on, fields, past)
    if form is None:
        return None
    kind, said = form
    at = on or past.latest
    event = ScenarioEvent(
        at=at,
        on=at.astimezone(cast.zone).date(),
        line=line_of(node),
        kind=kind,
        invoice=invoice,
        debtor=debtor,
    )
    try:
        event = FORMS[kind].read(event, said, past)
    except Refusal as refusal:
        cast.problems.add(refusal.node, f"{kind}: {refusal.reason}")
    if on:
        _check_issued(event, fields, past)
    return event


def _form(fields: Fields, past: Past) -> tuple[ScenarioEventKind, Node] | None:
    """The one thing that the event is, with what is said of it; None after noting why there is none."""
    node = fields.node
    if not isinstance(node, MappingNode):
        return None
    said = {kind: fields.optional(kind, _as_it_is, None) for kind in FORMS}
    found = [(kind, value) for kind, value in said.items() if value]
    keys = {key.value for key, _ in node.value if isinstance(key, ScalarNode)}
    if len(found) != 1:
        if found:
            kinds = " and ".join(kind for kind, _ in found)
            past.cast.problems.add(node, f"an event is one thing, not {kinds}")
        elif keys <= _COMMON:  # else an unknown key is noted, most likely a kind that was mistyped
            past.cast.problems.add(node, f"an event needs one of {', '.join(FORMS)}")
        return None
    kind, value = found[0]
    named = tuple(key for key in ("invoice", "debtor") if key in keys)
    about = FORMS[kind].about
    if named not in about:
        subjects = " or ".join(f"'{key}'" for keys in about for key in keys)
        wanted = f"{subjects} and nobody else" if subjects else "neither 'invoice' nor 'debtor'"
        past.cast.problems.add(node, f"{kind}: such an event names {wanted}")
        return None
    return (kind, value) if fields.refused.isdisjoint(named) else None


def _as_it_is(node: Node) -> Node:
    return node


def _check_order(on: datetime, fields: Fields, past: Past) -> None:
    if on < past.latest:
        above = past.latest.astimezone(past.cast.zone)
        reason = f"on: events are in order of time, and one above it is on {above:%Y-%m-%d %H:%M}"
        past.cast.problems.add(fields.line("on"), reason)
    past.latest = max(on, past.latest)


def _check_issued(event: ScenarioEvent, fields: Fields, past: Past) -> None:
    invoice = past.cast.invoices.get(event.invoice)
    if invoice and event.on < invoice.issued:
        reason = f"on: {event.on} is before invoice '{shown(invoice.id)}' is issued ({invoice.issued})"
        past.cast.problems.add(fields.line("on"), reason)
