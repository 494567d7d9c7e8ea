"""The case of one invoice: sleeps until something is due, takes one message at a time, decides nothing itself."""

from __future__ import annotations

from collections import deque

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.contract import INVOICE_WORKFLOW, NEXT_ACTION_AT, STAGE, STEP, CaseStart, Envelope, NextMove
    from domain.events import REQUIRED, Message
    from domain.stages import EventKind
    from workflows import calls
    from workflows.alarm import Alarm

_STAGE = SearchAttributeKey.for_keyword(STAGE)
_STEP = SearchAttributeKey.for_keyword(STEP)
_NEXT_ACTION_AT = SearchAttributeKey.for_datetime(NEXT_ACTION_AT)


@workflow.defn(name=INVOICE_WORKFLOW)
class InvoiceWorkflow:
    """Single writer of its case. Handlers only put messages into the inbox; the loop does the work."""

    @workflow.init
    def __init__(self, case: CaseStart) -> None:
        self._case = case
        self._move = case.move
        self._inbox: deque[Envelope] = deque()
        self._answered: dict[str, NextMove] = {}
        self._alarm = Alarm()
        if case.move:
            workflow.set_current_details(case.move.details)

    @workflow.run
    async def run(self, case: CaseStart) -> NextMove:
        while True:
            if self._inbox:
                envelope = self._inbox[0]
                move = await calls.apply_event(case.invoice_id, envelope)
                self._inbox.popleft()
                self._take_note(move)
                self._answered[envelope.message.event_id] = move
            elif self._move is None:
                self._take_note(await calls.take_next_step(case.invoice_id, None))
            elif self._move.closed:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._inbox:
                    return self._move
            elif self._is_due(self._move):
                self._alarm.clear()
                self._take_note(await calls.take_next_step(case.invoice_id, self._move.step))
            else:
                await self._wait(self._move)

    async def _wait(self, move: NextMove) -> None:
        if self._should_renew() and workflow.all_handlers_finished():
            self._alarm.clear()
            workflow.continue_as_new(CaseStart(self._case.invoice_id, move, self._case.longest_history))
        self._alarm.set(move.wake_at, move.summary)
        await workflow.wait_condition(lambda: bool(self._inbox) or self._alarm.rang_for(move.wake_at))

    def _is_due(self, move: NextMove) -> bool:
        return move.wake_at is not None and (
            self._alarm.rang_for(move.wake_at) or move.wake_at <= workflow.now()
        )

    def _should_renew(self) -> bool:
        info = workflow.info()
        longest = self._case.longest_history
        return (
            info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
            or (longest > 0 and info.get_current_history_length() > longest)
        )

    def _take_note(self, move: NextMove) -> None:
        """Show the new move. Search attributes cost an action, so they follow the stage only, and not the last one:
        a closed run shows its end as its result."""
        before, self._move = self._move, move
        workflow.set_current_details(move.details)
        if not move.closed and (before is None or before.stage != move.stage):
            workflow.upsert_search_attributes(
                [
                    _STAGE.value_set(move.stage),
                    _STEP.value_set(move.step or ""),
                    _NEXT_ACTION_AT.value_set(move.wake_at)
                    if move.wake_at
                    else _NEXT_ACTION_AT.value_unset(),
                ]
            )

    def _receive(self, kind: EventKind, message: Message) -> None:
        self._inbox.append(Envelope(kind.value, message))

    # The public vocabulary. Which fields each message needs: domain/events.py.

    @workflow.signal(description="Money came in: ref (payment id), amount, on.")
    def payment_received(self, message: Message) -> None:
        self._receive(EventKind.PAYMENT_RECEIVED, message)

    @workflow.signal(description="A payment was taken back: ref (payment id), on.")
    def payment_reversed(self, message: Message) -> None:
        self._receive(EventKind.PAYMENT_REVERSED, message)

    @workflow.signal(description="A credit note lowers the claim: ref, amount, on.")
    def credit_note_issued(self, message: Message) -> None:
        self._receive(EventKind.CREDIT_NOTE_ISSUED, message)

    @workflow.signal(description="The debtor disputes all (no amount) or part of the claim: ref, amount.")
    def dispute_opened(self, message: Message) -> None:
        self._receive(EventKind.DISPUTE_OPENED, message)

    @workflow.signal(description="A dispute ended: ref, outcome (accepted | rejected).")
    def dispute_resolved(self, message: Message) -> None:
        self._receive(EventKind.DISPUTE_RESOLVED, message)

    @workflow.signal(description="The debtor promises to pay: ref, amount, until.")
    def promise_made(self, message: Message) -> None:
        self._receive(EventKind.PROMISE_MADE, message)

    @workflow.signal(description="A payment plan covers this invoice: ref (plan id).")
    def plan_agreed(self, message: Message) -> None:
        self._receive(EventKind.PLAN_AGREED, message)

    @workflow.signal(description="The plan was not kept or was cancelled: ref (plan id).")
    def plan_broken(self, message: Message) -> None:
        self._receive(EventKind.PLAN_BROKEN, message)

    @workflow.signal(description="The plan was kept: ref (plan id).")
    def plan_completed(self, message: Message) -> None:
        self._receive(EventKind.PLAN_COMPLETED, message)

    @workflow.signal(description="Do not chase: ref (hold id), until.")
    def hold_placed(self, message: Message) -> None:
        self._receive(EventKind.HOLD_PLACED, message)

    @workflow.signal(description="A hold ends early: ref (hold id).")
    def hold_lifted(self, message: Message) -> None:
        self._receive(EventKind.HOLD_LIFTED, message)

    @workflow.signal(description="A person consents to a step: step.")
    def step_approved(self, message: Message) -> None:
        self._receive(EventKind.STEP_APPROVED, message)

    @workflow.signal(description="A person decides against a step: step.")
    def step_rejected(self, message: Message) -> None:
        self._receive(EventKind.STEP_REJECTED, message)

    @workflow.signal(description="A person did a task: ref (task id), outcome (done | retry).")
    def task_completed(self, message: Message) -> None:
        self._receive(EventKind.TASK_COMPLETED, message)

    @workflow.signal(description="A notice came back: step.")
    def notice_bounced(self, message: Message) -> None:
        self._receive(EventKind.NOTICE_BOUNCED, message)

    @workflow.signal(description="A person wants a step taken now: step.")
    def step_requested(self, message: Message) -> None:
        self._receive(EventKind.STEP_REQUESTED, message)

    @workflow.signal(description="A hold ends on another day: ref (hold id), until.")
    def hold_extended(self, message: Message) -> None:
        self._receive(EventKind.HOLD_EXTENDED, message)

    @workflow.signal(description="Chase by another policy from now on: ref (name/version).")
    def policy_changed(self, message: Message) -> None:
        self._receive(EventKind.POLICY_CHANGED, message)

    @workflow.signal(description="The creditor gives the claim up: on.")
    def written_off(self, message: Message) -> None:
        self._receive(EventKind.WRITTEN_OFF, message)

    @workflow.signal(description="The invoice should not have been sent: on.")
    def withdrawn(self, message: Message) -> None:
        self._receive(EventKind.WITHDRAWN, message)

    @workflow.signal(description="Something about the debtor changed: plan again from the facts.")
    def facts_changed(self, message: Message) -> None:
        self._receive(EventKind.FACTS_CHANGED, message)

    @workflow.update(
        description="Any of the messages above by name, for a person who waits for the new state."
    )
    async def record(self, envelope: Envelope) -> NextMove:
        event_id = envelope.message.event_id
        self._receive(EventKind(envelope.kind), envelope.message)
        await workflow.wait_condition(lambda: event_id in self._answered)
        return self._answered[event_id]

    @record.validator
    def _check(self, envelope: Envelope) -> None:
        if envelope.kind not in list(EventKind):
            raise ApplicationError(
                f"unknown message {envelope.kind!r}", type="unknown_message", non_retryable=True
            )
        missing = [
            n for n in ("event_id", *REQUIRED[EventKind(envelope.kind)]) if not getattr(envelope.message, n)
        ]
        if missing:
            text = f"{envelope.kind} needs {', '.join(missing)}"
            raise ApplicationError(text, type="missing_field", non_retryable=True)
