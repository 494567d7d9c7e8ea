"""A scenario from YAML. docs/simulate.md describes the form; every problem is found at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from yaml.nodes import Node

from domain.policy import Policy
from domain.simulate.scenario import Scenario, ScenarioDebtor, ScenarioInvoice
from intake.marked_yaml import Fields, FileProblem, InvalidFile, Problems, compose, items
from intake.scenario_events import read_events
from intake.scenario_parties import debtors, invoices
from intake.scenario_past import Cast
from intake.scenario_policies import PolicyReader, unlawful
from intake.scenario_values import last_moment, moment, morning

_NO_ZONE: Final = ZoneInfo("UTC")
"""Stands for that of a policy that was refused."""


class InvalidScenario(InvalidFile):
    code_of_file = "invalid_scenario"


def read_scenario_file(path: Path, named_policies: Callable[[], Path]) -> Scenario:
    """`named_policies` tells the folder of policies that are named, and is asked only if one is.

    Raises InvalidScenario with every problem, also for a file that cannot be read or is not UTF-8.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidScenario((FileProblem(str(path), line, f"not UTF-8 at byte {error.start}"),)) from None
    except OSError as error:
        raise InvalidScenario((FileProblem(str(path), 1, f"cannot be read: {error.strerror}"),)) from None
    return read_scenario(text, str(path), beside=path.parent, named_policies=named_policies)


def read_scenario(text: str, source: str, *, beside: Path, named_policies: Callable[[], Path]) -> Scenario:
    """`source` is how problems name the file; paths of policies count from the folder `beside`."""
    problems = Problems(source)
    root = compose(text, problems)
    policies = PolicyReader(problems, beside, named_policies)
    scenario = _scenario(root, problems, policies) if root is not None else None
    if problems or policies.elsewhere or scenario is None:
        raise InvalidScenario((*problems.sorted(), *sorted(policies.elsewhere)))
    return scenario


def _scenario(root: Node, problems: Problems, policies: PolicyReader) -> Scenario | None:
    fields = Fields(root, problems, "a scenario")
    policy = fields.required("policy", policies, None)
    zone = policy.zone if policy else _NO_ZONE
    start = fields.optional("start", moment(zone), None)
    until = fields.required("until", last_moment(zone), None)
    owing: dict[str, ScenarioDebtor] = fields.required("debtors", partial(debtors, problems=problems), {})

    def judge(line: int, applied: Policy, debtor: str) -> None:
        for reason in unlawful(applied, owing[debtor]) if owing[debtor].country else ():
            problems.add(line, f"policy: {reason}")

    # Without debtors, or without invoices, whatever names one would be refused for that.
    read_invoices = partial(invoices, problems=problems, owed_by=owing, policy=policies, judge=judge)
    owed: dict[str, ScenarioInvoice] = fields.required("invoices", read_invoices if owing else _unread, {})
    cast = Cast(problems, zone, owing, owed, policy, policies, judge)
    events = fields.optional("events", lambda node: read_events(items(node), cast) if owed else (), ())
    fields.close()
    if policy:
        for debtor in _under(owing, owed):
            judge(fields.line("policy"), policy, debtor)
    if problems or policy is None or until is None:
        return None
    start = start or min(morning(invoice.issued, zone) for invoice in owed.values())
    if until <= start:
        problems.add(fields.line("until"), "until: is before the scenario starts")
    return Scenario(policy, start, until, tuple(owing.values()), tuple(owed.values()), events)


def _unread(_node: Node) -> dict[str, ScenarioInvoice]:
    return {}


def _under(owing: dict[str, ScenarioDebtor], owed: dict[str, ScenarioInvoice]) -> list[str]:
    """Debtors to whom the scenario's policy applies: all but those whose every invoice has its own."""
    without = {invoice.debtor for invoice in owed.values() if invoice.policy is None}
    excepted = {invoice.debtor for invoice in owed.values()} - without
    return [debtor for debtor in owing if debtor not in excepted]
