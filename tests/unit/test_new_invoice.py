"""What is taken for an invoice, and what is answered to what is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.new_invoice import FIELDS, REQUIRED_FIELDS, InvalidInvoice, NewInvoice, parse_new_invoice
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
