"""Random portfolios of one or two debtors and what happens to them, told by the simulator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from domain.policy import Policy
from intake.read_policy import read_policy
from tests.unit.asks.telling import Told, owed, tell
from tests.unit.domain.machine_policies import BUSINESS, CONSUMER

Line = Mapping[str, Any]
Portfolio = list[tuple[str, str, str, str]]
"""Name, debtor, amount and due date of each invoice."""

POLICIES: Final = {"business": BUSINESS, "consumer": CONSUMER}
DEBTORS: Final = {
    "business": {"d": {"kind": "business"}, "e": {"kind": "business"}},
    "consumer": {"d": {"kind": "unknown"}, "e": {"kind": "consumer"}},
}
UNTIL: Final = "2026-09-30"
_FIRST: Final = date(2026, 1, 5)
_TO_INVOICES: Final = (
    'payment: "40.00"',
    'payment: "130.00"',
    "reversal",
    'credit_note: "5.00"',
    'dispute: {{id: x{0}, amount: "10.00"}}',
    "dispute: {{id: y{0}}}",
    "hold: {{until: {1}}}",
    'promise: {{date: {1}, amount: "50.00"}}',
    'plan: {{instalments: [{{due: {1}, amount: "20.00"}}]}}',
    "bounce: {{step: one}}",
    "bounce: {{step: {2}}}",
    "approve: {{step: one}}",
    "approve: {{step: hand-over}}",
    "write_off: true",
    "withdrawal: true",
)
_TO_DEBTORS: Final = ('unallocated: "60.00"', "hold: {{until: {1}}}")


@dataclass(frozen=True)
class Life:
    """A story with what it was told from."""

    told: Told
    policy: Policy
    invoices: tuple[tuple[str, str, str, str], ...]
    events: tuple[str, ...]

    @property
    def owed_by(self) -> Mapping[str, str]:
        return {name: debtor for name, debtor, *_ in self.invoices}

    def moments(self, *kinds: str) -> Iterator[Line]:
        return (line for line in self.told.story["timeline"] if line["kind"] in kinds)

    def contacts(self, debtor: str) -> list[list[Line]]:
        """Each time the debtor heard of us, with its lines, in order."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.moments("notice", "task"):
            if line["notice"] and self.owed_by[line["invoice"]] == debtor:
                found[line["notice"]].append(line)
        return list(found.values())

    def taken(self, invoice: str) -> list[Line]:
        """Every step that this invoice took itself, not only was named in a notice of another."""
        kinds = ("notice", "task", "escalation")
        lines = (line for line in self.moments(*kinds) if line["invoice"] == invoice and line["planned_at"])
        return [line for line in lines if line["channel"]]

    def came_back(self, lines: list[Line], before: str) -> bool:
        """Whether someone said of this notice that it came back, up to that day."""
        for line in lines:
            said = f" invoice: {line['invoice']}, bounce: {{step: {line['step']}}}"
            if any(f"{event[:10]}{said}" == event and event[:10] <= before for event in self.events):
                return True
        return False


def day(line: Line) -> date:
    return date.fromisoformat(line["at"][:10])


def live(policy: str, invoices: Portfolio, events: tuple[str, ...] = ()) -> Life:
    owing = [owed(name, amount, debtor=debtor, due=due) for name, debtor, amount, due in invoices]
    told = tell(owing, *events, policy=POLICIES[policy], until=UNTIL, debtors=DEBTORS[policy])
    rules = read_policy(POLICIES[policy], "policy.yaml")
    return Life(told, rules, tuple(invoices), events)


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    """One to six invoices, due within five weeks."""
    names = "abcfgh"[: draw(st.integers(1, 6))]
    return [
        (
            name,
            draw(st.sampled_from("de")),
            draw(st.sampled_from(["9.00", "60.00", "100.00"])),
            str(date(2026, 1, 15) + timedelta(days=draw(st.sampled_from([0, 0, 1, 5, 20, 35])))),
        )
        for name in names
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, Portfolio, tuple[str, ...]]:
    """What `live` takes: a portfolio to which up to eight things happen in order."""
    policy = draw(st.sampled_from(sorted(POLICIES)))
    invoices, on = draw(portfolios()), _FIRST
    latest = max(date.fromisoformat(due) for _, _, _, due in invoices) - timedelta(days=14)
    events: list[str] = []
    paid: list[tuple[str, str]] = []
    for number in range(draw(st.integers(0, 8))):
        on = max(on, latest) + timedelta(days=draw(st.sampled_from([0, 1, 3, 8, 20])))
        until = on + timedelta(days=draw(st.sampled_from([1, 6, 30])))
        if draw(st.integers(0, 6)):
            whom, what = f"invoice: {draw(st.sampled_from(invoices))[0]}", draw(st.sampled_from(_TO_INVOICES))
        else:
            whom, what = f"debtor: {invoices[0][1]}", draw(st.sampled_from(_TO_DEBTORS))
        if what == "reversal":  # of the last payment, if there is one left
            whom, what = paid.pop() if paid else (whom, 'payment: "40.00"')
        if what.startswith("payment"):
            paid.append((whom, what.replace("payment", "reversal")))
        letter = "letter" if policy == "consumer" else "formal"
        events.append(f"{on} {whom}, {what.format(number, until, letter)}")
    return policy, invoices, tuple(events)
