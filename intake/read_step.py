"""One step of a ladder as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Final

from yaml.nodes import MappingNode, Node, SequenceNode

from domain.law.settings import LegalStep
from domain.policy import Anchor, Channel, Charges, Duration, Step, Tone
from intake.marked_yaml import Fields, Problems, Refusal, items, matching, one_of
from intake.policy_values import amounts, days, duration, flag, positive_amount, whole
from intake.read_condition import condition

TEMPLATES: Final = {"reminder": None, "upcoming": "upcoming"}
"""A reminder is what an e-mail is anyway: worded by its tone."""
MOST_REPEATS: Final = 12
_ALONE: Final = frozenset({Channel.INTERNAL, Channel.HAND_OVER})
_NO_CHARGES: Final = Charges()
_SOON: Final = Duration(0, "d")


@dataclass(frozen=True, slots=True)
class Repeat:
    every: Duration
    times: int
    """Further steps after the first."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step as written, with the keys that say so."""

    fields: Fields
    step: Step
    repeat: Repeat | None

    def is_sure(self, *keys: str) -> bool:
        """Whether the values of these keys are what was written, not placeholders for what was refused."""
        return self.fields.refused.isdisjoint(keys)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The step and its repetitions `KEY.1`, `KEY.2`, each counted from the one before."""
        if self.repeat is None:
            return (self.step,)
        again = replace(self.step, after=self.repeat.every, anchor=Anchor.PREVIOUS)
        more = (replace(again, key=f"{self.step.key}.{n + 1}") for n in range(self.repeat.times))
        return (self.step, *more)


def read_rung(node: Node, problems: Problems, *, first: bool) -> Rung:
    fields = Fields(node, problems, "a step")
    key = fields.required("key", _key, "")
    after = fields.required("after", duration, _SOON)
    anchor = fields.optional("anchor", _anchor, Anchor.DUE if first else Anchor.PREVIOUS)
    channel, *fallbacks = fields.required("channel", _channels, (Channel.EMAIL,))
    approval = fields.optional(
        "requires_approval", partial(_approval, problems=problems), channel is Channel.HAND_OVER
    )
    step = Step(
        key=key,
        after=after,
        anchor=anchor,
        channel=channel,
        fallbacks=tuple(fallbacks),
        tone=fields.optional("tone", one_of({tone.value: tone for tone in Tone}), Tone.FRIENDLY),
        template=fields.optional("template", one_of(TEMPLATES), None),
        requires_approval=approval is not False,
        approval_above=None if isinstance(approval, bool) else approval,
        legal=fields.optional("legal", one_of({legal.value: legal for legal in LegalStep}), None),
        term=fields.optional("term", days(1), None),
        charges=fields.optional("charges", partial(_charges, problems=problems), _NO_CHARGES),
        when=fields.optional("when", partial(condition, problems=problems), None),
    )
    repeat = fields.optional("repeat", partial(_repeat, problems=problems), None)
    fields.close()
    return Rung(fields, step, repeat)


def _channels(node: Node) -> tuple[Channel, ...]:
    """One channel, or a list of them to try in order."""
    if not isinstance(node, SequenceNode):
        return (_channel(node),)
    channels: list[Channel] = []
    for item in items(node):
        channel = _channel(item)
        if channel in _ALONE:
            raise Refusal(item, f"'{channel}' stands alone, not in a list")
        if channel in channels:
            raise Refusal(item, f"'{channel}' is named twice")
        channels.append(channel)
    if not channels:
        raise Refusal(node, "the list is empty")
    return tuple(channels)


def _approval(node: Node, *, problems: Problems) -> bool | Mapping[str, Decimal]:
    """Always, never, or above an amount."""
    if not isinstance(node, MappingNode):
        return flag(node)
    fields = Fields(node, problems, "an approval")
    above: Mapping[str, Decimal] = fields.required("above", partial(amounts, problems=problems), {})
    fields.close()
    return above


def _charges(node: Node, *, problems: Problems) -> Charges:
    fields = Fields(node, problems, "charges")
    charges = Charges(
        interest=fields.optional("interest", flag, _NO_CHARGES.interest),
        costs=fields.optional("costs", flag, _NO_CHARGES.costs),
        fee=fields.optional("fee", positive_amount, None),
    )
    fields.close()
    return charges


def _repeat(node: Node, *, problems: Problems) -> Repeat:
    fields = Fields(node, problems, "a repetition")
    repeat = Repeat(
        every=fields.required("every", _interval, _SOON),
        times=fields.required("times", whole(1, MOST_REPEATS), 1),
    )
    fields.close()
    return repeat


def _interval(node: Node) -> Duration:
    value = duration(node)
    if value.amount < 1:
        raise Refusal(node, f"'{value}' is less than 1{value.unit}")
    return value


_key = matching(r"[a-z0-9][a-z0-9-]{0,49}", "a key of small letters, digits and hyphens")
_anchor = one_of({anchor.value: anchor for anchor in Anchor})
_channel = one_of({channel.value: channel for channel in Channel}, frozenset({"sms"}))
