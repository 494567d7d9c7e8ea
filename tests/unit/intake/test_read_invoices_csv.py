"""CSV files as people export them, and as they break them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from babel.numbers import get_decimal_symbol, get_group_symbol
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Discount
from domain.money import Money
from domain.new_invoice import OPTIONAL_FIELDS, REQUIRED_FIELDS, NewInvoice
from intake.amounts import Locale
from intake.read_invoices_csv import InvalidInvoiceFile, InvoiceFile, read_invoices_csv
from tests.unit.intake.invoices import GOOD, TODAY, as_csv, as_fields, invoices

SAMPLES: Final = Path(__file__).parents[3] / "samples"
LOCALES: Final[tuple[Locale, ...]] = ("plain", "nl", "fr", "de")


def read(data: bytes, locale: Locale = "plain") -> InvoiceFile:
    return read_invoices_csv(data, today=TODAY, locale=locale)


def found(file: InvoiceFile) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.code) for problem in file.problems]


def refused(data: bytes) -> list[str]:
    with pytest.raises(InvalidInvoiceFile) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


@given(
    st.lists(invoices(), max_size=4, unique_by=lambda invoice: (invoice.creditor, invoice.number)),
    st.sampled_from(LOCALES),
    st.sampled_from(",;"),
    st.permutations(REQUIRED_FIELDS + OPTIONAL_FIELDS),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_invoice_survives_a_round_trip(
    written: list[NewInvoice],
    locale: Locale,
    separator: str,
    columns: list[str],
    grouped: bool,
    bom: bool,
    line_end: str,
) -> None:
    rows = [as_fields(invoice, locale, grouped=grouped) for invoice in written]
    file = read(as_csv(rows, separator=separator, columns=columns, bom=bom, line_end=line_end), locale)
    assert file.problems == ()
    assert [row.invoice for row in file.rows] == written


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused_as_declared(noise: bytes, after_a_header: bool) -> None:
    header = ",".join(REQUIRED_FIELDS).encode() + b"\n" if after_a_header else b""
    with suppress(InvalidInvoiceFile):
        read(header + noise)


def test_optional_columns_may_be_absent() -> None:
    file = read(as_csv([GOOD], columns=REQUIRED_FIELDS))
    assert file.rows[0].invoice.debtor.name == "Café Noord, B.V."
    assert file.rows[0].line == 2


def test_one_bad_row_refuses_only_itself() -> None:
    rows = [GOOD, {**GOOD, "number": "F-2", "country": "XX", "amount": "0"}, {**GOOD, "number": "F-3"}]
    file = read(as_csv(rows))
    assert [(row.line, row.invoice.number) for row in file.rows] == [(2, "F-1"), (4, "F-3")]
    assert [(p.line, p.column, p.value, p.code) for p in file.problems] == [
        (3, "country", "XX", "unknown_country"),
        (3, "amount", "0", "not_positive"),
    ]


def test_lines_are_those_of_the_editor_after_a_cell_of_several_lines() -> None:
    rows = [{**GOOD, "description": "one\ntwo\r\nthree"}, {**GOOD, "number": "F-2"}]
    file = read(as_csv(rows, line_end="\n"))
    assert found(file) == [(2, "description", "line_break")]
    assert file.rows[0].line == 5


def test_empty_lines_are_no_rows() -> None:
    data = as_csv([GOOD], columns=REQUIRED_FIELDS) + b"\r\n" + b"," * (len(REQUIRED_FIELDS) - 1) + b"\r\n"
    file = read(data)
    assert (len(file.rows), file.problems) == (1, ())


def test_the_later_of_two_rows_with_one_number_is_refused_per_creditor() -> None:
    rows = [
        {**GOOD, "amount": "oops"},
        {**GOOD, "creditor": "other"},
        {**GOOD, "number": " F-1 "},
    ]
    file = read(as_csv(rows))
    assert [row.invoice.creditor for row in file.rows] == ["other"]
    assert found(file) == [(2, "amount", "bad_amount"), (4, "number", "duplicate_number")]
    assert file.problems[1].reason == "is also on line 2"


def test_a_row_with_too_few_or_too_many_cells_is_refused() -> None:
    good = as_csv([GOOD], columns=REQUIRED_FIELDS).decode()
    file = read((good + "F-2,D-1\r\n" + good.splitlines()[1] + ",extra\r\n").encode())
    assert found(file) == [(3, "", "wrong_cell_count"), (4, "", "wrong_cell_count")]


def test_a_quote_never_closed_says_which_lines_it_swallowed() -> None:
    good = as_csv([GOOD], columns=REQUIRED_FIELDS)
    file = read(good + b'F-2,"D-1\r\nF-3,D-1\r\nF-4,D-1\r\n')
    assert len(file.rows) == 1
    assert found(file) == [(3, "", "bad_quoting")]
    assert "lines 3 to 5 were not read" in file.problems[0].reason


def test_a_quote_left_open_in_a_large_file_does_not_hide_what_comes_long_after() -> None:
    rows = [{**GOOD, "number": f"F-{n}"} for n in range(3000)]
    lines = (
        as_csv(rows, columns=REQUIRED_FIELDS).replace(b'"', b"").replace(b"rd, B", b"rd B").splitlines(True)
    )
    lines[10] = lines[10].replace(b"F-9,", b'F-9,"')
    file = read(b"".join(lines))
    assert file.problems[0].line == 11
    assert file.rows[-1].invoice.number == "F-2999"


def test_a_header_is_refused_with_every_column_at_fault() -> None:
    assert refused(b"number,number,amout\n")[:3] == [
        "line 1: amout: unknown column",
        "line 1: number: appears twice",
        "line 1: debtor_reference: missing column",
    ]
    assert refused(b"") == ["line 1: there is no header; the first line must name the columns"]


def test_a_file_may_have_terms_for_due_dates_or_both_columns() -> None:
    columns = ["terms" if column == "due_date" else column for column in REQUIRED_FIELDS]
    row = {name: value for name, value in GOOD.items() if name != "due_date"}
    split = {**row, "amount": "1234,50", "terms": "2026-10-31 1000,50; 2026-10-15 234"}
    file = read(as_csv([split], columns=columns), "nl")
    assert [(term.due.day, str(term.amount.amount)) for term in file.rows[0].invoice.terms] == [
        (15, "234.00"),
        (31, "1000.50"),
    ]
    rows = [{**split, "number": "F-2"}, {**GOOD, "amount": "1234,50"}]
    both = read(as_csv(rows, columns=(*REQUIRED_FIELDS, "terms")), "nl")
    assert [len(row.invoice.terms) for row in both.rows] == [2, 1]
    neither = as_csv([row], columns=[column for column in REQUIRED_FIELDS if column != "due_date"])
    assert refused(neither) == ["line 1: due_date: missing column"]


def test_another_encoding_is_refused_with_its_place() -> None:
    good = as_csv([GOOD], columns=REQUIRED_FIELDS)
    assert refused(good.replace("é".encode(), b"\xe9")) == [
        "line 2: the text is not UTF-8 (byte 121 of the file)"
    ]
    assert refused(good.decode().encode("utf-16")) == ["line 1: the text is UTF-16, not UTF-8"]


def test_personal_values_stay_out_of_the_error() -> None:
    with pytest.raises(InvalidInvoiceFile) as caught:
        read("naam;Jan Jansen\n".encode("utf-16"))
    assert "Jan" not in f"{caught.value.message}{caught.value.values}"


@pytest.mark.parametrize(
    ("locale", "text", "amount"),
    [
        ("nl", "1.234,50", "1234.50"),
        ("nl", "1234,5", "1234.50"),
        ("nl", "12.345", "12345.00"),
        ("de", "1.234.567,89", "1234567.89"),
        ("fr", "1\u202f234,50", "1234.50"),
        ("fr", "1\u00a0234,50", "1234.50"),
        ("fr", "1 234,50", "1234.50"),
        ("plain", "1234.5", "1234.50"),
    ],
)
def test_amounts_are_read_as_the_country_writes_them(locale: Locale, text: str, amount: str) -> None:
    file = read(as_csv([{**GOOD, "amount": text}], separator=";"), locale)
    assert file.rows[0].invoice.amount == Money.parse(amount, "EUR")


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("nl", "1234.50"),
        ("nl", "12.34"),
        ("nl", "1.2345,00"),
        ("nl", "1.234.50"),
        ("nl", "1,234,567"),
        ("nl", "1 234,50"),
        ("fr", "1.234,50"),
        ("fr", "1\u00a0234 567,00"),
        ("de", "1_000"),
        ("plain", "1234,50"),
        ("plain", "1.234,50"),
    ],
)
def test_an_amount_that_could_mean_something_else_is_refused(locale: Locale, text: str) -> None:
    assert found(read(as_csv([{**GOOD, "amount": text}]), locale)) == [(2, "amount", "bad_amount")]


@pytest.mark.parametrize("locale", ["nl", "fr", "de"])
def test_the_marks_are_those_of_the_locale_data(locale: Locale) -> None:
    text = f"1{get_group_symbol(locale)}234{get_decimal_symbol(locale)}50"
    file = read(as_csv([{**GOOD, "amount": text}]), locale)
    assert file.rows[0].invoice.amount == Money.parse("1234.50", "EUR")


def test_the_sample_portfolio_is_good() -> None:
    file = read((SAMPLES / "invoices.csv").read_bytes())
    debtors = {row.invoice.debtor for row in file.rows}
    assert (len(file.rows), len(debtors), file.problems) == (24, 14, ())
    assert len({debtor.reference for debtor in debtors}) == 14
    assert {debtor.country for debtor in debtors} == {"NL", "BE"}
    assert {debtor.kind for debtor in debtors} == {"consumer", "business"}
    assert {debtor.language for debtor in debtors} == {"nl", "fr", "en", "de"}
    assert [debtor.reference for debtor in debtors if not debtor.email] == ["D-2005"]
    assert all(debtor.email.endswith(".example") for debtor in debtors if debtor.email)


def test_the_sample_of_mistakes_shows_each_of_them() -> None:
    file = read((SAMPLES / "invoices-bad.csv").read_bytes())
    assert [row.invoice.number for row in file.rows] == ["good", "good-again"]
    assert {problem.code for problem in file.problems} == {
        *("missing", "unknown_kind", "unknown_country", "unknown_language", "bad_email", "line_break"),
        *("bad_date", "before_issue", "too_early", "too_late", "unknown_currency", "not_positive"),
        *("too_many_decimals", "bad_amount", "amount_out_of_range", "duplicate_number", "wrong_cell_count"),
        *("bad_quoting", "sum_differs", "beside_due_date", "same_due_date", "bad_term", "too_far_from_issue"),
        *("out_of_range", "after_due", "not_yes_or_no"),
    }


def test_the_sample_of_terms_shows_what_planning_asks_about() -> None:
    file = read((SAMPLES / "invoices-terms.csv").read_bytes())
    assert (len(file.rows), file.problems) == (4, ())
    built, printed, played, sealed = (row.invoice for row in file.rows)
    assert [str(term.amount.amount) for term in built.terms] == ["6000.00", "4000.00"]
    assert (built.due, built.delivered) == (date(2026, 11, 16), date(2026, 11, 3))
    assert (built.debtor.segment, built.debtor.tags) == ("key-account", ("bouw", "termijnen"))
    assert printed.discount == Discount(Decimal(2), date(2026, 11, 9))
    assert (played.debtor.mandate, played.debtor.behaviour) == (True, "slow")
    assert (sealed.debtor.policy, sealed.policy) == ("friendly", None)
