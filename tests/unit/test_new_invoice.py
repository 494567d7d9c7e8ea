"""What is taken for an invoice, and what is answered to what is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Discount
from domain.new_invoice import FIELDS, REQUIRED_FIELDS, InvalidInvoice, NewInvoice, parse_new_invoice
from domain.new_terms import write_terms
from tests.unit.intake.invoices import AWKWARD, GOOD, TODAY, as_fields, invoices


def faults(**changes: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInvoice) as caught:
        parse_new_invoice({**GOOD, **changes}, today=TODAY)
    return [(problem.field, problem.code) for problem in caught.value.problems]


def test_the_required_fields_make_an_invoice() -> None:
    invoice = parse_new_invoice(GOOD, today=TODAY)
    assert (invoice.number, invoice.issued, invoice.due) == ("F-1", date(2026, 10, 1), date(2026, 10, 15))
    assert (invoice.amount.amount, invoice.amount.currency) == (Decimal("1234.50"), "EUR")
    assert (invoice.creditor, invoice.policy) == (None, None)


def test_small_differences_of_writing_are_forgiven() -> None:
    fields = {**GOOD, "country": " uk ", "currency": "eur", "language": "NL", "debtor_kind": ""}
    invoice = parse_new_invoice(fields, today=TODAY)
    assert (invoice.debtor.country, invoice.debtor.language, invoice.debtor.kind) == ("GB", "nl", "unknown")


def test_a_debtor_may_have_no_email() -> None:
    assert parse_new_invoice({**GOOD, "email": ""}, today=TODAY).debtor.email == ""


@pytest.mark.parametrize("field", [name for name in REQUIRED_FIELDS if name not in ("email", "debtor_kind")])
def test_what_is_required_cannot_be_empty(field: str) -> None:
    assert faults(**{field: "  "}) == [(field, "missing")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("number", "F" * 101, "too_long"),
        ("number", "F\u200b1", "not_printable"),
        ("debtor_kind", "zakelijk", "unknown_kind"),
        ("country", "XX", "unknown_country"),
        ("country", "Nederland", "unknown_country"),
        ("language", "es", "unknown_language"),
        ("email", "info@noord.example\nBcc: x@y.example", "line_break"),
        ("email", "info@noord.example\r", "line_break"),
        ("email", "Noord <info@noord.example>", "bad_email"),
        ("email", "a@b.example, c@d.example", "bad_email"),
        ("email", "a..b@noord.example", "bad_email"),
        ("email", "a@localhost", "bad_email"),
        ("email", "a@127.0.0.1", "bad_email"),
        ("email", "a" * 65 + "@noord.example", "bad_email"),
        ("debtor_name", "Noord\tB.V.", "control_character"),
        ("debtor_name", "Noord\x00", "control_character"),
        ("description", "one\u2028two", "line_break"),
        ("contact_name", "\u202egnihsihp", "control_character"),
        ("issue_date", "20261001", "bad_date"),
        ("issue_date", "01-10-2026", "bad_date"),
        ("due_date", "2026-02-30", "bad_date"),
        ("issue_date", "1999-12-31", "too_early"),
        ("due_date", "2026-09-30", "before_issue"),
        ("currency", "XXX", "unknown_currency"),
        ("amount", "0.00", "not_positive"),
        ("amount", "-1.00", "not_positive"),
        ("amount", "1.234", "too_many_decimals"),
        ("amount", "1,234.00", "bad_amount"),
        ("amount", "1e3", "bad_amount"),
        ("amount", "NaN", "bad_amount"),
        ("amount", "٣", "bad_amount"),
        ("amount", "9999999999999", "amount_out_of_range"),
        ("delivered_on", "2027-10-03", "too_far_from_issue"),
        ("delivered_on", "yesterday", "bad_date"),
        ("direct_debit", "perhaps", "not_yes_or_no"),
        ("tags", "a, b\u200b", "not_printable"),
        ("segment", "x" * 101, "too_long"),
        ("iban", "NL91ABNA0417164300", "unknown_field"),
    ],
)
def test_each_mistake_is_named_with_its_field(field: str, value: str, code: str) -> None:
    assert (field, code) in faults(**{field: value})


def test_the_issue_date_lies_at_most_a_year_ahead_and_the_term_is_at_most_ten_years() -> None:
    last = {"issue_date": "2027-11-22", "due_date": "2037-11-22"}
    assert parse_new_invoice({**GOOD, **last}, today=TODAY).due == date(2037, 11, 22)
    assert faults(**{**last, "issue_date": "2027-11-23"}) == [("issue_date", "too_late")]
    assert faults(**{**last, "due_date": "2037-11-23"}) == [("due_date", "too_late")]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ("2026-10-15 1000.00; 2026-10-31 234.49", "sum_differs"),
        ("2026-10-15 1000.00", "sum_differs"),
        ("2026-09-30 1000.00; 2026-10-31 234.50", "before_issue"),
        ("2026-10-15 1000.00; 2036-10-02 234.50", "too_late"),
        ("2026-10-15 1000.00; 2026-10-15 234.50", "same_due_date"),
        ("2026-10-15 1234.50;", "bad_term"),
        ("2026-10-15", "bad_term"),
        ("1234.50", "bad_term"),
        ("2026-02-30 1234.50", "bad_term"),
        ("2026-10-15 1234.50 EUR", "bad_amount"),
        ("2026-10-15 1300.00; 2026-10-31 -65.50", "not_positive"),
        ("2026-10-15 1234.505", "too_many_decimals"),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: str, code: str) -> None:
    assert faults(due_date="", terms=terms) == [("terms", code)]


def test_terms_take_the_place_of_the_due_date() -> None:
    written = "2026-10-31 234.50; 2026-10-15 1000.00"
    invoice = parse_new_invoice({**GOOD, "due_date": "", "terms": written}, today=TODAY)
    assert write_terms(invoice.terms) == "2026-10-15 1000.00; 2026-10-31 234.50"
    assert invoice.due == date(2026, 10, 15)
    assert faults(terms=written) == [("terms", "beside_due_date")]
    assert faults(due_date="") == [("due_date", "missing")]


def test_a_discount_has_a_rate_and_a_last_day_no_later_than_the_first_due_date() -> None:
    on_time = {"discount_percent": "2.5", "discount_until": "2026-10-15"}
    invoice = parse_new_invoice({**GOOD, **on_time}, today=TODAY)
    assert invoice.discount == Discount(Decimal("2.5"), date(2026, 10, 15))
    for percent, code in (
        ("0", "not_positive"),
        ("100", "out_of_range"),
        ("2 %", "bad_amount"),
        ("0.125", "too_many_decimals"),
    ):
        assert faults(**{**on_time, "discount_percent": percent}) == [("discount_percent", code)]
    for until, code in (("2026-10-16", "after_due"), ("2026-09-30", "before_issue"), ("soon", "bad_date")):
        assert faults(**{**on_time, "discount_until": until}) == [("discount_until", code)]
    assert faults(discount_percent="2") == [("discount_until", "missing")]
    assert faults(discount_until="2026-10-15") == [("discount_percent", "missing")]


def test_tags_are_words_between_commas_each_once() -> None:
    assert parse_new_invoice({**GOOD, "tags": " b, a,,b , c d"}, today=TODAY).debtor.tags == ("b", "a", "c d")


def test_every_problem_is_told_at_once_and_no_value_is_repeated() -> None:
    with pytest.raises(InvalidInvoice) as caught:
        parse_new_invoice(
            {**GOOD, "email": "Jan Jansen", "country": "XX", "currency": "XXX", "amount": "0"}, today=TODAY
        )
    error = caught.value
    assert [p.field for p in error.problems] == ["country", "email", "currency", "amount"]
    assert "Jan" not in f"{error.message}{error.values}{[p.message for p in error.problems]}"


@given(invoices())
def test_every_invoice_is_read_back_from_its_fields(invoice: NewInvoice) -> None:
    assert parse_new_invoice(as_fields(invoice), today=TODAY) == invoice


_anything = st.text(AWKWARD + "\n\r\0\u2028\u202e\ud800\u0663", max_size=20)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | _anything, _anything, max_size=5))
def test_any_text_is_an_invoice_or_refused_with_reasons(fields: dict[str, str]) -> None:
    with suppress(InvalidInvoice):
        parse_new_invoice({**GOOD, **fields}, today=TODAY)
