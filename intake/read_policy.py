"""A policy from YAML. The language is described in docs/policies.md; every problem is found at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import time
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from domain.policy import Anchor, Channel, Duration, Policy, SendWindow, Step, Tone
from intake.marked_yaml import (
    NOT_YET,
    Fields,
    InvalidFile,
    Problems,
    Refusal,
    compose,
    email_address,
    items,
    matching,
    one_of,
    shown,
    text,
)

TEMPLATES: Final = {"reminder": None, "upcoming": "upcoming"}
"""A reminder is what an e-mail is anyway: worded by its tone."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_HOURS: Final = SendWindow(frozenset(range(5)), time(9), time(17), skip_holidays=True)
"""The window of a policy that states none."""
LONGEST_DAYS: Final = 3650

# Names fixed for the planning to come, so that whoever uses them early gets a better answer than "unknown".
_POLICY_NOT_YET: Final = frozenset(
    {"contact_budget", "minimum", "tolerance", "discount_tolerance", "entry", "bundling", "stale_money"}
)
_STEP_NOT_YET: Final = frozenset({"repeat", "legal", "term", "charges", "when"})
_DEFAULTS: Final = Policy("", 1, "UTC", ())
_SOON: Final = Duration(0, "d")


class InvalidPolicy(InvalidFile):
    code_of_file = "invalid_policy"


def read_policy(text: str, source: str) -> Policy:
    """`source` is how problems name the file. Raises InvalidPolicy with every problem."""
    problems = Problems(source)
    root = compose(text, problems)
    policy = _policy(root, problems) if root is not None else None
    if problems or policy is None:
        raise InvalidPolicy(problems.sorted())
    return policy


def _policy(node: Node, problems: Problems) -> Policy:
    fields = Fields(node, problems, "a policy")
    policy = Policy(
        name=fields.required("name", _name, ""),
        version=fields.required("version", _version, 1),
        time_zone=fields.required("time_zone", _time_zone, "UTC"),
        window=fields.optional("send_window", partial(_window, problems=problems), OFFICE_HOURS),
        promise_grace=fields.optional("promise_grace", _waiting, _DEFAULTS.promise_grace),
        plan_grace=fields.optional("plan_grace", _waiting, _DEFAULTS.plan_grace),
        instalment_notice=fields.optional("instalment_notice", _waiting, _DEFAULTS.instalment_notice),
        agency_email=fields.optional("agency", partial(_agency, problems=problems), None),
        steps=fields.required("steps", partial(_steps, problems=problems), ()),
    )
    fields.close(_POLICY_NOT_YET)
    return policy


def _window(node: Node, *, problems: Problems) -> SendWindow | None:
    if isinstance(node, ScalarNode):
        return one_of({"always": None})(node)
    fields = Fields(node, problems, "a send window")
    window = SendWindow(
        days=fields.optional("days", _days, OFFICE_HOURS.days),
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


def _steps(node: Node, *, problems: Problems) -> tuple[Step, ...]:
    """Reads every step, then holds each against those before it."""
    ladder: list[Step] = []
    nodes = list(items(node))
    if not nodes:
        raise Refusal(node, "a policy needs at least one step")
    for index, step_node in enumerate(nodes):
        fields = Fields(step_node, problems, "a step")
        step = _step(fields, first=index == 0)
        for keys, reason in _faults(step, ladder, first=index == 0, last=index == len(nodes) - 1):
            if fields.refused.isdisjoint(keys):
                problems.add(fields.line(keys[0]), f"{keys[0]}: {reason}")
        if fields.refused.isdisjoint({"after", "anchor"}):
            ladder.append(step)
    return tuple(ladder)


def _step(fields: Fields, *, first: bool) -> Step:
    key = fields.required("key", _key, "")
    channel = fields.required("channel", _channel, Channel.EMAIL)
    step = Step(
        key=key,
        after=fields.required("after", duration, _SOON),
        anchor=fields.optional("anchor", _anchor, Anchor.DUE if first else Anchor.PREVIOUS),
        channel=channel,
        tone=fields.optional("tone", one_of({tone.value: tone for tone in Tone}), Tone.FRIENDLY),
        template=fields.optional("template", _template, None),
        requires_approval=fields.optional("requires_approval", _approval, channel is Channel.HAND_OVER),
    )
    fields.close(_STEP_NOT_YET)
    return step


def _faults(
    step: Step, before: Sequence[Step], *, first: bool, last: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """What makes a step impossible where it stands, with the keys that say so: first the one at fault."""
    if any(step.key == other.key for other in before):
        yield ("key",), f"two steps are called '{step.key}'"
    if first and step.anchor is Anchor.PREVIOUS:
        yield ("anchor",), "the first step has no previous step to count from"
    if step.after.amount < 0 and step.anchor is not Anchor.DUE:
        yield ("after", "anchor"), "only a step anchored on 'due' can lie before its anchor"
    if step.is_before_due and any(not other.is_before_due for other in before):
        yield ("after", "anchor"), "a step before the due date cannot follow one after it"
    elif earlier := [s.after for s in before if _same_scale(s, step) and s.after.amount > step.after.amount]:
        yield ("after", "anchor"), f"{step.after} comes before {earlier[-1]} of a step above it"
    if step.channel is Channel.HAND_OVER and not last:
        yield ("channel",), "nothing can follow a hand-over: the case is out of our hands"
    if step.channel is Channel.HAND_OVER and not step.requires_approval:
        yield ("requires_approval",), "a hand-over always waits for a person"
    if step.template and step.channel is not Channel.EMAIL:
        yield ("template", "channel"), "only an e-mail has a template"
    elif step.template and not (step.is_before_due and step.is_courtesy):
        reason = "'upcoming' announces the due date: only for a courtesy step before it"
        yield ("template", "after", "anchor", "tone"), reason


def _same_scale(one: Step, other: Step) -> bool:
    fixed = one.anchor is other.anchor and one.anchor is not Anchor.PREVIOUS
    return fixed and one.after.unit == other.after.unit


def _version(node: Node) -> int:
    return int(matching(r"[1-9]\d{0,8}", "a whole number of 1 or more")(node))


def _time_zone(node: Node) -> str:
    zone = matching(r"UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+){1,2}", "a time zone such as Europe/Amsterdam")(node)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Refusal(node, f"'{shown(zone)}' is not a known time zone") from None
    return zone


def _days(node: Node) -> frozenset[int]:
    weekday = one_of({name: number for number, name in enumerate(WEEKDAYS)})
    days = frozenset(weekday(day) for day in items(node))
    if not days:
        raise Refusal(node, "a window needs at least one day")
    return days


def _time(node: Node) -> time:
    return time.fromisoformat(matching(r"([01]\d|2[0-3]):[0-5]\d", 'a time such as "09:00"')(node))


def duration(node: Node) -> Duration:
    """`7d`, `-3d` or `5s`."""
    value = text(node)
    if re.fullmatch(r"-?\d+wd", value, re.ASCII):
        raise Refusal(node, f"working days ('{shown(value)}') are {NOT_YET}")
    match = re.fullmatch(r"(-?\d{1,6})([ds])", value, re.ASCII)
    if not match:
        raise Refusal(node, f"'{shown(value)}' is not a duration such as 7d, -3d or 5s")
    amount = int(match[1])
    if match[2] == "s":
        return Duration(amount, "s")
    if abs(amount) > LONGEST_DAYS:
        raise Refusal(node, f"'{value}' is longer than {LONGEST_DAYS} days")
    return Duration(amount, "d")


def _waiting(node: Node) -> Duration:
    value = duration(node)
    if value.amount < 0:
        raise Refusal(node, f"'{value}' is negative")
    return value


def _channel(node: Node) -> Channel:
    if isinstance(node, SequenceNode):
        raise Refusal(node, f"a list of channels is {NOT_YET}; name one")
    return one_of({channel.value: channel for channel in Channel}, frozenset({"letter", "sms"}))(node)


def _approval(node: Node) -> bool:
    if isinstance(node, MappingNode):
        raise Refusal(node, f"an amount above which to approve is {NOT_YET}; write true or false")
    return one_of({"true": True, "false": False})(node)


_name = matching(r"[a-z0-9][a-z0-9-]{0,62}", "a name of small letters, digits and hyphens")
_key = matching(r"[a-z0-9][a-z0-9-]{0,49}", "a key of small letters, digits and hyphens")
_anchor = one_of({anchor.value: anchor for anchor in Anchor}, frozenset({"receipt"}))
_template = one_of(TEMPLATES)
