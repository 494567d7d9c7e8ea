"""Stages of a case, and the one table of which event leads from which stage to which."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Stage(StrEnum):
    NOT_DUE = "not_due"
    CHASING = "chasing"
    AWAITING_APPROVAL = "awaiting_approval"
    PROMISED = "promised"
    ON_PLAN = "on_plan"
    DISPUTED = "disputed"
    ON_HOLD = "on_hold"
    HANDED_OVER = "handed_over"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"

    @property
    def is_closed(self) -> bool:
        return self in CLOSED


class EventKind(StrEnum):
    """The public vocabulary: the names of the workflow's messages."""

    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_REVERSED = "payment_reversed"
    CREDIT_NOTE_ISSUED = "credit_note_issued"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_RESOLVED = "dispute_resolved"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PLAN_AGREED = "plan_agreed"
    PLAN_BROKEN = "plan_broken"
    PLAN_COMPLETED = "plan_completed"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    STEP_APPROVED = "step_approved"
    STEP_REJECTED = "step_rejected"
    TASK_COMPLETED = "task_completed"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"
    FACTS_CHANGED = "facts_changed"


CLOSED: Final = frozenset({Stage.SETTLED, Stage.WRITTEN_OFF, Stage.WITHDRAWN})
OPEN: Final = frozenset(Stage) - CLOSED
FREE: Final = frozenset({Stage.NOT_DUE, Stage.CHASING, Stage.AWAITING_APPROVAL})
"""Nothing the debtor said or a person asked for stands in the way."""
SUSPENDED: Final = frozenset({Stage.PROMISED, Stage.ON_PLAN, Stage.DISPUTED, Stage.ON_HOLD})
BEFORE_HAND_OVER: Final = FREE | SUSPENDED
SAME: Final[frozenset[Stage]] = frozenset()
"""Stands for 'the stage it was in'."""

_S, _E = Stage, EventKind
_Row = tuple[EventKind, frozenset[Stage], frozenset[Stage]]
_ROWS: tuple[_Row, ...] = (
    # Money. It is booked whatever the stage; what exceeds the claim becomes the debtor's credit.
    (_E.PAYMENT_RECEIVED, OPEN - {_S.PROMISED}, SAME | {_S.SETTLED}),
    (_E.PAYMENT_RECEIVED, frozenset({_S.PROMISED}), FREE | {_S.PROMISED, _S.SETTLED}),  # may keep the promise
    (_E.PAYMENT_RECEIVED, CLOSED, SAME),
    (_E.CREDIT_NOTE_ISSUED, OPEN - {_S.PROMISED}, SAME | {_S.SETTLED}),
    (_E.CREDIT_NOTE_ISSUED, frozenset({_S.PROMISED}), FREE | {_S.PROMISED, _S.SETTLED}),
    (_E.CREDIT_NOTE_ISSUED, CLOSED, SAME),
    (_E.PAYMENT_REVERSED, OPEN - {_S.DISPUTED}, SAME),
    (_E.PAYMENT_REVERSED, frozenset({_S.DISPUTED}), BEFORE_HAND_OVER),  # a part may be undisputed again
    (_E.PAYMENT_REVERSED, frozenset({_S.SETTLED}), OPEN | {_S.SETTLED}),
    (_E.PAYMENT_REVERSED, frozenset({_S.WRITTEN_OFF, _S.WITHDRAWN}), SAME),
    # What the debtor says.
    (_E.DISPUTE_OPENED, BEFORE_HAND_OVER, SAME | {_S.DISPUTED}),
    (_E.DISPUTE_OPENED, frozenset({_S.HANDED_OVER}), SAME),
    (_E.DISPUTE_RESOLVED, BEFORE_HAND_OVER, BEFORE_HAND_OVER | {_S.SETTLED}),
    (_E.DISPUTE_RESOLVED, frozenset({_S.HANDED_OVER}), SAME | {_S.SETTLED}),
    (_E.PROMISE_MADE, FREE | {_S.PROMISED}, frozenset({_S.PROMISED})),
    (_E.PROMISE_MADE, frozenset({_S.ON_HOLD, _S.DISPUTED}), SAME),
    (_E.PROMISE_KEPT, OPEN, SAME | FREE),
    (_E.PROMISE_BROKEN, OPEN, SAME | FREE),
    (_E.PLAN_AGREED, BEFORE_HAND_OVER - {_S.ON_PLAN, _S.DISPUTED}, frozenset({_S.ON_PLAN})),
    (_E.PLAN_BROKEN, BEFORE_HAND_OVER, BEFORE_HAND_OVER),
    (_E.PLAN_COMPLETED, BEFORE_HAND_OVER, BEFORE_HAND_OVER),
    # What a person decides.
    (_E.HOLD_PLACED, FREE | {_S.ON_HOLD, _S.PROMISED}, frozenset({_S.ON_HOLD})),
    (_E.HOLD_PLACED, frozenset({_S.DISPUTED, _S.ON_PLAN}), SAME),
    (_E.HOLD_LIFTED, BEFORE_HAND_OVER, BEFORE_HAND_OVER),
    (_E.STEP_APPROVED, BEFORE_HAND_OVER, SAME | {_S.CHASING}),
    (_E.STEP_REJECTED, BEFORE_HAND_OVER, SAME | {_S.CHASING}),
    (_E.TASK_COMPLETED, frozenset(Stage), SAME | {_S.CHASING, _S.HANDED_OVER}),
    (_E.WRITTEN_OFF, OPEN, frozenset({_S.WRITTEN_OFF})),
    (_E.WITHDRAWN, OPEN, frozenset({_S.WITHDRAWN})),
    (_E.FACTS_CHANGED, frozenset(Stage), SAME),
)


def _build() -> dict[EventKind, dict[Stage, frozenset[Stage]]]:
    table: dict[EventKind, dict[Stage, frozenset[Stage]]] = {event: {} for event in EventKind}
    for event, sources, targets in _ROWS:
        for source in sources:
            keeps_stage = event not in _ALWAYS_MOVES
            table[event][source] = targets | {source} if keeps_stage else targets
    return table


_ALWAYS_MOVES: Final = frozenset({_E.PROMISE_MADE, _E.PLAN_AGREED, _E.WRITTEN_OFF, _E.WITHDRAWN, _E.HOLD_PLACED})

STAGE_TABLE: Final = MappingProxyType(_build())
"""`STAGE_TABLE[event][stage]`: the stages that the event may lead to; a stage that is missing does not fit."""


def fits(event: EventKind, stage: Stage) -> bool:
    return stage in STAGE_TABLE[event]
