"""What holds of every story: random portfolios, whatever happens to them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import DebtorKind
from domain.law.window import legal_window
from domain.policy import Anchor
from tests.unit.simulate.lives import POLICIES, Life, Line, Portfolio, day, histories, live, portfolios

_CLOSED = ("settled", "written_off", "withdrawn")
_WEEK = timedelta(days=7)


@settings(max_examples=60, deadline=None, report_multiple_bugs=False)
@given(history=histories())
def test_whatever_happens_the_laws_of_planning_hold(history: tuple[str, Portfolio, tuple[str, ...]]) -> None:
    life = live(*history)
    for debtor in "de":
        a_notice_is_one_mail(life, debtor)
        the_budget_is_kept(life, debtor)
    nobody_is_chased_after_the_end(life)
    nothing_leaves_before_its_time(life)
    for invoice in life.owed_by:
        steps_are_taken_once_and_in_order(life, invoice)
        what_counts_from_receipt_waits_for_the_end_of_the_term(life, invoice)
        each_case_has_a_next_step_a_reason_or_an_end(life, invoice)


def a_notice_is_one_mail(life: Life, debtor: str) -> None:
    """One line per invoice, all at one moment by one channel; together they ask for something."""
    for lines in life.contacts(debtor):
        assert len({(line["at"], line["channel"]) for line in lines}) == 1
        assert len({line["invoice"] for line in lines}) == len(lines)
        asked = [Decimal(line["amounts"]["asked"]) for line in lines]
        assert sum(asked) > 0
        for line, amount in zip(lines, asked, strict=True):
            assert 0 <= amount <= Decimal(line["amounts"]["open"])


def the_budget_is_kept(life: Life, debtor: str) -> None:
    """In any seven days, and courtesies at their distance. What came back was no contact from then on."""
    budget, contacts = life.policy.budget, life.contacts(debtor)
    assert budget
    for number, lines in enumerate(contacts):
        today = day(lines[0])
        before = [other for other in contacts[:number] if not life.came_back(other, str(today))]
        days = [day(other[0]) for other in before]
        assert days.count(today) < (budget.per_day or 99)
        assert sum(on > today - _WEEK for on in days) < (budget.per_seven_days or 99)
        if budget.courtesy_gap and _is_courtesy(life, lines):
            courteous = [day(other[0]) for other in before if _is_courtesy(life, other)]
            assert all(today - on >= timedelta(days=budget.courtesy_gap.amount) for on in courteous)


def _is_courtesy(life: Life, lines: list[Line]) -> bool:
    own = [step for line in lines if line["planned_at"] and (step := life.policy.find(line["step"]))]
    return all(step.is_courtesy for step in own)


def nobody_is_chased_after_the_end(life: Life) -> None:
    stage: dict[str, str] = {}
    for line in life.told.story["timeline"]:
        if line["kind"] == "stage":
            stage[line["invoice"]] = line["stage"]
        elif line["kind"] in ("notice", "task", "escalation"):
            assert stage.get(line["invoice"]) not in _CLOSED, f"{line} after the end"


def nothing_leaves_before_its_time(life: Life) -> None:
    for line in life.moments("notice", "task", "charge", "escalation", "skipped"):
        if line["planned_at"]:
            assert datetime.fromisoformat(line["planned_at"]) <= datetime.fromisoformat(line["at"])


def steps_are_taken_once_and_in_order(life: Life, invoice: str) -> None:
    """A step goes again only if it came back; one that is no courtesy is never passed over."""
    taken = life.taken(invoice)
    keys = [line["step"] for line in taken]
    for one, next_ in pairwise(taken):
        before, after = life.policy.position(one["step"]), life.policy.position(next_["step"])
        assert before <= after
        assert before < after or life.came_back(_notice(life, one), next_["at"][:10]), f"{one['step']} twice"
    for number, key in enumerate(keys):
        for step in life.policy.steps[: life.policy.position(key)]:
            assert step.is_courtesy or step.key in keys[:number], f"{key} overtook {step.key}"


def _notice(life: Life, line: Line) -> list[Line]:
    """All lines of the notice of which this is one."""
    return [other for other in life.moments("notice") if other["notice"] == line["notice"]]


def what_counts_from_receipt_waits_for_the_end_of_the_term(life: Life, invoice: str) -> None:
    letter: Line | None = None
    for line in life.taken(invoice):
        step = life.policy.steps[life.policy.position(line["step"])]
        if step.anchor is Anchor.RECEIPT and letter is not None:
            assert day(line) >= _term_ends(life, letter) + timedelta(days=step.after.amount)
        if step.legal:
            letter = line


def _term_ends(life: Life, letter: Line) -> date:
    term = life.policy.steps[life.policy.position(letter["step"])].term
    assert term
    by_post, buffer = letter["channel"] == "letter", life.policy.law.safety_buffer_days
    return legal_window(
        "NL",
        DebtorKind.CONSUMER,
        "post" if by_post else "email",
        day(letter),
        days=term.amount,
        buffer_days=buffer,
        safe=True,
    ).last_day


def each_case_has_a_next_step_a_reason_or_an_end(life: Life, invoice: str) -> None:
    next_ = life.told.story["cases"][invoice]["next"]
    assert next_["reasons"]
    assert next_["at"] is None or (next_["step"] and next_["at"][:10] >= "2026-09-30")


@settings(max_examples=25, deadline=None, report_multiple_bugs=False)
@given(
    invoices=portfolios(),
    policy=st.sampled_from(sorted(POLICIES)),
    begins=st.integers(12, 150),
    lasts=st.sampled_from([1, 4, 11, 40, 90]),
)
def test_after_an_outage_each_case_does_once_what_it_should_have_done(
    invoices: Portfolio, policy: str, begins: int, lasts: int
) -> None:
    """The same steps in the end: each taken, or, if it is a courtesy, merged into a later one that was late too.

    Also the same stage. What is charged may differ: interest runs on, and claims that are demanded together,
    because both are late, share their costs.
    """
    first = date(2026, 1, 5) + timedelta(days=begins + 5)
    last = first + timedelta(days=lasts)
    outage = f"{first} outage: {{until: {last}}}"
    consents = tuple(f"2026-08-20 invoice: {name}, approve: {{step: one}}" for name, *_ in invoices)
    there, without = live(policy, invoices, (outage, *consents)), live(policy, invoices, consents)
    assert not [line for line in there.told.story["timeline"] if f"{first}T08:00" <= line["at"] < str(last)]
    for name in without.owed_by:
        case, other = there.told.story["cases"][name], without.told.story["cases"][name]
        assert (case["stage"], case["next"]["step"]) == (other["stage"], other["next"]["step"])
        assert _finished(there, name) == _finished(without, name)
        assert _formal(there, name) == _formal(without, name)


def _finished(life: Life, name: str) -> list[str]:
    """In the order of the ladder; twice if twice taken, or taken after it was passed over."""
    over = [line["step"] for line in life.moments("skipped") if line["invoice"] == name]
    return sorted([line["step"] for line in life.taken(name)] + over, key=life.policy.position)


def _formal(life: Life, name: str) -> list[str]:
    keys = [line["step"] for line in life.taken(name)]
    return [key for key in keys if not life.policy.steps[life.policy.position(key)].is_courtesy]
