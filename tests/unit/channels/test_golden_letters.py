"""Every letter in every language, reviewed as a file.

After a wanted change of wording: UPDATE_GOLDEN=1 pytest tests/unit/channels, and read the difference.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from channels.letter import Letter
from channels.render import render
from tests.unit.channels.samples import LINE, SECOND_LINE, UPCOMING_LINE, hand_over, instalment, reminder

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ("nl", "fr", "en", "de")


def _letters(language: str) -> dict[str, Letter]:
    earlier = (date(2026, 10, 8), date(2026, 10, 22))
    return {
        "friendly": reminder("friendly", language),
        "friendly-two-invoices": reminder("friendly", language, lines=(LINE, SECOND_LINE)),
        "firm": reminder("firm", language, previous=earlier, contact_name=""),
        "formal": reminder("formal", language, previous=earlier, pay_by=date(2026, 12, 6)),
        "upcoming": reminder("friendly", language, lines=(UPCOMING_LINE,)),
        "instalment": instalment(language),
        "handover": hand_over(language),
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(_letters("en")))
def test_letter_reads_as_reviewed(name: str, language: str) -> None:
    rendered = render(_letters(language)[name])
    # No-break spaces are shown as plain ones, so that a reviewer's editor cannot lose them.
    text = f"{rendered.subject}\n\n{rendered.text}".replace("\u00a0", " ")
    golden = GOLDEN / f"{language}-{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {
        f"{language}-{name}" for language in LANGUAGES for name in _letters(language)
    }
