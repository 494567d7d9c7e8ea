"""What becomes of a sending that nobody reported on, once the case is not chased any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.facts import Facts, StepState
from domain.move import Move, MoveKind, ReasonCode
from domain.policy import Policy
from domain.take_step import block


def let_go(facts: Facts, policy: Policy, move: Move, now: datetime) -> Facts:
    """A message came in while a killed worker's sending waited to be judged; now nobody would ever judge it.

    A courtesy is judged afresh when the case is chased again. Whether a step with legal effect left is for a
    person to find out, also of a case that is settled: the money may bounce.
    """
    if move.kind not in (MoveKind.CLOSE, MoveKind.SUSPENDED):
        return facts
    for taken in facts.steps:
        if taken.cycle == facts.cycle and taken.state is StepState.SENDING:
            step = next((s for s in policy.steps if s.key == taken.step), None)
            if step and step.is_courtesy:
                facts = facts.with_step(replace(taken, state=StepState.DEFERRED, at=now, retry_at=now))
            else:
                facts = block(facts, taken.step, ReasonCode.DELIVERY_UNCERTAIN, now)
    return facts
