"""The mail server or the address is at fault: nothing is lost, nothing leaves twice, and events go first."""

from __future__ import annotations

from email.message import EmailMessage

from sqlalchemy import update

from store.tables import debtors
from tests.support.stories import Case, Story
from tests.support.worker import TAKEN


def refusing(mail: EmailMessage) -> str:
    return "451 4.3.0 <f-1@debtor.example> try again later"


async def test_a_payment_is_applied_at_once_while_the_mail_server_refuses_and_the_notice_never_leaves(
    twice_told: Story,
) -> None:
    case = await twice_told.enrol()
    twice_told.mail.answer = refusing
    await twice_told.until(7, 17)
    assert twice_told.mail.refused > 2
    assert (await case.steps(), await case.reasons()) == ({"reminder-1": "deferred"}, ["delivery_retry"])
    assert await case.pay("100.00") is None
    assert (await case.ended()).stage == "settled"
    twice_told.mail.answer = lambda mail: TAKEN
    await twice_told.until(30)
    assert twice_told.mail.mails == []


async def test_a_mail_that_is_refused_for_now_leaves_later_the_same_day_and_once(story: Story) -> None:
    case = await story.enrol()
    story.mail.answer = lambda mail: refusing(mail) if story.mail.refused < 2 else TAKEN
    await story.until(8)
    assert await case.sent() == ["7 reminder-1 100.00"]
    await story.until(20)
    assert len(await case.sent()) == 1


async def test_a_mail_server_that_refuses_for_good_makes_it_a_task(story: Story) -> None:
    case = await story.enrol()
    story.mail.answer = lambda mail: "550 5.1.1 no such user <f-1@debtor.example>"
    await story.until(30)
    assert story.mail.refused == 1
    assert await case.reasons() == ["delivery_failed"]
    task = (await case.open_tasks())["check_delivery"]
    story.mail.answer = lambda mail: TAKEN
    assert await case.tell("task_completed", ref=task, outcome="retry") is None
    await story.until(31)
    assert len(await case.sent()) == 1


async def test_a_mail_server_that_is_down_for_days_makes_it_a_task(story: Story) -> None:
    case = await story.enrol()
    story.mail.answer = refusing
    await story.until(10)
    assert list(await case.open_tasks()) == ["check_delivery"]


async def mend_address(case: Case, email: str) -> None:
    async with case.story.engine.begin() as tx:
        await tx.execute(update(debtors).where(debtors.c.id == case.ref.debtor_id).values(email=email))
    await case.tell("facts_changed")


async def test_without_an_address_it_is_a_task_and_once_mended_the_mail_leaves(twice_told: Story) -> None:
    case = await twice_told.enrol(email="")
    await twice_told.until(9)
    assert await case.reasons() == ["no_address"]
    assert list(await case.open_tasks()) == ["mend_address"]
    assert await case.is_running()
    await mend_address(case, "found@debtor.example")
    await twice_told.until(10)
    assert await case.sent() == ["10 reminder-1 100.00"]
    assert await case.open_tasks() == {}
    assert twice_told.mail.mails[0]["To"].addresses[0].addr_spec == "found@debtor.example"


async def test_a_connection_that_breaks_over_a_formal_notice_is_for_a_person_to_look_into(
    story: Story,
) -> None:
    """It may have arrived, so it is not sent again by itself."""
    case = await story.enrol()
    await story.until(30)
    story.mail.answer = lambda mail: "999 nobody understands this"
    await story.until(33)
    assert await case.reasons() == ["delivery_uncertain"]
    assert (await case.steps())["formal-notice"] == "blocked"
    story.mail.answer = lambda mail: TAKEN
    await story.until(50)
    assert len(await case.sent()) == 2
    await case.tell("task_completed", ref=(await case.open_tasks())["check_delivery"], outcome="done")
    assert (await case.facts())["next_step"] == "call"


async def test_a_connection_that_breaks_over_a_courtesy_sends_it_again_with_the_same_id(story: Story) -> None:
    case = await story.enrol()
    seen: list[str] = []

    def answer(mail: EmailMessage) -> str:
        seen.append(mail["Message-ID"])
        return TAKEN if len(seen) > 1 else "999 nobody understands this"

    story.mail.answer = answer
    await story.until(8)
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert len(await case.sent()) == 1
