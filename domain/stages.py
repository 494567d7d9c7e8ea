"""Stages of a case, and the one table of which event leads from which stage to which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
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
    NOTICE_BOUNCED = "notice_bounced"
    STEP_REQUESTED = "step_requested"
    HOLD_EXTENDED = "hold_extended"
    POLICY_CHANGED = "policy_changed"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"
    FACTS_CHANGED = "facts_changed"


_S, _E = Stage, EventKind
_Stages = frozenset[Stage]
_Moves = Mapping[Stage, _Stages]

ANY: Final = frozenset(Stage)
CLOSED: Final = frozenset({_S.SETTLED, _S.WRITTEN_OFF, _S.WITHDRAWN})
OPEN: Final = ANY - CLOSED
FREE: Final = frozenset({_S.NOT_DUE, _S.CHASING, _S.AWAITING_APPROVAL})
"""Nothing the debtor said or a person asked for stands in the way."""
SUSPENDED: Final = frozenset({_S.PROMISED, _S.ON_PLAN, _S.DISPUTED, _S.ON_HOLD})
BEFORE_HAND_OVER: Final = FREE | SUSPENDED


def _stays(stages: _Stages, *or_becomes: Stage) -> _Moves:
    return {stage: frozenset({stage, *or_becomes}) for stage in stages}


def _becomes(stages: _Stages, targets: _Stages) -> _Moves:
    return dict.fromkeys(stages, targets)


def _only(*stages: Stage) -> _Stages:
    return frozenset(stages)


# Less is owed. Money is booked whatever the stage; what exceeds the claim becomes the debtor's credit. It may
# pay all, or all but a part that is in dispute, and it may keep a promise. When it pays a term, the next one is
# chased instead: that may not be due yet, and may be held.
_LESS_OWED: Final[_Moves] = {
    **_stays(CLOSED),
    **_stays(BEFORE_HAND_OVER, _S.ON_HOLD, _S.DISPUTED, _S.SETTLED),
    _S.CHASING: _only(_S.NOT_DUE, _S.CHASING, _S.ON_HOLD, _S.DISPUTED, _S.SETTLED),
    _S.DISPUTED: SUSPENDED | {_S.NOT_DUE, _S.SETTLED},
    _S.ON_HOLD: SUSPENDED | {_S.NOT_DUE, _S.CHASING, _S.SETTLED},
    _S.AWAITING_APPROVAL: FREE | {_S.ON_HOLD, _S.DISPUTED, _S.SETTLED},
    _S.PROMISED: FREE | {_S.PROMISED, _S.ON_HOLD, _S.DISPUTED, _S.SETTLED},
    _S.HANDED_OVER: _only(_S.HANDED_OVER, _S.SETTLED),
}
# A person decides about a step; the decision shows at once unless something else suspends the case.
_DECIDED: Final[_Moves] = {
    **_stays(SUSPENDED),
    _S.AWAITING_APPROVAL: _only(_S.NOT_DUE, _S.CHASING),
}

STAGE_TABLE: Final[Mapping[EventKind, _Moves]] = {
    _E.PAYMENT_RECEIVED: _LESS_OWED,
    _E.CREDIT_NOTE_ISSUED: _LESS_OWED,
    _E.PAYMENT_REVERSED: {
        **_stays(ANY),
        # Back to a term before, which may be disputed or held.
        **_becomes(_only(_S.NOT_DUE, _S.AWAITING_APPROVAL), FREE | {_S.ON_HOLD, _S.DISPUTED}),
        _S.CHASING: _only(_S.CHASING, _S.AWAITING_APPROVAL, _S.ON_HOLD),
        **_stays(_only(_S.PROMISED, _S.ON_PLAN), _S.ON_HOLD, _S.DISPUTED),
        _S.ON_HOLD: BEFORE_HAND_OVER,
        _S.DISPUTED: BEFORE_HAND_OVER,  # more is owed than is in dispute
        _S.SETTLED: (OPEN - {_S.PROMISED}) | {_S.SETTLED},  # every promise was kept when the case was settled
    },
    _E.DISPUTE_OPENED: {**_stays(BEFORE_HAND_OVER, _S.DISPUTED), **_stays(_only(_S.HANDED_OVER))},
    _E.DISPUTE_RESOLVED: {
        **_stays(BEFORE_HAND_OVER),  # over a part: the rest was chased all along
        # What is waived may have been the rest of a term.
        _S.AWAITING_APPROVAL: _only(_S.AWAITING_APPROVAL, _S.CHASING, _S.ON_HOLD),
        _S.ON_HOLD: _only(_S.ON_HOLD, _S.CHASING, _S.PROMISED, _S.ON_PLAN),
        _S.DISPUTED: BEFORE_HAND_OVER | {_S.SETTLED},
        _S.PROMISED: FREE | {_S.PROMISED},  # what is waived may keep the promise
        _S.HANDED_OVER: _only(_S.HANDED_OVER, _S.SETTLED),
    },
    _E.PROMISE_MADE: {
        **_becomes(FREE | {_S.PROMISED}, _only(_S.PROMISED)),
        **_stays(_only(_S.ON_HOLD, _S.DISPUTED)),
    },
    # Both say what the ledger and the clock have decided; until they have, these do not fit.
    _E.PROMISE_KEPT: _stays(ANY),
    _E.PROMISE_BROKEN: _stays(ANY),
    _E.PLAN_AGREED: {**_becomes(FREE | {_S.PROMISED}, _only(_S.ON_PLAN)), **_stays(_only(_S.ON_HOLD))},
    _E.PLAN_BROKEN: {**_stays(ANY - FREE - {_S.PROMISED}), _S.ON_PLAN: FREE | {_S.PROMISED}},
    _E.PLAN_COMPLETED: {**_stays(ANY - FREE - {_S.PROMISED}), _S.ON_PLAN: FREE | {_S.PROMISED}},
    _E.HOLD_PLACED: {
        **_stays(BEFORE_HAND_OVER, _S.ON_HOLD),  # on a term that is not chased yet
        **_stays(_only(_S.DISPUTED)),
    },
    # A hold on a term that is not chased yet shows nowhere, and ends like any other.
    _E.HOLD_LIFTED: {**_stays(BEFORE_HAND_OVER), _S.ON_HOLD: BEFORE_HAND_OVER - {_S.DISPUTED}},
    _E.STEP_APPROVED: _DECIDED,
    _E.STEP_REJECTED: _DECIDED,
    _E.TASK_COMPLETED: {
        **_stays(ANY),
        **_stays(BEFORE_HAND_OVER - {_S.AWAITING_APPROVAL}, _S.HANDED_OVER),  # sent by hand
        _S.AWAITING_APPROVAL: FREE,
    },
    # It came back after all; that may also be known when nobody is chased any more. A formal notice that later steps
    # counted on holds the case.
    _E.NOTICE_BOUNCED: {
        **_stays(ANY),
        **_stays(FREE | {_S.PROMISED, _S.ON_PLAN}, _S.ON_HOLD),
        _S.HANDED_OVER: (BEFORE_HAND_OVER - {_S.AWAITING_APPROVAL}) | {_S.HANDED_OVER},
    },
    _E.STEP_REQUESTED: _stays(FREE),
    _E.HOLD_EXTENDED: _stays(BEFORE_HAND_OVER),
    # By itself it changes nothing: what the other policy makes of the case is another decision.
    _E.POLICY_CHANGED: _stays(OPEN),
    _E.WRITTEN_OFF: _becomes(OPEN, _only(_S.WRITTEN_OFF)),
    _E.WITHDRAWN: _becomes(OPEN, _only(_S.WITHDRAWN)),
    _E.FACTS_CHANGED: _stays(ANY),
}
"""`STAGE_TABLE[event][stage]`: the stages the event may lead to; a stage that is missing does not fit."""


def fits(event: EventKind, stage: Stage) -> bool:
    return stage in STAGE_TABLE[event]
