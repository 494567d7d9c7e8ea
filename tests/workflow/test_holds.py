"""Holds on a debtor and on everything of a creditor, lived through."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from activities.deliver import deliver_event
from domain.contract import STAGE
from store.add_invoices import Verdict, add_invoices
from store.list_holds import HoldFilter, list_holds
from store.standing_holds import (
    Held,
    Told,
    extend_standing_hold,
    lift_standing_hold,
    place_standing_hold,
)
from tests.support.database import new_invoice, someone_waits
from tests.support.stories import Case, Story
from tests.workflow.bundles import live


async def hold(story: Story, case: Case, *, until: str = "", everything: bool = False) -> str:
    """On the debtor of this case, or on everything of its creditor; its id."""
    held = Held(case.ref.creditor_id, None if everything else case.ref.debtor_id, "NL")
    async with story.engine.begin() as tx:
        told = await place_standing_hold(
            tx, str(uuid4()), held, until=until, reason="in contact", actor="desk", now=story.now
        )
    await tell(story, told)
    return told.hold_id


async def lift(story: Story, hold_id: str) -> None:
    async with story.engine.begin() as tx:
        told = await lift_standing_hold(tx, hold_id, actor="desk", note="", now=story.now)
    await tell(story, told)


async def tell(story: Story, told: Told) -> None:
    await deliver_event(story.engine, story.client, story.tools.task_queue, told.event_id)
    await story.all_applied()


async def five_of_one_debtor(story: Story) -> list[Case]:
    return [await story.enrol(debtor="D-1", email="jansen@debtor.example") for _ in range(5)]


async def test_a_hold_on_a_debtor_silences_all_five_and_lifting_it_frees_one_notice_for_all(
    story: Story,
) -> None:
    cases = await five_of_one_debtor(story)
    other = await story.enrol()
    await story.until(3)
    hold_id = await hold(story, cases[0])
    assert {await case.stage() for case in cases} == {"on_hold"}
    await story.until(10)
    assert [await case.sent() for case in cases] == [[]] * 5
    assert await other.sent() == ["7 reminder-1 100.00"]
    await lift(story, hold_id)
    assert {await case.stage() for case in cases} == {"chasing"}
    await live(story, 11)
    (mail,) = [mail for mail in story.mail.mails if "jansen" in mail["To"]]
    assert story.day_of(mail) == 11
    assert [await case.sent() for case in cases] == [["11 reminder-1 100.00"]] * 5


async def test_a_hold_on_a_debtor_frees_its_cases_on_its_day(story: Story) -> None:
    cases = await five_of_one_debtor(story)
    await story.until(3)
    hold_id = await hold(story, cases[0], until=story.date(9))
    async with story.engine.begin() as tx:
        told = await extend_standing_hold(
            tx, hold_id, until=story.date(16), actor="desk", note="", now=story.now
        )
    await tell(story, told)
    await story.until(15)
    assert story.mail.mails == []
    assert [(r["code"], r["until"][:13]) for r in (await cases[0].facts())["reasons"]] == [
        ("on_hold", f"{story.moment(16, 0):%Y-%m-%dT%H}")
    ]
    await live(story, 16)
    assert [story.day_of(mail) for mail in story.mail.mails] == [16]


async def test_what_a_case_was_not_told_yet_holds_it_all_the_same(story: Story) -> None:
    """A stop must not depend on thousands of messages being there in time: sending reads the facts."""
    case = await story.enrol()
    await story.until(3)
    held = Held(case.ref.creditor_id, None, "NL")
    async with story.engine.begin() as tx:
        told = await place_standing_hold(
            tx, "stop", held, until="", reason="wrong account", actor="desk", now=story.now
        )
    assert told.cases == 1
    await story._forward(case.handle, story.moment(8))
    story.now = story.moment(8)
    assert await case.sent() == []
    assert await case.stage() == "on_hold"
    await tell(story, told)


async def test_an_invoice_that_comes_in_on_hold_shows_it_at_once_everywhere(story: Story) -> None:
    known = await story.enrol(debtor="D-1")
    of_debtor = await hold(story, known, until=story.date(12))
    new = await story.enrol(debtor="D-1")
    facts = await new.facts()
    assert (facts["stage"], [r["code"] for r in facts["reasons"]]) == ("on_hold", ["on_hold"])
    assert f"{facts['next_at']:%Y-%m-%dT%H}" == f"{story.moment(12, 0):%Y-%m-%dT%H}"
    details = str(await new.handle.query("__temporal_workflow_metadata"))
    assert "on_hold until" in details
    assert (await new.handle.describe()).search_attributes[STAGE] == ["on_hold"]
    await lift(story, of_debtor)
    assert await new.stage() == "not_due"


async def test_an_import_and_the_lifting_of_its_hold_wait_for_each_other(story: Story) -> None:
    """Else a case could come in on hold that nobody tells that it is free."""
    known = await story.enrol(debtor="D-1")
    of_debtor = await hold(story, known)

    async def lift_it() -> Told:
        async with story.engine.begin() as tx:
            return await lift_standing_hold(tx, of_debtor, actor="desk", note="", now=story.now)

    async with story.engine.begin() as tx:
        (added,) = await add_invoices(
            tx, [new_invoice(number="F-2", debtor="D-1", due=story.day_0)], story.policies, story.now
        )
        lifting = asyncio.create_task(lift_it())
        await someone_waits(story.engine)
    told = await lifting
    assert (added.verdict, told.cases) == (Verdict.ADDED, 2)
    await tell(story, told)


LADDER = """
name: noticed
version: 1
time_zone: Europe/Amsterdam
steps:
  - {key: notice, after: 3d, anchor: due, channel: email, tone: formal}
  - {key: call, after: 5d, anchor: previous, channel: call_task, tone: firm}
  - {key: hand-over, after: 20d, anchor: previous, channel: hand_over, requires_approval: true}
"""


async def test_a_formal_notice_that_comes_back_late_holds_its_case_until_a_person_has_sent_it(
    story: Story,
) -> None:
    case = await story.enrol(policy=await story.policy(LADDER))
    await story.until(10)
    assert [mail.split()[1] for mail in await case.sent()] == ["notice"]
    await case.record("notice_bounced", step="notice")
    assert await case.stage() == "on_hold"
    await story.until(40)
    await case.record("task_completed", ref=(await case.open_tasks())["check_delivery"])
    async with story.engine.connect() as connection:
        (line,) = await list_holds(connection, HoldFilter(invoice=case.id), story.now)
    assert (line["reason"], [change["what"] for change in line["history"]]) == (
        "notice_bounced",
        ["placed", "extended"],
    )
    assert line["until"].date() >= story.moment(54).date()
    await story.until(53)
    assert await case.stage() == "on_hold"
    await story.until(70)
    assert await case.stage() == "awaiting_approval"


async def test_lifting_one_of_two_leaves_the_other(story: Story) -> None:
    case = await story.enrol()
    await story.until(3)
    of_debtor, of_all = await hold(story, case), await hold(story, case, everything=True)
    await case.record("hold_placed", ref="h1", until=story.date(15))
    await lift(story, of_debtor)
    await lift(story, of_all)
    assert await case.stage() == "on_hold"
    await story.until(14)
    assert await case.sent() == []
    await story.until(15)
    assert await case.sent() == ["15 reminder-1 100.00"]


async def test_a_hold_on_a_later_term_leaves_the_first_alone(story: Story) -> None:
    day = story.day_0
    terms = [(day, "40.00"), (day + timedelta(days=14), "60.00")]
    case = await story.enrol(terms=terms)
    await story.until(3)
    assert await case.tell("hold_placed", ref="h0", term="2") is None
    assert await case.tell("hold_lifted", ref="h0") is None
    assert await case.tell("hold_placed", ref="h1", term="2") is None
    await story.until(8)
    assert await case.sent() == ["7 reminder-1 40.00"]
    await case.pay("40.00")
    assert await case.stage() == "on_hold"
    await story.until(30)
    assert len(await case.sent()) == 1
    await case.record("hold_lifted", ref="h1")
    await story.until(31)
    assert [mail.split()[2] for mail in await case.sent()] == ["40.00", "60.00"]
