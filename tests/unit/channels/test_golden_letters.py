"""Every letter in every language, reviewed as a file.

After a wanted change of wording: UPDATE_GOLDEN=1 pytest tests/unit/channels, and read the difference.
"""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from channels.letter import InvoiceLine, Letter, Tone
from channels.render import render
from domain.law.settings import LegalStep
from tests.unit.channels.samples import (
    CHARGED_LINE,
    DISCOUNT_LINE,
    LINE,
    PENDING_LINE,
    SECOND_LINE,
    TERMS_LINE,
    UPCOMING_LINE,
    euro,
    hand_over,
    instalment,
    legal_notice,
    reminder,
)

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ("nl", "fr", "en", "de")
_ON_PAPER: tuple[tuple[str, Tone, tuple[InvoiceLine, ...]], ...] = (
    ("friendly", "friendly", (LINE,)),
    ("firm", "firm", (LINE,)),
    ("formal", "formal", (LINE,)),
    ("upcoming", "friendly", (UPCOMING_LINE,)),
)


def _letters(language: str) -> dict[str, Letter]:
    earlier = (date(2026, 10, 8), date(2026, 10, 22))
    return {
        "friendly": reminder("friendly", language),
        "friendly-two-invoices": reminder("friendly", language, lines=(LINE, SECOND_LINE)),
        "firm": reminder("firm", language, previous=earlier, contact_name=""),
        "formal": reminder("formal", language, previous=earlier, pay_by=date(2026, 12, 6)),
        **{
            f"{name}-by-post": reminder(tone, language, previous=earlier, channel="post", lines=lines)
            for name, tone, lines in _ON_PAPER
        },
        "upcoming": reminder("friendly", language, lines=(UPCOMING_LINE,)),
        "upcoming-discount": reminder("friendly", language, lines=(DISCOUNT_LINE,)),
        "friendly-cash-and-terms": reminder("friendly", language, lines=(PENDING_LINE, TERMS_LINE)),
        "instalment": instalment(language),
        "handover": hand_over(language),
        "firm-charged": reminder(
            "firm",
            language,
            previous=earlier,
            lines=(CHARGED_LINE,),
            interest_from=date(2026, 10, 2),
            costs_from=date(2026, 11, 20),
        ),
        "nl_14_day_letter": legal_notice(LegalStep.NL_14_DAY_LETTER, language, previous=earlier),
        "nl_14_day_letter-by-post-two-invoices": legal_notice(
            LegalStep.NL_14_DAY_LETTER,
            language,
            channel="post",
            days=21,
            lines=(LINE, SECOND_LINE),
            vat_on_costs=euro("22.37"),
            interest_percent=None,
        ),
        "be_first_reminder": legal_notice(
            LegalStep.BE_FIRST_REMINDER, language, costs=None, interest_percent=None
        ),
        "be_first_reminder-by-post-two-invoices": legal_notice(
            LegalStep.BE_FIRST_REMINDER,
            language,
            channel="post",
            lines=(LINE, SECOND_LINE),
            costs=euro("80.50"),
            interest_percent=Decimal("10.5"),
            interest_from=None,
        ),
        "formal_notice": legal_notice(
            LegalStep.FORMAL_NOTICE,
            language,
            lines=(CHARGED_LINE, SECOND_LINE),
            costs=None,
            interest_percent=Decimal("10.40"),
        ),
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_never_speaks_of_itself_as_a_mail(language: str) -> None:
    on_paper = [reminder(tone, language, channel="post", lines=lines) for _, tone, lines in _ON_PAPER]
    on_paper += [legal_notice(kind, language, channel="post") for kind in LegalStep]
    for letter in on_paper:
        rendered = render(letter)
        assert re.search("e-mail", rendered.text + rendered.html, re.IGNORECASE) is None
        assert f" {letter.reply_to or letter.creditor.email} " in rendered.text
