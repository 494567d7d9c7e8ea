"""What a letter says, beyond its wording."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from jinja2 import UndefinedError

from channels.catalogue import LETTERS, letter_template
from channels.letter import Letter, Party
from channels.render import render
from channels.wording import LOCALES, one_line
from domain.errors import DomainError
from domain.law.settings import LegalStep
from domain.money import Money
from tests.unit.channels.samples import (
    DEBTOR,
    LINE,
    SECOND_LINE,
    UPCOMING_LINE,
    euro,
    hand_over,
    instalment,
    legal_notice,
    reminder,
)

LANGUAGES = tuple(LOCALES)


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", ["friendly", "firm", "formal"])
def test_a_reminder_says_what_is_owed_and_how_to_pay_it(tone: str, language: str) -> None:
    letter = reminder(tone, language)  # type: ignore[arg-type]
    rendered = render(letter)
    for body in (_plain(rendered.text), _plain(rendered.html)):
        for fact in (
            "Bakkerij Jansen B.V.",
            "2026-0117",
            "51",
            "NL91 ABNA 0417 1643 00",
            "RF18539007547034",
            "debiteuren@dehoop.example",
            "020 555 01 23",
            "Eva Jansen",
            "2026",
        ):
            assert fact in body
        assert "710,00" in body or "710.00" in body
        assert "500,00" in body or "500.00" in body


def test_without_contact_the_company_is_greeted_and_without_phone_nobody_is_told_to_call() -> None:
    letter = reminder(contact_name="", creditor=Party(name="De Hoop", email="a@dehoop.example"))
    text = render(letter).text
    assert text.startswith("Beste Bakkerij Jansen B.V.,")
    assert "bel ons" not in text


@pytest.mark.parametrize(
    ("asked", "creditors", "used"),
    [("nl-BE", "fr", "nl"), ("FR_be", "nl", "fr"), ("pl", "de", "de"), ("pl", "cs", "en"), ("", "", "en")],
)
def test_an_unknown_language_falls_back_to_the_creditors_and_then_to_english(
    asked: str, creditors: str, used: str
) -> None:
    assert render(reminder(language=asked, creditor_language=creditors)).language == used


@pytest.mark.parametrize("tone", ["friendly", "firm", "formal"])
def test_before_and_on_the_due_date_nothing_is_called_late(tone: str) -> None:
    ahead = render(reminder(tone, "en", lines=(UPCOMING_LINE,)))  # type: ignore[arg-type]
    assert "falls due on 24 November 2026" in ahead.text
    assert "(in 3 days)" in ahead.text
    today = render(reminder(tone, "en", lines=(replace(LINE, days_late=0),)))  # type: ignore[arg-type]
    assert "falls due today" in today.subject
    assert "late" not in ahead.text.lower() + today.text.lower()


def test_a_policy_may_name_another_letter_but_not_one_that_does_not_exist() -> None:
    assert render(reminder("friendly", template="formal")).template == "formal"
    with pytest.raises(DomainError) as refused:
        render(reminder(template="threat"))
    assert refused.value.code == "unknown_template"


def test_a_letter_for_what_only_an_instalment_knows_is_an_error_and_not_an_empty_spot() -> None:
    with pytest.raises(UndefinedError):
        render(reminder(template="instalment"))


def test_one_total_per_currency_and_one_block_per_invoice() -> None:
    pounds = Money(Decimal("20.00"), "GBP")
    foreign = replace(
        SECOND_LINE, number="UK-9", original=pounds, paid=pounds - pounds, open=pounds, asked=pounds
    )
    rendered = render(reminder("friendly", "en", lines=(LINE, SECOND_LINE, foreign)))
    assert "€809.99 + £20.00 of invoices" in rendered.text
    assert "we now ask you to pay €759.99 + £20.00 of it" in rendered.text
    assert rendered.html.count("<table") == 4
    assert "2026-0117, 2026-0140 and UK-9" in rendered.subject


def test_many_invoices_do_not_flood_the_subject_but_all_stand_in_the_letter() -> None:
    lines = tuple(replace(LINE, number=f"N-{n}") for n in range(40))
    rendered = render(reminder("friendly", "en", lines=lines))
    assert rendered.subject == "Reminder: invoices N-0, N-1 and 38 others"
    assert all(f"Invoice N-{n} " in rendered.text for n in range(40))


def test_what_came_off_without_payment_is_shown_so_that_the_sum_is_right() -> None:
    line = replace(LINE, open=euro("610.00"), asked=euro("300.00"))
    rows = _plain(render(reminder("firm", "en", lines=(line,))).text)
    assert "Credited        €100.00" in rows
    assert "Still open      €610.00" in rows
    assert "To pay now      €300.00" in rows


def test_a_name_is_text_and_never_markup() -> None:
    debtor = replace(DEBTOR, name="<script>alert('x')</script> & Zn {{ 7*7 }}")
    html = render(reminder(debtor=debtor, contact_name="")).html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7*7 }}" in html


def test_a_line_break_in_a_name_cannot_forge_lines_of_the_letter() -> None:
    debtor = replace(DEBTOR, name="Jansen\r\n\r\n  IBAN  NL00 EVIL\u2028\u202e")
    assert "\n  IBAN  NL00 EVIL" not in render(reminder(debtor=debtor, contact_name="")).text
    assert one_line("a\r\n b\u2029c") == "a  b c"


def _letter(name: str, language: str) -> Letter:
    match name:
        case "instalment":
            return instalment(language)
        case "handover":
            return hand_over(language)
        case LegalStep():
            return legal_notice(name, language)
        case _:
            return reminder(language=language, template=name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_each_letter_exists_in_each_language_with_its_styles_in_the_elements(
    name: str, language: str
) -> None:
    rendered = render(_letter(name, language))
    assert (rendered.template, rendered.language) == (name, language)
    assert "<style" not in rendered.html
    assert 'style="margin: 0 0 14px' in rendered.html
    assert not {"{{", "{%", "[[", "\ue000"} & set(rendered.html.split())
    # Compiled once: inlining the styles for every mail would cost more than the mail.
    assert letter_template(name, language) is letter_template(name, language)


def test_a_letter_about_nothing_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        reminder(lines=())
    assert refused.value.code == "letter_without_lines"
