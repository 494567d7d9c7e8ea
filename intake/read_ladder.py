"""The steps of a policy: each is read, then held against those around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from yaml.nodes import Node

from domain.policy import Anchor, Channel, Step
from intake.marked_yaml import Problems, Refusal, items
from intake.read_step import Rung, read_rung

Fault = tuple[tuple[str, ...], str]
"""The keys that make a step impossible where it stands, first the one at fault, and why."""

_NOTICES: Final = frozenset({Channel.EMAIL, Channel.LETTER})
_FIXED: Final = frozenset({Anchor.DUE, Anchor.ENROLLED})
_MANNER: Final = ("channel", "tone", "legal", "charges")
"""What makes a step a courtesy or not."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A step among the others."""

    rung: Rung
    before: Sequence[Rung]
    following: Sequence[Rung]


def steps(node: Node, *, problems: Problems) -> tuple[Step, ...]:
    rungs = [read_rung(item, problems, first=index == 0) for index, item in enumerate(items(node))]
    if not rungs:
        raise Refusal(node, "a policy needs at least one step")
    for index, rung in enumerate(rungs):
        place = _Place(rung, rungs[:index], rungs[index + 1 :])
        for keys, reason in _faults(place):
            if rung.is_sure(*keys):
                problems.add(rung.fields.line(keys[0]), f"{keys[0]}: {reason}")
    return tuple(step for rung in rungs for step in rung.steps)


def _faults(place: _Place) -> Iterator[Fault]:
    yield from _faults_of_order(place)
    yield from _faults_of_receipt(place)
    yield from _faults_of_repeat(place)
    yield from _faults_of_hand_over(place)
    yield from _faults_of_notice(place.rung.step)


def _faults_of_order(place: _Place) -> Iterator[Fault]:
    step = place.rung.step
    before = [rung.step for rung in place.before if rung.is_sure("after", "anchor")]
    if any(step.key == rung.step.key for rung in place.before):
        yield ("key",), f"two steps are called '{step.key}'"
    if not place.before and step.anchor in (Anchor.PREVIOUS, Anchor.RECEIPT):
        yield ("anchor",), "the first step has no previous step to count from"
    if step.after.amount < 0 and step.anchor is not Anchor.DUE:
        yield ("after", "anchor"), "only a step anchored on 'due' can lie before its anchor"
    if step.is_before_due and any(not other.is_before_due for other in before):
        yield ("after", "anchor"), "a step before the due date cannot follow one after it"
    elif earlier := [s.after for s in before if _same_scale(s, step) and s.after.amount > step.after.amount]:
        yield ("after", "anchor"), f"{step.after} comes before {earlier[-1]} of a step above it"


def _faults_of_receipt(place: _Place) -> Iterator[Fault]:
    step = place.rung.step
    if step.anchor is not Anchor.RECEIPT or not place.before:
        return
    if step.after.unit == "s" or step.after.amount == 0:
        yield ("after", "anchor"), f"a window is over with its last day: 1d or more, not {step.after}"
    previous = place.before[-1]
    if previous.is_sure("legal", "term") and not (previous.step.legal or previous.step.term):
        yield (
            ("anchor",),
            f"'{previous.step.key}' has neither a legal effect nor a term whose end could count",
        )


def _faults_of_repeat(place: _Place) -> Iterator[Fault]:
    step = place.rung.step
    if place.rung.repeat is None:
        return
    if not step.is_courtesy:
        yield ("repeat", *_MANNER), "only a courtesy step can be repeated"
    elif step.is_before_due:
        yield ("repeat", "after", "anchor"), "a step before the due date cannot be repeated"
    for later in place.following:
        if later.is_sure(*_MANNER) and later.step.is_courtesy and later.step.channel in _NOTICES:
            yield ("repeat",), f"only the last courtesy step can be repeated, and '{later.step.key}' follows"
            return


def _faults_of_hand_over(place: _Place) -> Iterator[Fault]:
    step = place.rung.step
    if step.channel is not Channel.HAND_OVER:
        return
    if place.following:
        yield ("channel",), "nothing can follow a hand-over: the case is out of our hands"
    if not step.requires_approval or any((step.approval_above or {}).values()):
        yield ("requires_approval",), "a hand-over always waits for a person"


def _faults_of_notice(step: Step) -> Iterator[Fault]:
    """Keys about a notice on a step that sends none."""
    if step.channel in (Channel.INTERNAL, Channel.HAND_OVER):
        if step.legal:
            yield ("legal", "channel"), "the debtor gets no notice that could have a legal effect"
        if step.term:
            yield ("term", "channel"), "the debtor gets no notice that could grant a term"
    if step.template and step.channel is not Channel.EMAIL:
        yield ("template", "channel"), "only an e-mail has a template"
    elif step.template and not (step.is_before_due and step.is_courtesy):
        reason = "'upcoming' announces the due date: only for a courtesy step before it"
        yield ("template", "after", "anchor", *_MANNER), reason


def _same_scale(one: Step, other: Step) -> bool:
    return one.anchor is other.anchor and one.anchor in _FIXED and one.after.unit == other.after.unit
