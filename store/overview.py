"""All cases at a glance: what was done, what comes next, and what went out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import notices

_READ = text(
    """
    SELECT i.id::text, i.number, d.name, d.id::text AS debtor_id, i.stage, i.open_amount,
           i.next_step, i.next_at, i.reasons,
           (SELECT coalesce(json_agg(json_build_object('step', s.step, 'state', s.state, 'at', s.at,
                'asked', s.asked::text, 'message_id', n.message_id) ORDER BY s.at), '[]')
            FROM steps_taken s LEFT JOIN notices n ON n.id = s.notice_id WHERE s.invoice_id = i.id) AS steps,
           (SELECT coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind)), '[]')
            FROM tasks t WHERE t.invoice_id = i.id AND t.completed_at IS NULL) AS tasks,
           (SELECT count(*) FROM plan_invoices p JOIN instalments a ON a.plan_id = p.plan_id
            WHERE p.invoice_id = i.id AND a.announced = 'done') AS announced
    FROM invoices i JOIN debtors d ON d.id = i.debtor_id ORDER BY i.number
    """
)


@dataclass(frozen=True, slots=True)
class StepSeen:
    step: str
    state: str
    at: datetime
    asked: Decimal | None
    message_id: str | None
    """Of the mail it sent; None for a step without one."""


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A case as of its last decision."""

    invoice_id: str
    number: str
    debtor: str
    debtor_id: str
    stage: str
    open: Decimal
    next_step: str | None
    next_at: datetime | None
    reasons: tuple[str, ...]
    steps: tuple[StepSeen, ...]
    """In the order in which they came into their state."""
    tasks: Mapping[str, str]
    """Kind of each open task, by id."""
    announced: int
    """Instalments of its plans whose announcement has left."""

    def did(self, step: str) -> bool:
        return any(s.step == step and s.state == "done" for s in self.steps)


async def read_overview(connection: AsyncConnection) -> list[CaseSeen]:
    """Every case, by number."""
    return [_case(row) for row in (await connection.execute(_READ)).mappings()]


async def sent_message_ids(connection: AsyncConnection) -> list[str]:
    """Message-ID of every mail that is known to have been sent."""
    query = select(notices.c.message_id).where(notices.c.sent_at.is_not(None))
    return list((await connection.execute(query)).scalars())


def _case(row: Mapping[Any, Any]) -> CaseSeen:
    return CaseSeen(
        invoice_id=row["id"],
        number=row["number"],
        debtor=row["name"],
        debtor_id=row["debtor_id"],
        stage=row["stage"],
        open=row["open_amount"],
        next_step=row["next_step"],
        next_at=row["next_at"],
        reasons=tuple(reason["code"] for reason in row["reasons"]),
        steps=tuple(
            StepSeen(
                step=s["step"],
                state=s["state"],
                at=datetime.fromisoformat(s["at"]),
                asked=Decimal(s["asked"]) if s["asked"] else None,
                message_id=s["message_id"] or None,
            )
            for s in row["steps"]
        ),
        tasks={task["id"]: task["kind"] for task in row["tasks"]},
        announced=row["announced"],
    )
