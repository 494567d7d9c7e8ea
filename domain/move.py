"""A move: the answer to 'what now?', with the reasons that hold a case back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.facts import StepState
from domain.policy import Channel
from domain.stages import Stage


class MoveKind(StrEnum):
    PERFORM = "perform"  # the step may be taken now
    ASK_APPROVAL = "ask_approval"  # the step is due and waits for a person's consent
    BLOCK = "block"  # the step is due and cannot be taken without a person's help
    WAIT = "wait"  # until `wake_at`
    SUSPENDED = "suspended"  # by `reasons`; `wake_at` is the first moment at which one of them ends
    CLOSE = "close"


class ReasonCode(StrEnum):
    """Closed list: why a case is not being chased at this moment, or why a step or an event came to nothing."""

    PAID = "paid"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"
    NOT_DUE = "not_due"
    SCHEDULED = "scheduled"  # the next step's day has not come
    SEND_WINDOW = "send_window"
    ON_HOLD = "on_hold"
    DISPUTED = "disputed"
    PROMISED = "promised"
    ON_PLAN = "on_plan"
    BELOW_MINIMUM = "below_minimum"
    CONTACT_BUDGET = "contact_budget"
    STALE_BANK_DATA = "stale_bank_data"
    UNALLOCATED_CASH = "unallocated_cash"  # what came in and is not allocated may cover the claim
    AWAITING_POST = "awaiting_post"  # a letter is printed and waits for a person to post it
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_WINDOW = "awaiting_window"  # the term that a legal notice granted has not run out
    UNLAWFUL = "unlawful"  # the law forbids this step against this debtor
    LETTER_INCOMPLETE = "letter_incomplete"  # something that the law wants in the letter is missing
    RATE_UNKNOWN = "rate_unknown"  # the interest to charge is not published yet
    NO_ADDRESS = "no_address"
    IN_FLIGHT = "in_flight"  # another sending of this step has no outcome yet
    DELIVERY_RETRY = "delivery_retry"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_UNCERTAIN = "delivery_uncertain"
    NO_AGENCY = "no_agency"
    POLICY_EXHAUSTED = "policy_exhausted"
    COLLAPSED = "collapsed"  # the step was merged into a later one
    EXPIRED = "expired"  # the day that the step announces has passed
    DOES_NOT_FIT = "does_not_fit"  # the event does not fit the case as it is


class Reason(NamedTuple):
    code: ReasonCode
    until: datetime | None = None
    """When it ends by itself; None: only an event ends it."""


class PassedOver(NamedTuple):
    step: str
    state: StepState
    """COLLAPSED or EXPIRED."""
    planned_at: datetime


class Move(NamedTuple):
    """Made for every decision, so a tuple: the cheapest value there is."""

    kind: MoveKind
    stage: Stage
    reasons: tuple[Reason, ...] = ()
    wake_at: datetime | None = None
    """When to ask again; None: only an event changes anything."""
    step: str | None = None
    planned_at: datetime | None = None
    """The step's own milestone, before window, hold or outage moved it."""
    passed_over: tuple[PassedOver, ...] = ()
    """Earlier steps that taking this one finishes without taking them."""
    channel: Channel | None = None
    """By which the step goes, when it is due."""
