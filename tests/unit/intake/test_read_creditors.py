"""The file of creditors: what is read, and what is refused on which line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from intake.read_creditors import InvalidCreditors, read_creditors

SAMPLE: Final = (Path(__file__).parents[3] / "samples" / "creditors.yaml").read_text(encoding="utf-8")


def reasons(text: str) -> list[str]:
    with pytest.raises(InvalidCreditors) as caught:
        read_creditors(text, "c.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_the_sample_holds_the_default_creditor() -> None:
    (creditor,) = read_creditors(SAMPLE, "creditors.yaml")
    assert (creditor.reference, creditor.country, creditor.language) == ("default", "NL", "nl")
    assert (creditor.iban, creditor.bic, creditor.policy) == ("NL91ABNA0417164300", "ABNANL2A", "standard")
    assert creditor.company_number == "90012344"
    assert creditor.segment_policies == {"key-account": "friendly"}


def test_segments_are_optional() -> None:
    without = SAMPLE[: SAMPLE.index("    segments:")]
    (creditor,) = read_creditors(without, "creditors.yaml")
    assert creditor.segment_policies == {}


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("0417 1643 00", "0417 1643 01", "6: iban: is not a valid IBAN"),
        ("NL91 ABNA", "NL91 ABN", "6: iban: is not a valid IBAN"),
        ("ABNANL2A", "ABNA", "7: bic: is not a valid BIC"),
        ("country: NL", "country: Nederland", "14: country: is not a two-letter country code"),
        ("language: nl", "language: fy", "15: language: 'fy' is not one of de, en, fr, nl"),
        ("email: administratie@", "email: ", "8: email: is not one e-mail address"),
        ("reply_to:", "replyto:", "9: replyto: unknown key; known are reference, name"),
        ("  - reference", "  - referenz", "3: a creditor has no 'reference'"),
        ("creditors:", "creditor:", "2: the file has no 'creditors'"),
        (
            "friendly",
            "Very friendly",
            "18: key-account: 'Very friendly' is not a name of small letters, digits and hyphens",
        ),
        ("      key-account: friendly", "      [key-account]", "18: segments: segments and their policies"),
        (
            "key-account: friendly",
            "{key-account: friendly, key-account: strict}",
            "18: duplicate key 'key-account', first on line 18",
        ),
    ],
)
def test_each_mistake_is_told_with_its_line(right: str, wrong: str, reason: str) -> None:
    assert right in SAMPLE
    told = reasons(SAMPLE.replace(right, wrong))
    assert any(line.startswith(f"c.yaml:{reason}") for line in told), told


def test_two_creditors_cannot_share_a_reference() -> None:
    second = SAMPLE[SAMPLE.index("  - reference") :]
    assert reasons(SAMPLE + second) == ["c.yaml:19: reference: two creditors are called 'default'"]
