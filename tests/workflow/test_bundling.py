"""One contact instead of five: what is due to a debtor leaves together, and every case keeps its own place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy.dialects.postgresql import insert

from domain.contract import CaseStart
from store.tables import unallocated_cash
from tests.support.stories import Case, Story
from tests.support.waiting import until
from tests.support.worker import TAKEN
from tests.workflow.bundles import OURS, activities, enrol, forward, in_order, letters, live, notices_of, text

HASTY = """
name: hasty
version: 1
time_zone: Europe/Amsterdam
send_window: always
steps:
  - {key: only, after: 2s, anchor: enrolled, channel: email, tone: friendly}
"""
AMOUNTS = ("100.00", "200.00", "300.00", "400.00", "500.00")
LADDER_OF_THREE_DAYS = OURS.replace("name: ours", "name: slow").replace("14d", "20d")


async def test_five_invoices_due_on_one_day_are_one_mail_and_each_case_goes_on_by_its_own_ladder(
    twice_told: Story,
) -> None:
    story = twice_told
    cases = await enrol(story, *AMOUNTS[:4])
    cases += await enrol(story, AMOUNTS[4], policy=await story.policy(LADDER_OF_THREE_DAYS))
    await live(story, 7)
    expected = ", ".join(f"F-{n} reminder-1 {amount}" for n, amount in enumerate(AMOUNTS, 1))
    assert await letters(story) == [f"7 {expected}"]
    (mail,) = story.mail.mails
    assert all(f"F-{n}" in text(mail) for n in range(1, 6))
    assert "1.500,00" in text(mail)
    assert len({(await notices_of(case))["reminder-1"] for case in cases}) == 1
    assert [await case.steps() for case in cases] == [{"reminder-1": "done"}] * 5
    assert {await activities(case) for case in cases} == {1}
    assert [story.day((await case.facts())["next_at"]) for case in cases] == [21, 21, 21, 21, 28]
    await live(story, 28)
    assert await letters(story) == [
        f"7 {expected}",
        "21 F-1 reminder-2 100.00, F-2 reminder-2 200.00, F-3 reminder-2 300.00, F-4 reminder-2 400.00",
        "28 F-5 reminder-2 500.00",
    ]


async def test_a_notice_has_the_tone_of_the_furthest_step_in_it(story: Story) -> None:
    (older,) = await enrol(story, "100.00")
    (younger,) = await enrol(story, "200.00", due=14)
    await live(story, 21)
    assert (await letters(story))[1:] == ["21 F-1 reminder-2 100.00, F-2 reminder-1 200.00"]
    alone = story.mail.mails[0]["Subject"]
    (case,) = await enrol(story, "300.00", due=21, debtor="D-2", email="other@debtor.example")
    assert await older.steps() == {"reminder-1": "done", "reminder-2": "done"}
    assert await younger.steps() == {"reminder-1": "done"}
    await live(story, 28)
    friendly = story.mail.mails[-1]
    assert friendly["Subject"].split("F-")[0] == alone.split("F-")[0]
    assert story.mail.mails[1]["Subject"].split("F-")[0] != alone.split("F-")[0]
    assert await case.steps() == {"reminder-1": "done"}


async def test_a_legal_letter_leaves_alone_and_not_with_a_courtesy(story: Story) -> None:
    await enrol(story, "100.00")
    await enrol(story, "200.00", due=24)
    await live(story, 32)
    one, other = (await letters(story))[2:]  # one a day, in either order
    assert {told.split(" ", 1)[1] for told in (one, other)} == {
        "F-1 formal-notice 100.00",
        "F-2 reminder-1 200.00",
    }
    assert (one[:2], other[:2]) == ("31", "32")


async def test_credit_notes_and_unallocated_cash_lower_the_total(story: Story) -> None:
    first, second = await one_older_than_the_other(story)
    await live(story, 3)
    await second.tell("credit_note_issued", ref="c1", amount="50.00", on=story.today)
    await cash(first, "30.00")
    await live(story, 7)
    assert await letters(story) == ["7 F-1 reminder-1 70.00, F-2 reminder-1 150.00"]
    assert "220,00" in text(story.mail.mails[0])


async def test_what_an_invoice_left_over_lowers_the_next_notice(story: Story) -> None:
    first, _ = await one_older_than_the_other(story)
    await live(story, 3)
    await first.tell("payment_received", ref="p1", amount="130.00", on=story.today)
    await live(story, 8)
    assert await letters(story) == ["7 F-2 reminder-1 170.00"]
    assert "Uw tegoed, nog te verrekenen  € 30,00" in text(story.mail.mails[0]).replace("\u00a0", " ")


async def test_what_is_covered_by_money_on_the_account_is_not_asked_for(story: Story) -> None:
    first, second = await one_older_than_the_other(story)
    await cash(first, "300.00")
    await live(story, 8)
    assert story.mail.mails == []
    assert [await case.reasons() for case in (first, second)] == [["unallocated_cash"]] * 2
    await cash(first, "100.00")
    for case in (first, second):
        await case.tell("facts_changed", event_id="cash/2")
    await live(story, 9)
    assert await letters(story) == [
        "9 F-1 reminder-1 0.00, F-2 reminder-1 200.00"
    ]  # shown, and not asked for


async def test_each_currency_has_a_total_and_other_debtors_a_mail_of_their_own(story: Story) -> None:
    await enrol(story, "100.00", "150.00")
    await enrol(story, "70.00", currency="USD")
    await enrol(story, "40.00", debtor="D-2", email="other@debtor.example")
    await live(story, 7)
    assert sorted(await letters(story)) == [
        "7 F-1 reminder-1 100.00, F-2 reminder-1 150.00, F-3 reminder-1 70.00",
        "7 F-4 reminder-1 40.00",
    ]
    (mail,) = (m for m in story.mail.mails if "F-1" in text(m))
    assert "250,00" in text(mail)
    assert "70,00" in text(mail)
    assert "320,00" not in text(mail)


async def test_money_that_comes_in_while_the_mail_is_under_way_is_booked_and_the_step_counts(
    story: Story,
) -> None:
    """Of one case a part, of another all; a third is disputed."""
    cases = await enrol(story, "100.00", "200.00", "300.00", "400.00")
    offered, let_go = asyncio.Event(), asyncio.Event()

    async def slowly(mail: EmailMessage) -> str:
        offered.set()
        await let_go.wait()
        return TAKEN

    await live(story, 6)
    story.mail.answer = slowly
    lead, *others = await in_order(cases)
    living = asyncio.create_task(forward(lead, 7))
    await asyncio.wait_for(offered.wait(), 20)
    part, whole, disputed = others
    told = [
        asyncio.create_task(part.pay("50.00")),
        asyncio.create_task(whole.pay(str((await whole.facts())["open_amount"]), "p2")),
        asyncio.create_task(disputed.tell("dispute_opened", ref="d1")),
    ]
    await asyncio.wait_for(asyncio.gather(*told), 20)
    assert await whole.stage() == "settled"
    let_go.set()
    await living
    await live(story, 7)
    assert len(story.mail.mails) == 1
    assert [await case.steps() for case in cases] == [{"reminder-1": "done"}] * 4
    assert [await case.stage() for case in (lead, *others)] == ["chasing", "chasing", "settled", "disputed"]
    await whole.tell("payment_reversed", ref="p2", on=story.today)
    await live(story, 20)
    assert len(story.mail.mails) == 1


async def test_while_the_mail_server_is_down_all_lines_wait_together_and_leave_once(story: Story) -> None:
    cases = await enrol(story, "100.00", "200.00", "300.00")
    story.mail.answer = lambda mail: "451 4.3.0 later" if story.mail.refused < 3 else TAKEN
    await live(story, 7)
    assert story.mail.refused == 3
    assert await letters(story) == ["7 F-1 reminder-1 100.00, F-2 reminder-1 200.00, F-3 reminder-1 300.00"]
    assert [await case.steps() for case in cases] == [{"reminder-1": "done"}] * 3
    await live(story, 20)
    assert len(story.mail.mails) == 1


async def test_a_line_that_is_paid_while_the_mail_server_is_down_is_left_out(story: Story) -> None:
    first, second = await enrol(story, "100.00", "200.00")
    story.mail.answer = lambda mail: "451 4.3.0 later"
    await live(story, 7, 16)
    assert [await case.steps() for case in (first, second)] == [{"reminder-1": "deferred"}] * 2
    await first.pay("100.00")
    story.mail.answer = lambda mail: TAKEN
    await live(story, 8)
    assert [told.split(" ", 1)[1] for told in await letters(story)] == ["F-2 reminder-1 200.00"]


async def test_cases_that_wake_at_one_instant_send_one_mail_and_ask_no_second_time(story: Story) -> None:
    """By the real clock, on a ladder in seconds: nineteen of them find their line under way."""
    await story.policy(HASTY)
    story.tools.utc_now = lambda: datetime.now(UTC)
    story.now = datetime.now(UTC)
    cases = await enrol(story, *["10.00"] * 20, policy="hasty", started=False)
    for case in cases:
        await case.start(CaseStart(case.id))

    async def all_done() -> bool:
        return [await case.steps() for case in cases] == [{"only": "done"}] * 20

    await until(all_done, what="all have taken their step")
    assert len(story.mail.mails) == 1

    async def all_exhausted() -> bool:
        return [await case.reasons() for case in cases] == [["policy_exhausted"]] * 20

    await until(all_exhausted, what="all have planned anew")
    await asyncio.gather(*(story._at_rest(case.handle) for case in cases))
    assert {await activities(case) for case in cases} <= {1, 2}  # to plan, and to take the step


async def test_refused_for_good_every_case_is_a_task_and_no_contact_was_made(story: Story) -> None:
    cases = await enrol(story, "100.00", "200.00", "300.00")
    story.mail.answer = lambda mail: "550 5.1.1 no such user"
    await live(story, 8)
    assert story.mail.refused == 1
    assert [await case.reasons() for case in cases] == [["delivery_failed"]] * 3
    assert [list(await case.open_tasks()) for case in cases] == [["check_delivery"]] * 3
    (other,) = await enrol(story, "50.00", due=2)
    story.mail.answer = lambda mail: TAKEN
    await live(story, 9)
    assert await other.steps() == {"reminder-1": "done"}


@pytest.mark.parametrize(("day", "left"), [(7, "done"), (31, "blocked")])
async def test_a_sending_of_which_nobody_reported(story: Story, day: int, left: str) -> None:
    """A courtesy leaves again, with the same lines and Message-ID; with legal effect each line is parked."""
    cases = await enrol(story, "100.00", "200.00", "300.00")
    story.mail.answer = lambda mail: TAKEN
    await live(story, day - 1)
    seen: list[EmailMessage] = []

    def answer(mail: EmailMessage) -> str:
        seen.append(mail)
        return TAKEN if len(seen) > 1 else "999 nobody understands this"

    story.mail.answer = answer
    await live(story, day)
    step = "reminder-1" if day == 7 else "formal-notice"
    assert [(await case.steps())[step] for case in cases] == [left] * 3
    assert len(seen) == (2 if left == "done" else 1)
    assert len({mail["Message-ID"] for mail in seen}) == 1
    assert all("F-1" in text(m) and "F-2" in text(m) and "F-3" in text(m) for m in seen)
    if left == "blocked":
        assert [list(await case.open_tasks()) for case in cases] == [["check_delivery"]] * 3


async def one_older_than_the_other(story: Story) -> list[Case]:
    """Due on one day. Money on the account goes to the one issued first."""
    older = await enrol(story, "100.00", issued=story.day_0 - timedelta(days=31))
    return [*older, *await enrol(story, "200.00")]


async def cash(case: Case, amount: str) -> None:
    """So much of the debtor's money is not booked on any invoice."""
    story, values = case.story, {"amount": amount, "as_of": case.story.day_0}
    key = {"debtor_id": case.ref.debtor_id, "currency": "EUR"}
    statement = insert(unallocated_cash).values(key | values)
    async with story.engine.begin() as tx:
        await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
