"""What people must do: approve, call, mend an address."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls import Call, Reading, Writing, as_uuid
from api.pages import USUAL, After, Limit, next_page, read_place
from api.problems import Fault, Problem
from api.schemas.case import Answer
from api.schemas.messages import TaskCompletion
from api.schemas.tasks import SentView, TaskPage, TaskView
from api.tell_case import Telling, tell_case
from domain.errors import DomainError
from domain.events import Message
from domain.facts import TaskKind
from domain.stages import EventKind
from store.list_tasks import Row, find_task, list_tasks, sent_about

router = APIRouter(tags=["tasks"])


@router.get("/tasks")
async def list_what_to_do(
    call: Reading,
    *,
    kind: TaskKind | None = None,
    completed: bool = False,
    after: After = None,
    limit: Limit = USUAL,
) -> TaskPage:
    """Open tasks, oldest first, each with what the person who does it needs to know."""
    async with call.tools.engine.connect() as connection:
        rows = await list_tasks(
            connection, kind=kind, completed=completed, after=read_place(after), limit=limit + 1
        )
        page = rows[:limit]
        sent = await sent_about(connection, [row["invoice_id"] for row in page])
        items = [_view(row, sent[row["invoice_id"]], await _days_late(call, connection, row)) for row in page]
    more = next_page(call, page[-1]["opened_at"], page[-1]["id"]) if len(rows) > limit else None
    return TaskPage(items=items, next=more)


@router.post("/tasks/{task_id}/completion", status_code=202, response_model_exclude_unset=True)
async def complete_task(task_id: str, body: TaskCompletion, call: Writing) -> Answer:
    """Say that a task is done. An approval is `approved` or `rejected`; any other is `done`, or `retry` to
    try anew what could not be sent."""
    async with call.tools.engine.connect() as connection:
        id_ = as_uuid(task_id)
        task = await find_task(connection, id_) if id_ else None
    if task is None or id_ is None:
        raise DomainError("unknown_task", "no task has this id")
    possible = _outcomes(task["kind"])
    if body.outcome not in possible:
        fault = Fault("outcome", "bad_outcome", f"must be {' or '.join(possible)} for this task")
        raise Problem(422, "bad_outcome", "this task cannot be completed like that", errors=(fault,))
    kind = _KIND_OF.get(body.outcome, EventKind.TASK_COMPLETED)
    if kind is EventKind.TASK_COMPLETED:
        message = Message(event_id=f"task/{id_}", ref=id_, outcome=body.outcome)
    else:
        message = Message(event_id=f"task/{id_}", step=task["step"])
    try:
        return await tell_case(call, Telling(task["invoice_id"], kind, message, {"task_id": id_}, body.note))
    except DomainError as error:
        if error.code in ("unknown_task", "not_awaiting_approval"):
            raise Problem(409, "task_closed", "the task is done already, or no longer needed") from None
        raise


_KIND_OF = {"approved": EventKind.STEP_APPROVED, "rejected": EventKind.STEP_REJECTED}


def _outcomes(kind: str) -> list[str]:
    return ["approved", "rejected"] if kind == TaskKind.APPROVE.value else ["done", "retry"]


async def _days_late(call: Call, connection: AsyncConnection, row: Row) -> int:
    policy = await call.tools.policy(connection, row["policy_name"], row["policy_version"])
    days: int = (call.now.astimezone(policy.zone).date() - row["due_date"]).days
    return max(0, days)


def _view(row: Row, sent: list[Row], days_late: int) -> TaskView:
    derived = {"open", "outcomes", "days_late", "sent"}
    return TaskView(
        **{name: row[name] for name in TaskView.model_fields if name not in derived},
        open=str(row["open_amount"]),
        outcomes=_outcomes(row["kind"]),
        days_late=days_late,
        sent=[SentView(**{name: s[name] for name in SentView.model_fields}) for s in sent],
    )
