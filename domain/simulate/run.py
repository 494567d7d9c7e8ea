"""Runs a scenario: the code that plans live cases, over facts without database or mail."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from domain.simulate.end import end_of
from domain.simulate.enrol import enrolment, facts_of
from domain.simulate.live import Noticed, live
from domain.simulate.living import Debtor, Living
from domain.simulate.outages import as_noticed, outages_of
from domain.simulate.scenario import Scenario
from domain.simulate.story import CaseEnd, Line, Story


def simulate(scenario: Scenario) -> Story:
    """What happened before the start is known to the cases, and no part of the story."""
    outages = outages_of(scenario.events)
    ends: dict[str, CaseEnd] = {}
    told: list[Line] = []
    noticed = _by_debtor(scenario)
    for id_, debtor in _debtors(scenario, told).items():
        before = len(told)
        live(debtor, noticed[id_], outages, scenario.until)
        told[before:] = [line for line in told[before:] if line.at >= scenario.start]
        ends |= {living.id: end_of(debtor, living, outages, scenario.until) for living in debtor.cases}
    in_time = sorted(told, key=lambda line: line.at)
    cases = {invoice.id: ends[invoice.id] for invoice in scenario.invoices}
    return Story(_with_plain_ids(in_time), cases, scenario.zone)


def _debtors(scenario: Scenario, told: list[Line]) -> dict[str, Debtor]:
    """Those who owe anything."""
    owing = {debtor.id: debtor for debtor in scenario.debtors}
    cases: dict[str, list[Living]] = defaultdict(list)
    for invoice in scenario.invoices:
        policy = invoice.policy or scenario.policy
        enrolled_at = enrolment(invoice, scenario.start, policy.zone)
        facts = facts_of(invoice, owing[invoice.debtor], enrolled_at)
        cases[invoice.debtor].append(Living(invoice.id, facts, policy, wake=enrolled_at))
    return {id_: Debtor(id_, cases[id_], told.append) for id_ in owing if id_ in cases}


def _by_debtor(scenario: Scenario) -> dict[str, list[Noticed]]:
    owed_by = {invoice.id: invoice.debtor for invoice in scenario.invoices}
    noticed: dict[str, list[Noticed]] = defaultdict(list)
    for at, event in as_noticed(scenario.events):
        noticed[event.debtor or owed_by[event.invoice]].append((at, event))
    return noticed


def _with_plain_ids(lines: list[Line]) -> tuple[Line, ...]:
    """Notices are called n1, n2 and so on in the order in which they left."""
    numbers: dict[str, str] = {}
    for line in lines:
        if line.notice:
            numbers.setdefault(line.notice, f"n{len(numbers) + 1}")
    return tuple(replace(line, notice=numbers[line.notice]) if line.notice else line for line in lines)
