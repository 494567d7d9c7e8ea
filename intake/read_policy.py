"""A policy from YAML. The language is described in docs/policies.md; every problem is found at once."""

from __future__ import annotations

from datetime import time
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from yaml.nodes import Node, ScalarNode

from domain.policy import Bundling, ContactBudget, EntryRule, Policy, SendWindow, StaleMoney, Step
from intake.marked_yaml import (
    Fields,
    InvalidFile,
    Problems,
    Refusal,
    compose,
    email_address,
    items,
    matching,
    nullable,
    one_of,
    shown,
)
from intake.policy_values import amounts, days, grace, policy_name, whole
from intake.read_ladder import steps
from intake.read_law import audience, audience_of, law_settings

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_HOURS: Final = SendWindow(frozenset(range(5)), time(9), time(17), skip_holidays=True)
"""The window of a policy that states none."""
MOST_CONTACTS: Final = 1000
_DEFAULTS: Final = Policy("", 1, "UTC", ())
_BUDGET: Final = ContactBudget()


class InvalidPolicy(InvalidFile):
    code_of_file = "invalid_policy"


def read_policy(text: str, source: str) -> Policy:
    """`source` is how problems name the file. Raises InvalidPolicy with every problem."""
    problems = Problems(source)
    root = compose(text, problems)
    policy = read_policy_node(root, problems) if root is not None else None
    if problems or policy is None:
        raise InvalidPolicy(problems.sorted())
    return policy


def read_policy_node(node: Node, problems: Problems) -> Policy:
    """A policy inside a larger file. What it holds counts only if no problem was added."""
    fields = Fields(node, problems, "a policy")
    name = fields.required("name", policy_name, "")
    version = fields.required("version", _version, 1)
    time_zone = fields.required("time_zone", _time_zone, "UTC")
    window = fields.optional("send_window", partial(_window, problems=problems), OFFICE_HOURS)
    ladder: tuple[Step, ...] = fields.required("steps", partial(steps, problems=problems), ())
    policy = Policy(
        name=name,
        version=version,
        time_zone=time_zone,
        steps=ladder,
        window=window,
        audience=fields.optional("applies_to", partial(audience, problems=problems), audience_of(name)),
        law=fields.optional("law", partial(law_settings, problems=problems), _DEFAULTS.law),
        budget=fields.optional(
            "contact_budget", partial(_budget, problems=problems), _budget_without_words(window, ladder)
        ),
        minimum=fields.optional("minimum", partial(amounts, problems=problems), {}),
        tolerance=fields.optional("tolerance", partial(amounts, problems=problems), {}),
        discount_tolerance=fields.optional("discount_tolerance", days(0), _DEFAULTS.discount_tolerance),
        entry=fields.optional("entry", one_of({rule.value: rule for rule in EntryRule}), _DEFAULTS.entry),
        bundling=fields.optional("bundling", partial(_bundling, problems=problems), _DEFAULTS.bundling),
        stale_money=fields.optional(
            "stale_money", partial(_stale_money, problems=problems), _DEFAULTS.stale_money
        ),
        promise_grace=fields.optional("promise_grace", grace, _DEFAULTS.promise_grace),
        plan_grace=fields.optional("plan_grace", grace, _DEFAULTS.plan_grace),
        instalment_notice=fields.optional("instalment_notice", grace, _DEFAULTS.instalment_notice),
        agency_email=fields.optional("agency", partial(_agency, problems=problems), None),
    )
    fields.close()
    return policy


def _window(node: Node, *, problems: Problems) -> SendWindow | None:
    if isinstance(node, ScalarNode):
        return one_of({"always": None})(node)
    fields = Fields(node, problems, "a send window")
    window = SendWindow(
        days=fields.optional("days", _weekdays, OFFICE_HOURS.days),
        opens=fields.optional("from", _time, OFFICE_HOURS.opens),
        closes=fields.optional("to", _time, OFFICE_HOURS.closes),
        skip_holidays=fields.optional(
            "holidays", one_of({"skip": True, "send": False}), OFFICE_HOURS.skip_holidays
        ),
    )
    fields.close()
    if window.closes <= window.opens:
        problems.add(fields.line("to"), f"the window closes at {window.closes:%H:%M}, not after it opens")
    return window


def _agency(node: Node, *, problems: Problems) -> str | None:
    fields = Fields(node, problems, "an agency")
    email = fields.required("email", email_address, "")
    fields.close()
    return email


def _budget(node: Node, *, problems: Problems) -> ContactBudget | None:
    if isinstance(node, ScalarNode):
        return one_of({"off": None})(node)
    fields = Fields(node, problems, "a contact budget")
    contacts = nullable(whole(1, MOST_CONTACTS))
    budget = ContactBudget(
        per_day=fields.optional("per_day", contacts, _BUDGET.per_day),
        per_seven_days=fields.optional("per_seven_days", contacts, _BUDGET.per_seven_days),
        courtesy_gap=fields.optional("courtesy_gap", nullable(days(0)), _BUDGET.courtesy_gap),
    )
    fields.close()
    return budget


def _budget_without_words(window: SendWindow | None, ladder: tuple[Step, ...]) -> ContactBudget | None:
    """A ladder in seconds at any hour has no days whose contacts could be counted."""
    in_seconds = window is None and all(step.after.unit == "s" for step in ladder)
    return None if in_seconds else _BUDGET


def _bundling(node: Node, *, problems: Problems) -> Bundling:
    fields = Fields(node, problems, "bundling")
    rule = fields.required("include", one_of({rule.value: rule for rule in Bundling}), _DEFAULTS.bundling)
    fields.close()
    return rule


def _stale_money(node: Node, *, problems: Problems) -> StaleMoney:
    fields = Fields(node, problems, "stale money")
    usual = _DEFAULTS.stale_money
    rule = StaleMoney(
        statement_age=fields.optional("statement_age", nullable(days(1)), usual.statement_age),
        hold_when_covered=fields.optional(
            "unallocated", one_of({"hold_when_covered": True, "ignore": False}), usual.hold_when_covered
        ),
    )
    fields.close()
    return rule


def _version(node: Node) -> int:
    return int(matching(r"[1-9]\d{0,8}", "a whole number of 1 or more")(node))


def _time_zone(node: Node) -> str:
    zone = matching(r"UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+){1,2}", "a time zone such as Europe/Amsterdam")(node)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Refusal(node, f"'{shown(zone)}' is not a known time zone") from None
    return zone


def _weekdays(node: Node) -> frozenset[int]:
    weekday = one_of({name: number for number, name in enumerate(WEEKDAYS)})
    named = frozenset(weekday(day) for day in items(node))
    if not named:
        raise Refusal(node, "a window needs at least one day")
    return named


def _time(node: Node) -> time:
    return time.fromisoformat(matching(r"([01]\d|2[0-3]):[0-5]\d", 'a time such as "09:00"')(node))
