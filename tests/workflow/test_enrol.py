"""What the spread of a late portfolio promises is what then leaves."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from activities.deliver import start_case
from cli.enrol import ACTOR, REASON, held_cases
from cli.stored_cases import StoredCases
from domain.spread import spread
from store.hold_new_cases import hold_new_cases, planned_days
from store.open_cases_of import debtors_of
from tests.support.stories import Story


async def test_three_late_invoices_one_a_day(story: Story) -> None:
    due = story.day_0 - timedelta(days=20)
    cases = [
        await story.enrol(
            started=False, policy="nl-business", issued=due - timedelta(days=30), due=due + timedelta(days=n)
        )
        for n in range(3)
    ]
    ids = [case.id for case in cases]
    async with story.engine.begin() as tx:
        debtors = await StoredCases(tx).of(await debtors_of(tx, ids))
        entered = spread(debtors, set(ids), story.now, 1, Counter())
        await hold_new_cases(tx, held_cases(entered), story.now, actor=ACTOR, reason=REASON)
        promised = await planned_days(tx, ACTOR, story.now)
    assert {story.day_0 + timedelta(days=n): 1 for n in (1, 2)} == promised
    for case in cases:
        await start_case(story.client, story.tools.task_queue, await story.ref(case.id))
    await story.until(3)
    assert [await case.sent() for case in cases] == [
        ["0 reminder-2 100.00"],
        ["1 reminder-2 100.00"],
        ["2 reminder-2 100.00"],
    ]
