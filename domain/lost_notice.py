"""A formal notice that came back when later steps had begun: they count on what never arrived, so a person decides."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid5

from domain.applying import Applying
from domain.facts import Facts, Hold, StepState, StepTaken, Task, TaskKind
from domain.law.legal_step import window_of
from domain.policy import Channel, start_of_day


def is_overtaken(a: Applying, taken: StepTaken) -> bool:
    """Whether a step that is never skipped has come back, and a later one has begun for the same term."""
    step = a.policy.find(taken.step)
    if step is None or step.is_courtesy:
        return False
    later = {after.key for after in a.policy.steps[a.policy.position(step.key) + 1 :]}
    return any(t.cycle == taken.cycle and t.step in later for t in a.facts.steps)


def hold_until_sent(a: Applying, facts: Facts, taken: StepTaken) -> Facts:
    """Nothing more happens for its term, and a person is asked to send it by other means."""
    term = taken.cycle if len(facts.terms) > 1 else None
    hold = Hold(_id(facts, taken, "hold"), a.now, None, term=term)
    others = (h for h in facts.holds if h.id != hold.id)
    task = Task(_id(facts, taken, "task"), TaskKind.CHECK_DELIVERY, taken.cycle, taken.step, a.now)
    return replace(facts, holds=(*others, hold)).with_task(task)


def sent_after_all(a: Applying, facts: Facts, taken: StepTaken) -> Facts:
    """A person has sent it: the case is free again when the term that it grants has run out.

    By whatever means they did: by post is the latest.
    """
    step = a.policy.find(taken.step)
    done = replace(taken, state=StepState.DONE, at=a.now, reason="by_hand")
    if step is None:
        return facts.with_step(done)
    window = window_of(step, a.now, facts, a.policy, Channel.LETTER)
    free, lost = start_of_day(window.costs_from, a.policy.zone), _id(facts, taken, "hold")
    holds = (replace(h, until=free) if h.id == lost and h.is_active(a.now) else h for h in facts.holds)
    return replace(facts, holds=tuple(holds)).with_step(done)


def _id(facts: Facts, taken: StepTaken, what: str) -> str:
    return str(uuid5(UUID(facts.invoice_id), f"{what}/bounced/{taken.notice_id}"))
