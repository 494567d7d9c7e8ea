"""By which of its channels a step goes."""

from __future__ import annotations

from typing import Final

from domain.facts import Facts, StepState
from domain.policy import Channel, Step

_CAME_BACK: Final = frozenset({StepState.BOUNCED, StepState.BLOCKED})
"""Blocked after a channel was tried: until a person has mended what was wrong, it is not tried again."""


def choose_channel(step: Step, facts: Facts) -> Channel | None:
    """The first that reaches the debtor, after those from which the step came back; None: a person must help."""
    taken = facts.taken(step.key)
    channels = step.channels
    if taken and taken.channel in channels:
        tried = channels.index(Channel(taken.channel))
        channels = channels[tried + 1 :] if taken.state in _CAME_BACK else channels[tried:]
    return next((channel for channel in channels if _reaches(channel, facts)), None)


def _reaches(channel: Channel, facts: Facts) -> bool:
    if channel is Channel.EMAIL:
        return facts.mailable
    return channel is not Channel.LETTER or facts.letterable
