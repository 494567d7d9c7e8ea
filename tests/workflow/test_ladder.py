"""An unpaid invoice climbs its ladder, and what that costs."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from itertools import pairwise

from domain.contract import CaseStart
from tests.support.database import PROJECT
from tests.support.stories import Story

STANDARD = (PROJECT / "policies/standard.yaml").read_text()
FIVE_MAILS = """
name: five-mails
version: 1
time_zone: Europe/Amsterdam
steps:
  - {key: one, after: 7d, anchor: due, channel: email, tone: friendly}
  - {key: two, after: 7d, anchor: previous, channel: email, tone: friendly}
  - {key: three, after: 7d, anchor: previous, channel: email, tone: firm}
  - {key: four, after: 7d, anchor: previous, channel: email, tone: firm}
  - {key: five, after: 7d, anchor: previous, channel: email, tone: formal}
"""


async def test_half_is_paid_and_the_rest_is_chased_until_an_agency_has_it(twice_told: Story) -> None:
    policy = await twice_told.policy(
        STANDARD.replace("name: standard", "name: ours\nagency: {email: in@agency.example}")
    )
    case = await twice_told.enrol(policy=policy)
    await twice_told.until(6)
    assert await case.sent() == []
    await twice_told.until(7)
    assert await case.sent() == ["7 reminder-1 100.00"]
    await twice_told.until(12)
    assert await case.pay("50.00") is None
    await twice_told.until(21)
    assert (await case.sent())[1:] == ["21 reminder-2 50.00"]
    body = twice_told.mail.mails[-1].get_body(("plain",))
    assert body is not None
    assert "50,00" in body.get_content()
    await twice_told.until(39)
    assert (await case.sent())[2:] == ["31 formal-notice 50.00"]
    assert list(await case.open_tasks()) == ["call"]
    await twice_told.until(60)
    assert await case.stage() == "awaiting_approval"
    assert len(await case.sent()) == 3
    await case.tell("step_approved", step="hand-over")
    await twice_told.until(63)
    assert (await case.sent())[3:] == ["63 hand-over 50.00"]
    assert await case.stage() == "handed_over"
    mail = twice_told.mail.mails[-1]
    assert mail["To"] == "in@agency.example"
    (dossier,) = mail.iter_attachments()
    with zipfile.ZipFile(io.BytesIO(dossier.get_content())) as files:
        assert sum(name.endswith(".eml") for name in files.namelist()) == 3
        claim = json.loads(files.read("claim.json"))
    assert "50.00" in json.dumps(claim)
    assert await case.is_running()  # the agency may still report a payment
    await case.pay("50.00", "p2")
    assert (await case.ended()).stage == "settled"
    assert await case.owed() == Decimal(0)


async def test_without_an_agency_the_dossier_waits_for_a_person_to_send_it(story: Story) -> None:
    case = await story.enrol(policy="standard")
    await story.until(60)
    await case.tell("step_approved", step="hand-over")
    await story.until(63)
    assert (await case.steps())["hand-over"] == "blocked"
    assert await case.reasons() == ["no_agency"]
    documents = await case.documents()
    assert list(documents) == ["reminder-1", "reminder-2", "formal-notice", "hand-over"]
    assert "claim.json" in zipfile.ZipFile(io.BytesIO(documents["hand-over"])).namelist()
    await case.tell("task_completed", ref=(await case.open_tasks())["send_dossier"], outcome="done")
    assert await case.stage() == "handed_over"


async def test_a_person_may_decide_against_the_hand_over(story: Story) -> None:
    case = await story.enrol(policy="standard")
    await story.until(60)
    answer = await case.record("step_rejected", step="hand-over")
    assert (answer.stage, answer.step) == ("chasing", None)
    assert await case.reasons() == ["policy_exhausted"]
    assert list(await case.open_tasks()) == ["call"]


async def test_an_invoice_that_is_paid_before_its_first_reminder_costs_next_to_nothing(
    twice_told: Story,
) -> None:
    case = await twice_told.enrol()
    await twice_told.until(3)
    await case.pay("100.00")
    assert (await case.ended()).closed
    events, actions = await case.cost()
    assert events <= 17
    assert actions <= 4
    assert twice_told.mail.mails == []


async def test_five_mails_cost_at_most_two_actions_and_eleven_events_each(twice_told: Story) -> None:
    case = await twice_told.enrol(policy=await twice_told.policy(FIVE_MAILS))
    costs = []
    for day in (6, 7, 14, 21, 28, 35):
        await twice_told.until(day)
        costs.append(await case.cost())
    assert [line.split()[0] for line in await case.sent()] == ["7", "14", "21", "28", "35"]
    # The first mail also changes the stage, which costs an upsert.
    assert costs[1][0] - costs[0][0] <= 11 + 1
    for before, after in list(pairwise(costs))[1:]:
        assert after[0] - before[0] <= 11
        assert after[1] - before[1] <= 2
    assert costs[-1][0] <= 65


async def test_an_invoice_that_comes_late_gets_one_reminder_and_not_all_of_them_at_once(story: Story) -> None:
    await story.until(40)
    case = await story.enrol()
    await story.until(43)
    assert len(await case.sent()) == 1


async def test_a_long_history_is_cut_and_the_case_goes_on_as_it_was(twice_told: Story) -> None:
    """Told once with a limit and once without: the debtor sees no difference."""
    whole = await twice_told.enrol()
    cut = await twice_told.enrol(started=False, debtor="D-F-1")
    await cut.start(CaseStart(cut.id, longest_history=8))
    await twice_told.until(12)
    for case in (whole, cut):
        await case.pay("40.00")
    await twice_told.until(45)
    assert await cut.sent() == await whole.sent()
    assert await cut.steps() == await whole.steps()
    assert await cut.runs() > 2
