"""What a notice with legal effect must contain, element by element, and what it must never say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from channels.letter import Party, Reminder
from channels.render import render
from channels.wording import LOCALES, day, percent
from domain.errors import DomainError
from domain.law.settings import LegalStep
from domain.money import Money
from tests.unit.channels.samples import (
    CHARGED_LINE,
    CREDITOR,
    LINE,
    SECOND_LINE,
    TODAY,
    euro,
    legal_notice,
    reminder,
)

LANGUAGES = tuple(LOCALES)
NL_LETTER, BE_REMINDER, NOTICE = (
    LegalStep.NL_14_DAY_LETTER,
    LegalStep.BE_FIRST_REMINDER,
    LegalStep.FORMAL_NOTICE,
)


def _bodies(letter: Reminder) -> tuple[str, str]:
    """Text and HTML, as a reader sees them."""
    rendered = render(letter)
    html = unescape(re.sub(r"<[^>]+>", " ", rendered.html))
    return rendered.text.replace("\u00a0", " "), html.replace("\u00a0", " ")


def _says(letter: Reminder, *sentences: str) -> None:
    for body in _bodies(letter):
        for sentence in sentences:
            assert sentence in body


NL_14_DAY_LETTER = {
    ("nl", "the debtor is in default"): "de vervaldatum was 1 oktober 2026. U bent daarom in verzuim.",
    ("nl", "demand of the principal"): "Wij vragen u € 710,00 te betalen",
    ("nl", "free of charge"): "Dan komen er geen incassokosten bij.",
    ("nl", "term from receipt"): "binnen veertien dagen vanaf de dag nadat u deze e-mail heeft ontvangen.",
    ("nl", "consequence, exact amount"): "Dan moet u ook incassokosten betalen: € 106,50.",
    ("nl", "interest"): "4% per jaar, vanaf 2 oktober 2026",
    ("nl", "company number"): "KvK-nummer 12345678",
    ("fr", "the debtor is in default"): "fixée au 1er octobre 2026. Vous êtes donc en défaut de paiement.",
    ("fr", "demand of the principal"): "Nous vous demandons de payer 710,00 €",
    ("fr", "free of charge"): "Aucuns frais de recouvrement ne s'y ajouteront alors.",
    (
        "fr",
        "term from receipt",
    ): "dans les quatorze jours à compter du lendemain du jour où vous avez reçu cet e-mail.",
    ("fr", "consequence, exact amount"): "vous devrez aussi payer des frais de recouvrement : 106,50 €.",
    ("fr", "interest"): "4 % par an, à compter du 2 octobre 2026",
    ("fr", "company number"): "Numéro KvK 12345678",
}


@pytest.mark.parametrize(("language", "element"), NL_14_DAY_LETTER)
def test_the_dutch_14_day_letter_contains(language: str, element: str) -> None:
    _says(legal_notice(NL_LETTER, language), NL_14_DAY_LETTER[language, element])


BE_FIRST_REMINDER = {
    ("nl", "balance due"): "staat nog € 710,00 open",
    ("nl", "indemnity that will be claimed"): "dan vragen wij u een schadevergoeding van € 106,50.",
    ("nl", "company number"): "Ondernemingsnummer 0403.170.701",
    ("nl", "product or service"): "Product of dienst",
    ("nl", "due date"): "De vervaldag was 1 oktober 2026.",
    ("nl", "term"): "te betalen binnen een termijn van 14 kalenderdagen.",
    ("nl", "start of the term"): "begint op de kalenderdag na de dag waarop wij deze e-mail versturen.",
    ("nl", "free of charge"): "Ze is kosteloos",
    ("nl", "nothing within the term"): "dan vragen wij u geen kosten, geen schadevergoeding en geen rente.",
    ("nl", "supporting documents"): "U kunt ons de bewijsstukken van deze schuld vragen.",
    ("nl", "what follows"): "overdragen aan een incassobureau of een advocaat",
    ("fr", "balance due"): "encore un solde de 710,00 €",
    ("fr", "indemnity that will be claimed"): "nous vous demanderons une indemnité de 106,50 €.",
    ("fr", "company number"): "Numéro d'entreprise 0403.170.701",
    ("fr", "product or service"): "Produit ou service",
    ("fr", "due date"): "L'échéance était fixée au 1er octobre 2026.",
    ("fr", "term"): "de payer 710,00 € dans un délai de 14 jours calendrier.",
    ("fr", "start of the term"): "prend cours le jour calendrier qui suit le jour de l'envoi de cet e-mail.",
    ("fr", "free of charge"): "Il est gratuit",
    ("fr", "nothing within the term"): "nous ne vous demandons ni frais, ni indemnité, ni intérêts.",
    ("fr", "supporting documents"): "Vous pouvez nous demander les pièces justificatives de cette dette.",
    ("fr", "what follows"): "confier la créance à un bureau de recouvrement ou à un avocat",
}


@pytest.mark.parametrize(("language", "element"), BE_FIRST_REMINDER)
def test_the_belgian_first_reminder_contains(language: str, element: str) -> None:
    _says(legal_notice(BE_REMINDER, language), BE_FIRST_REMINDER[language, element])


FORMAL_NOTICE = {
    ("nl", "notice of default"): "Hierbij stellen wij u in gebreke.",
    (
        "nl",
        "demand and term",
    ): "Wij verzoeken u € 836,34 te betalen binnen veertien dagen vanaf de dag nadat u",
    ("nl", "principal"): "De oorspronkelijke hoofdsom is € 1.210,00.",
    (
        "nl",
        "charges",
    ): "€ 12,34 rente (vanaf 2 oktober 2026), € 106,50 incassokosten en € 7,50 administratiekosten",
    ("nl", "consequences"): "dan kunnen wij de vordering overdragen aan een incassobureau of advocaat.",
    (
        "nl",
        "running interest",
    ): "op dit moment 10,4% per jaar, vanaf 2 oktober 2026, en loopt door tot u betaalt.",
    ("fr", "notice of default"): "nous vous mettons en demeure",
    ("fr", "demand and term"): "de payer 836,34 € dans les quatorze jours à compter du lendemain du jour où",
    ("fr", "principal"): "Le principal initial est de 1 210,00 €.",
    (
        "fr",
        "charges",
    ): "12,34 € d'intérêts (à compter du 2 octobre 2026), 106,50 € de frais de recouvrement et 7,50 €",
    ("fr", "consequences"): "nous pourrons confier la créance à un bureau de recouvrement ou à un avocat.",
    (
        "fr",
        "running interest",
    ): "actuellement de 10,4 % par an, à compter du 2 octobre 2026, jusqu'au jour du paiement.",
}


@pytest.mark.parametrize(("language", "element"), FORMAL_NOTICE)
def test_the_formal_notice_contains(language: str, element: str) -> None:
    letter = legal_notice(
        NOTICE, language, lines=(CHARGED_LINE,), costs=None, interest_percent=Decimal("10.40")
    )
    _says(letter, FORMAL_NOTICE[language, element])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LegalStep)
def test_every_legal_letter_names_all_invoices_the_creditor_and_the_account(
    kind: LegalStep, language: str
) -> None:
    lines = (*(replace(LINE, number=f"2026-{n}") for n in range(5)), SECOND_LINE)
    letter = legal_notice(kind, language, lines=lines)
    for line in lines:
        _says(letter, line.number, day(line.due, language))
    _says(letter, letter.creditor.name, letter.creditor.company_number, letter.bank.iban[-2:], "Brochures")
    for body in _bodies(letter):
        assert len(re.findall("106[,.]50", body)) == 1  # one amount over all invoices


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["email", "post"])
@pytest.mark.parametrize("kind", LegalStep)
def test_no_legal_letter_prints_the_end_of_its_term(kind: LegalStep, channel: str, language: str) -> None:
    letter = legal_notice(kind, language, channel=channel)
    assert letter.pay_by is not None
    told = {
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 10, 2),
    }  # invoice date, due date, first day of interest
    for body in _bodies(letter):
        rest = body
        for known in sorted((day(d, language) for d in told), key=len, reverse=True):
            rest = rest.replace(known, "")
        assert not re.search(r"\b\d{1,2}(er|\.)? [A-Za-zéûä]+ 20\d\d", rest)


REJECTED = ("na heden", "na dagtekening", "na verzending", "uiterlijk", "vóór ", "binnen 14 dagen")


@pytest.mark.parametrize("channel", ["email", "post"])
@pytest.mark.parametrize("days", [14, 15, 21])
def test_the_dutch_term_avoids_every_formula_that_courts_rejected(channel: str, days: int) -> None:
    """HR 25-11-2016, ECLI:NL:HR:2016:2704."""
    letter = legal_notice(NL_LETTER, channel=channel, days=days)
    for body in _bodies(letter):
        assert not [formula for formula in REJECTED if formula in body]


@pytest.mark.parametrize(
    ("channel", "days", "term"),
    [
        ("post", 14, "binnen veertien dagen vanaf de dag nadat deze brief bij u is bezorgd"),
        ("email", 14, "binnen veertien dagen vanaf de dag nadat u deze e-mail heeft ontvangen"),
        ("post", 21, "binnen 21 dagen vanaf de dag nadat deze brief bij u is bezorgd"),
    ],
)
def test_the_term_is_counted_from_receipt_by_channel(channel: str, days: int, term: str) -> None:
    """Accepted for letters in ECLI:NL:HR:2016:2704."""
    _says(legal_notice(NL_LETTER, channel=channel, days=days), term)
    _says(legal_notice(NOTICE, channel=channel, days=days), term)


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("nl", "begint op de derde werkdag na de dag waarop wij deze brief versturen."),
        ("fr", "prend cours le troisième jour ouvrable qui suit le jour de l'envoi de cette lettre."),
    ],
)
def test_a_belgian_reminder_by_post_starts_on_the_third_working_day(language: str, start: str) -> None:
    _says(legal_notice(BE_REMINDER, language, channel="post"), start)


@pytest.mark.parametrize("kind", LegalStep)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_by_post_does_not_speak_of_an_email(kind: LegalStep, language: str) -> None:
    for body in _bodies(legal_notice(kind, language, channel="post")):
        assert not re.search("e-mail", body, re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "declaration"),
    [
        (
            "nl",
            "niet verrekenen. Daarom verhogen wij de kosten met € 22,37 btw, tot € 128,87 in totaal.",
        ),
        (
            "fr",
            "récupérer la TVA sur ces frais. C'est pourquoi ils sont augmentés de 22,37 € de TVA, soit 128,87 €",
        ),
    ],
)
def test_vat_on_costs_comes_with_its_declaration_or_not_at_all(language: str, declaration: str) -> None:
    """Art. 2 para 3 of the BIK decree."""
    for kind in (NL_LETTER, NOTICE):
        _says(legal_notice(kind, language, vat_on_costs=euro("22.37")), declaration)
        for body in _bodies(legal_notice(kind, language, vat_on_costs=euro("0"))):
            assert not re.search("btw|TVA", body)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NL_LETTER, "Ook na deze termijn vragen wij u geen incassokosten."),
        (BE_REMINDER, "Ook na deze termijn vragen wij u geen schadevergoeding."),
    ],
)
def test_a_letter_without_costs_says_that_none_will_follow(kind: LegalStep, sentence: str) -> None:
    letter = legal_notice(kind, costs=None, interest_percent=None)
    _says(letter, sentence)
    for body in _bodies(letter):
        assert not re.search("106,50|per jaar", body)


def test_a_letter_after_costs_were_charged_does_not_take_them_back() -> None:
    letter = legal_notice(NL_LETTER, lines=(CHARGED_LINE,), costs=None)
    _says(letter, "Daar zijn bij gekomen: € 12,34 rente", "€ 106,50 incassokosten")
    assert "Ook na deze termijn" not in render(letter).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_belgian_reminder_names_no_day_from_which_interest_runs(language: str) -> None:
    """Small creditors may count from the day after it, large ones only from the end of the term."""
    for body in _bodies(legal_notice(BE_REMINDER, language)):
        assert day(date(2026, 10, 2), language) not in body


def test_a_product_without_description_is_that_of_the_invoice() -> None:
    _says(legal_notice(BE_REMINDER, lines=(SECOND_LINE,)), "zoals beschreven op factuur 2026-0140")


def test_neither_tone_nor_template_nor_pay_by_replaces_the_words_of_the_law() -> None:
    letter = legal_notice(NL_LETTER, tone="friendly", template="firm", pay_by=TODAY)
    assert render(letter) == render(legal_notice(NL_LETTER))
    assert render(letter).template == "nl_14_day_letter"


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (NL_LETTER, {"days": 13}, "legal_term_too_short"),
        (BE_REMINDER, {"days": 13}, "legal_term_too_short"),
        (NL_LETTER, {"lines": (LINE, replace(SECOND_LINE, days_late=0))}, "legal_letter_before_default"),
        (BE_REMINDER, {"lines": (replace(LINE, days_late=-1),)}, "legal_letter_before_default"),
        (BE_REMINDER, {"creditor": replace(CREDITOR, company_number="")}, "no_company_number"),
    ],
)
def test_a_letter_that_would_be_void_is_refused(kind: LegalStep, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        legal_notice(kind, **changes)
    assert refused.value.code == code


def test_a_business_may_be_granted_less_than_a_consumer() -> None:
    _says(legal_notice(NOTICE, days=8), "binnen 8 dagen vanaf de dag nadat u deze e-mail heeft ontvangen")


@pytest.mark.parametrize("tone", ["firm", "formal"])
def test_a_demand_says_what_was_added_and_since_when(tone: str) -> None:
    letter = reminder(
        tone,  # type: ignore[arg-type]
        lines=(CHARGED_LINE, SECOND_LINE),
        interest_from=date(2026, 10, 2),
        costs_from=date(2026, 11, 20),
    )
    _says(
        letter,
        "De oorspronkelijke hoofdsom is € 1.309,99. Daar zijn bij gekomen: € 12,34 rente (vanaf 2 oktober 2026), "
        "€ 106,50 incassokosten (vanaf 20 november 2026) en € 7,50 administratiekosten.",
    )
    assert "nog niet in rekening" not in render(letter).text
    assert "Daar zijn bij gekomen" not in render(reminder(tone)).text  # type: ignore[arg-type]


def test_charges_are_rows_between_the_principal_and_what_came_off() -> None:
    line = replace(
        CHARGED_LINE, open=euro("736.34"), asked=euro("736.34"), costs=euro("0"), fee=euro("114.00")
    )
    rows = re.findall(r"(?m)^  (\S.*?)  +(€.*)$", _bodies(reminder("formal", lines=(line,)))[0])
    assert rows[:6] == [
        ("Factuurbedrag", "€ 1.210,00"),
        ("Rente", "€ 12,34"),
        ("Administratiekosten", "€ 114,00"),
        ("Ontvangen", "€ 500,00"),
        ("Gecrediteerd", "€ 100,00"),
        ("Nog open", "€ 736,34"),
    ]


def test_charges_in_two_currencies_are_not_added_up() -> None:
    pound, none = Money(Decimal("3.00"), "GBP"), Money.zero("GBP")
    foreign = replace(
        SECOND_LINE, original=pound, paid=none, open=pound + pound, asked=pound + pound, interest=pound
    )
    text = render(reminder("firm", "en", lines=(CHARGED_LINE, foreign))).text
    assert "The original principal is €1,210.00 + £3.00." in text
    assert "€12.34 + £3.00 interest, €106.50 collection costs and €7.50 administration fee." in text


def test_only_eight_digits_beside_a_dutch_account_are_called_a_kvk_number() -> None:
    british = replace(legal_notice(NL_LETTER), bank=legal_notice(BE_REMINDER).bank)
    assert "Ondernemingsnummer 12345678" in render(british).text
    odd = Party(name="De Hoop", email="a@dehoop.example", company_number="NL-7")
    assert "Ondernemingsnummer NL-7" in render(reminder(creditor=odd)).text


def test_percents_have_the_decimals_they_need() -> None:
    assert [percent(Decimal(p), "nl") for p in ("4.00", "10.40", "1.52")] == ["4%", "10,4%", "1,52%"]
    assert percent(Decimal("10.5"), "fr") == "10,5\u00a0%"
