"""What stories about several invoices of one debtor share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy import select

from store.tables import notice_lines, notices, steps_taken
from tests.support.stories import Case, Story

DEBTOR: Final = {"debtor": "D-1", "email": "d@debtor.example"}
OURS: Final = """
name: ours
version: 1
time_zone: Europe/Amsterdam
steps:
  - {key: reminder-1, after: 7d, anchor: due, channel: email, tone: friendly}
  - {key: reminder-2, after: 14d, anchor: previous, channel: email, tone: firm}
  - {key: formal-notice, after: 10d, anchor: previous, channel: email, tone: formal}
"""


async def enrol(story: Story, *amounts: str, due: int = 0, policy: str = "", **changes: Any) -> list[Case]:
    """Invoices of one debtor, all due on that day."""
    if not policy and "ours" not in story.policies:
        await story.policy(OURS)
    given = DEBTOR | {"policy": policy or "ours", "due": story.day_0 + timedelta(days=due)} | changes
    return [await story.enrol(amount=amount, **given) for amount in amounts]


async def live(story: Story, day: int, hour: int = 18) -> None:
    """Day by day and case by case in the order of their moments: each has a clock of its own, and what one does counts
    for the others."""
    for each in range(story.day(story.now), day):
        await _live_until(story, each, 18)
    await _live_until(story, day, hour)


async def _live_until(story: Story, day: int, hour: int) -> None:
    for case in await in_order(story.cases):
        await forward(case, day, hour)
    await story.until(day, hour)


async def in_order(cases: list[Case]) -> list[Case]:
    """The case whose moment comes first, then the others."""
    moments = {case.id: (await case.facts())["next_at"] for case in cases}
    return sorted(cases, key=lambda case: moments[case.id] or datetime.max.replace(tzinfo=UTC))


async def forward(case: Case, day: int, hour: int = 18) -> None:
    """Only this one."""
    await case.story._forward(case.handle, case.story.moment(day, hour))


async def letters(story: Story) -> list[str]:
    """Every mail that arrived, by its Date header, with the step and amount of each of its lines:
    `7 F-1 reminder-1 100.00, F-2 reminder-1 50.00`. Only named, not moved on: without step."""
    n, line = notices.c, notice_lines.c
    query = select(n.message_id, line.invoice_id, line.step, line.asked).join(notices, n.id == line.notice_id)
    rows = await story.rows(query)
    numbers = {case.id: f"F-{at}" for at, case in enumerate(story.cases, 1)}
    told = []
    for mail in story.mail.mails:
        lines = [r for r in rows if r["message_id"] == mail["Message-ID"]]
        texts = sorted(f"{numbers[r['invoice_id']]} {r['step'] or 'named'} {r['asked']}" for r in lines)
        told.append(f"{story.day_of(mail)} {', '.join(texts)}")
    return told


async def notices_of(case: Case) -> dict[str, str]:
    """By step: id of the notice in which it left."""
    query = select(steps_taken.c.step, steps_taken.c.notice_id).where(steps_taken.c.invoice_id == case.id)
    return {row["step"]: row["notice_id"] for row in await case.story.rows(query)}


async def activities(case: Case) -> int:
    """How many its workflow has asked for so far."""
    history = await case.handle.fetch_history()
    return sum(event.HasField("activity_task_scheduled_event_attributes") for event in history.events)


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
