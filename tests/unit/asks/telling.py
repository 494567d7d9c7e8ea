"""Stories told briefly: who owes what, what happens on which day, and what debtor and creditor then see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from cli.simulate import plain_story
from domain.simulate.run import simulate
from intake.read_scenario import read_scenario

_PROJECT: Final = Path(__file__).parents[3]
_DEBTOR: Final = {"country": "NL", "kind": "business", "language": "nl"}
_LIKE_ALL: Final[Mapping[str, Mapping[str, str]]] = {}

REMINDER_1: Final = "{key: reminder-1, after: 7d, anchor: due, channel: email, tone: friendly}"
REMINDER_2: Final = "{key: reminder-2, after: 14d, anchor: previous, channel: email, tone: firm}"
FORMAL_NOTICE: Final = (
    "{key: notice, after: 10d, anchor: previous, channel: letter, tone: formal, "
    "legal: formal_notice, term: 14d}"
)
AGENCY: Final = "{key: agency, after: 1d, anchor: receipt, channel: hand_over, requires_approval: true}"


def ladder(*steps: str, **settings: str) -> str:
    """A policy; `settings` are its keys, with what a policy file would say."""
    keys = {"version": "1", "time_zone": "Europe/Amsterdam"} | settings
    said = "".join(f"{key}: {value}, " for key, value in keys.items())
    return f"{{name: own, {said}steps: [{', '.join(steps)}]}}"


REMINDERS: Final = ladder(REMINDER_1, REMINDER_2)


def with_fee(fee: str) -> str:
    """A policy that charges a fee seven days after the due date."""
    return ladder(
        f'{{key: notice, after: 7d, anchor: due, channel: email, tone: formal, charges: {{fee: "{fee}"}}}}'
    )


@dataclass(frozen=True)
class Owed:
    """An invoice, issued two weeks before it is due; `more` are other keys of a scenario's invoice."""

    text: str
    debtor: str


def owed(
    name: str,
    amount: str = "100.00",
    *,
    due: str = "2026-01-15",
    debtor: str = "d",
    currency: str = "EUR",
    **more: str,
) -> Owed:
    keys = {
        "id": name,
        "number": f"F-{name}",
        "debtor": debtor,
        "currency": currency,
        "issued": str(date.fromisoformat(due) - timedelta(days=14)),
        "terms": f'[{{due: {due}, amount: "{amount}"}}]',
    }
    return Owed(_flow(keys | more), debtor)


@dataclass(frozen=True)
class Told:
    """What became of it, as `termijn simulate --json` answers."""

    story: Mapping[str, Any]

    @property
    def sent(self) -> list[str]:
        """Every line of a notice: day, invoice, step, amount asked; the channel unless it is a mail."""
        return [_told(line) for line in self.lines("notice")]

    @property
    def happened(self) -> list[str]:
        """All but the changes of stage."""
        return [_told(line) for line in self.story["timeline"] if line["kind"] != "stage"]

    @property
    def mails(self) -> list[str]:
        """Each notice as a whole: day, invoices, total asked."""
        together: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for line in self.lines("notice"):
            together[line["notice"]].append(line)
        return [_whole(lines) for lines in together.values()]

    def lines(self, kind: str) -> list[Mapping[str, Any]]:
        return [line for line in self.story["timeline"] if line["kind"] == kind]

    def planned(self, step: str) -> list[str]:
        """The own day of a step, for each time that it left."""
        return [line["planned_at"][:10] for line in self.lines("notice") if line["step"] == step]

    def stages(self, invoice: str = "a") -> list[str]:
        return [f"{_day(li)} {li['stage']}" for li in self.lines("stage") if li["invoice"] == invoice]

    def stage(self, invoice: str = "a") -> str:
        return str(self.story["cases"][invoice]["stage"])

    def open(self, invoice: str = "a") -> str:
        return str(self.story["cases"][invoice]["open"])

    def next(self, invoice: str = "a") -> str:
        """The next step with its day."""
        coming = self.story["cases"][invoice]["next"]
        return f"{(coming['at'] or '')[:10]} {coming['step'] or ''}".strip()

    def why(self, invoice: str = "a") -> list[str]:
        """What holds the case back at the end, with the day on which that ends by itself."""
        return _reasons(self.story["cases"][invoice]["next"]["reasons"])


def tell(
    invoices: Sequence[Owed],
    *events: str,
    until: str,
    policy: str = REMINDERS,
    debtors: Mapping[str, Mapping[str, str]] = _LIKE_ALL,
    start: str = "",
) -> Told:
    """`events` begin with their day: `2026-02-01 invoice: a, payment: "40.00"`.

    Every debtor is a Dutch business who can be reached; `debtors` says in what some of them differ.
    """
    text = [f"policy: {policy}", f"until: {until}"]
    text += [f"start: {start}"] if start else []
    text += ["debtors:"]
    text += [
        f"  - {_flow({'id': name, **_DEBTOR, **debtors.get(name, {})})}"
        for name in sorted({one.debtor for one in invoices})
    ]
    text += ["invoices:", *(f"  - {one.text}" for one in invoices)]
    text += ["events:"] if events else []
    text += [f"  - {{on: {on}, {what}}}" for on, what in (event.split(" ", 1) for event in events)]
    scenario = read_scenario(
        "\n".join(text), "scenario.yaml", beside=_PROJECT, named_policies=lambda: _PROJECT / "policies"
    )
    return Told(plain_story(simulate(scenario)))


def _flow(keys: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"


def _day(line: Mapping[str, Any]) -> str:
    return str(line["at"][:10])


def _told(line: Mapping[str, Any]) -> str:
    subject = f"{_day(line)} {line['invoice']} {line['step'] or ''}".strip()
    if line["kind"] == "notice":
        by = "" if line["channel"] == "email" else f" by {line['channel']}"
        return f"{subject} {line['amounts']['asked']}{by}"
    why = ", ".join(_reasons(line["reasons"]))
    return f"{subject} {line['kind']}{f': {why}' if why else ''}"


def _whole(lines: Sequence[Mapping[str, Any]]) -> str:
    total = sum((Decimal(line["amounts"]["asked"]) for line in lines), Decimal(0))
    return f"{_day(lines[0])} {'+'.join(line['invoice'] for line in lines)} {total}"


def _reasons(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"{reason['code']} {(reason['until'] or '')[:10]}".strip() for reason in reasons]
