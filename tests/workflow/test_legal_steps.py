"""Letters with legal effect: what may be charged, when, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select

from activities.warn_of_limitation import warn_of_limitation
from store.tables import ledger_entries, notice_lines
from tests.support.database import PROJECT
from tests.support.stories import Case, Story

# Rates of the years in which stories are told are not published yet, so interest is the contract's.
CONSUMER = (PROJECT / "policies/nl-consumer.yaml").read_text()
WITHOUT_INTEREST = CONSUMER.replace("name: nl-consumer", "name: nl-ours-consumer").replace(
    "interest: true, ", ""
)
AGREED_INTEREST = CONSUMER.replace("name: nl-consumer", "name: nl-agreed-consumer").replace(
    "\nsteps:", '\nlaw: {contractual_rate: "3.65"}\nsteps:'
)
LETTER, CLOSED, DEMAND = 28, 46, 49
"""Days: a Monday; the last day of its window with the buffer of three days; the Monday after the two days more."""


async def test_costs_are_charged_once_the_14_days_are_over_and_never_before(story: Story) -> None:
    case = await story.enrol(policy=await story.policy(WITHOUT_INTEREST), kind="consumer")
    await story.until(LETTER)
    assert (await case.sent())[2:] == [f"{LETTER} letter-14-days 100.00"]
    letter = text(story.mail.mails[-1])
    assert "binnen veertien dagen vanaf de dag nadat u deze e-mail" in letter
    assert "40,00" in letter  # exactly what it will cost
    await story.until(CLOSED)
    assert await case.reasons() == ["awaiting_window"]
    assert await charges(case) == {}
    await story.until(DEMAND)
    assert (await case.sent())[3:] == [f"{DEMAND} demand 140.00"]
    assert await charges(case) == {"costs": "40.00"}
    assert "40,00" in text(story.mail.mails[-1])


async def test_what_is_paid_within_the_window_lowers_the_costs_and_all_of_it_saves_them(story: Story) -> None:
    policy = await story.policy(WITHOUT_INTEREST)
    part = await story.enrol(policy=policy, kind="consumer", amount="4000.00")
    whole = await story.enrol(policy=policy, kind="consumer", amount="4000.00")
    await story.until(LETTER + 5)
    await part.pay("3000.00")
    await whole.pay("4000.00")
    await story.until(DEMAND)
    assert await charges(part) == {"costs": "150.00"}  # 15 % of what was left, not of 4,000
    assert await charges(whole) == {}
    assert await whole.stage() == "settled"


async def test_interest_is_charged_to_the_day_of_sending_and_only_for_what_was_owed(story: Story) -> None:
    case = await story.enrol(policy=await story.policy(AGREED_INTEREST), kind="consumer", amount="1000.00")
    await story.until(DEMAND)
    # 3.65 % a year over 1,000.00 is ten cents a day.
    assert await charges(case) == {"costs": "150.00", "interest": "4.90"}
    assert (await case.sent())[3:] == [f"{DEMAND} demand 1154.90"]


async def test_a_rate_that_is_not_published_yet_becomes_a_task_and_no_guess(story: Story) -> None:
    case = await story.enrol(policy="nl-consumer", kind="consumer")
    await story.until(DEMAND)
    assert await case.reasons() == ["rate_unknown"]
    assert list(await case.open_tasks()) == ["review"]
    assert await charges(case) == {}


async def test_a_consumer_under_a_policy_for_businesses_is_reminded_and_never_handed_over(
    story: Story,
) -> None:
    case = await story.enrol(policy="standard", kind="unknown")
    await story.until(80)
    assert len(await case.sent()) == 3
    assert await case.reasons() == ["unlawful"]
    assert "review" in await case.open_tasks()


async def test_one_letter_names_all_that_is_due_and_one_amount_of_costs(story: Story) -> None:
    """Art. 6:96 para 7 BW: the principals are added up, whatever the number of invoices."""
    policy = await story.policy(WITHOUT_INTEREST)
    debtor = {"policy": policy, "kind": "consumer", "debtor": "D-1", "email": "d@debtor.example"}
    first = await story.enrol(amount="200.00", **debtor)
    other = await story.enrol(amount="300.00", due=story.day_0, **debtor)
    for day in (7, 21, LETTER):  # each case has a clock of its own: they meet again before every step
        await story.until(day)
    assert (await first.sent())[-1] == f"{LETTER} letter-14-days 200.00"
    (letter,) = [text(m) for m in story.mail.mails if "75,00" in text(m)]
    assert "F-1" in letter
    assert "F-2" in letter
    assert "500,00" in letter
    await story.until(DEMAND)
    assert await charges(first) == {"costs": "30.00"}  # its part of 15 % of 500.00
    assert await charges(other) == {"costs": "45.00"}
    assert len(story.mail.mails) == 4  # each one for both


async def test_a_letter_names_a_younger_claim_that_keeps_its_own_place(story: Story) -> None:
    policy = await story.policy(WITHOUT_INTEREST)
    debtor = {"policy": policy, "kind": "consumer", "debtor": "D-1", "email": "d@debtor.example"}
    first = await story.enrol(amount="200.00", **debtor)
    other = await story.enrol(amount="300.00", due=story.day_0 + timedelta(days=25), **debtor)
    await story.until(LETTER)
    assert (await first.sent())[-1] == f"{LETTER} letter-14-days 200.00"
    assert await other.sent() == []
    letter = text(story.mail.mails[-1])
    assert "F-2" in letter
    assert "75,00" in letter
    (line,) = await story.rows(select(notice_lines.c.step).where(notice_lines.c.invoice_id == other.id))
    assert line["step"] == ""


async def charges(case: Case) -> dict[str, str]:
    """What was charged, by kind."""
    query = select(ledger_entries.c.kind, ledger_entries.c.amount).where(
        ledger_entries.c.invoice_id == case.id, ledger_entries.c.kind.in_(("costs", "interest", "fee"))
    )
    return {row["kind"]: str(row["amount"]) for row in await case.story.rows(query)}


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_a_person_is_told_once_that_a_claim_will_lapse(story: Story) -> None:
    """Art. 3:307 BW: five years. Whatever suspends the case, the warning comes."""
    today = datetime.now(UTC)
    lapses = (today + timedelta(days=20)).date()
    due = lapses.replace(year=lapses.year - 5) - timedelta(days=1)
    case = await story.enrol(policy="friendly", issued=due - timedelta(days=14), due=due)
    await story.enrol(policy="friendly")
    await case.tell("dispute_opened", ref="all")
    assert await warn_of_limitation(story.engine, today) == 1
    assert await warn_of_limitation(story.engine, today) == 0
    assert "limitation" in await case.open_tasks()
    assert await warn_of_limitation(story.engine, today + timedelta(days=14)) == 1  # the last week
    assert len(await case.open_tasks()) == 1
