"""Where every case stands beside where it should, and what is in the mailbox beside what was sent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from cli.demo.story import Outcome
from domain.policy import Channel, Policy
from store.overview import CaseSeen
from worker.embedded.maildir import SunkMail

_NO_DIGIT: Final = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it should be. `where` is an invoice number or a Message-ID."""

    where: str
    what: str
    expected: str
    found: str


def differences(
    expected: Mapping[str, Outcome],
    cases: Mapping[str, CaseSeen],
    policy: Policy,
    mails: Sequence[SunkMail],
    sent: Sequence[str],
) -> list[Difference]:
    """Empty when all is well. `sent` are the Message-IDs that the service believes to have sent."""
    found = [
        d for number, outcome in expected.items() for d in _of_case(number, outcome, cases[number], policy)
    ]
    messages = [mail.message for mail in mails]
    found += _of_mailbox(messages, sent)
    for number, outcome in expected.items():
        found += _of_letters(number, outcome, cases[number], {str(m["Message-ID"]): m for m in messages})
    return found


def in_words(asked: Sequence[tuple[str, str]]) -> str:
    """(tone, amount) of each notice, in order."""
    return ", ".join(f"{tone} {amount}" for tone, amount in asked) or "none"


def asked_so_far(case: CaseSeen, policy: Policy) -> list[tuple[str, str]]:
    """(tone, amount) of each reminder that left, in order."""
    by_mail = {step.key: step.tone.value for step in policy.steps if step.channel is Channel.EMAIL}
    return [(by_mail[s.step], str(s.asked)) for s in case.steps if s.step in by_mail and s.state == "done"]


def _of_case(number: str, outcome: Outcome, case: CaseSeen, policy: Policy) -> Iterator[Difference]:
    tones = [step.tone.value for step in policy.steps if step.channel is Channel.EMAIL]
    wanted = list(zip(tones, outcome.asked, strict=False))
    pairs = (
        ("stage", outcome.stage, case.stage),
        ("open", outcome.open, str(case.open)),
        ("notices", in_words(wanted), in_words(asked_so_far(case, policy))),
        ("dossier", str(outcome.dossier), str(case.did("hand-over"))),
    )
    for what, expected, found in pairs:
        if expected != found:
            yield Difference(number, what, expected, found)


def _of_mailbox(messages: Sequence[EmailMessage], sent: Sequence[str]) -> Iterator[Difference]:
    """Everything that was sent has arrived, once, and nothing else has."""
    arrived = Counter(str(message["Message-ID"]) for message in messages)
    for message_id in sent:
        if arrived[message_id] != 1:
            yield Difference(message_id, "mails", "1", str(arrived[message_id]))
    for message_id in arrived.keys() - set(sent):
        yield Difference(message_id, "mails", "0", str(arrived[message_id]))


def _of_letters(
    number: str, outcome: Outcome, case: CaseSeen, mails: Mapping[str, EmailMessage]
) -> Iterator[Difference]:
    """Each letter names the amount it asks, and the agency's has the dossier with it."""
    for step in case.steps:
        mail = mails.get(step.message_id or "")
        if mail is None or step.state != "done":
            continue
        amount = str(step.asked)
        if _NO_DIGIT.sub("", amount) not in _NO_DIGIT.sub("", _text(mail)):
            yield Difference(number, f"amount in {step.step}", amount, "not named")
        files = [part.get_filename() or "" for part in mail.iter_attachments()]
        if step.step == "hand-over" and outcome.dossier and f"dossier-{number}.zip" not in files:
            yield Difference(number, "dossier", f"dossier-{number}.zip", ", ".join(files) or "no file")


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""
