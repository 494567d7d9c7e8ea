"""How an invoice that enters steps onto its ladder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.explain import explain
from domain.facts import Facts
from domain.move import Reason
from domain.policy import Channel, Policy
from domain.spread import Entered
from domain.stages import Stage


@dataclass(frozen=True, slots=True)
class Entry:
    facts: Facts
    policy: Policy
    stage: Stage
    step: str | None
    """None: nothing can be said before something happens."""
    at: datetime | None
    """When the step is taken; None: only an event, such as an address that is found, can tell."""
    channel: Channel | None
    needs_approval: bool
    held_until: date | None
    """Its day, where it must wait for the others."""
    reasons: tuple[Reason, ...]
    """What holds it back until then."""


def entries_of(entered: Entered, now: datetime) -> dict[str, Entry]:
    """By invoice."""
    first: dict[str, tuple[str, datetime, Channel | None, bool]] = {}
    for departure in entered.departures:
        for line in departure.lines:
            id_ = line.case.facts.invoice_id
            if line.move and line.move.step and id_ not in first:
                consented = id_ in departure.consented
                first[id_] = (line.move.step, departure.at, departure.channel, consented)
    entries: dict[str, Entry] = {}
    for case in entered.cases:
        id_ = case.facts.invoice_id
        found = explain(case.facts, case.policy, now)
        step, at, channel, consented = first.get(id_, (found.next_step, found.next_at, None, False))
        held = entered.held.get(id_)
        entries[id_] = Entry(
            case.facts, case.policy, found.stage, step, at, channel, consented, held, found.reasons
        )
    return entries
