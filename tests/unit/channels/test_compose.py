"""The message around a letter: headers nobody can forge, and the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.email.compose import compose, compose_hand_over
from channels.letter import Party
from domain.errors import DomainError
from tests.unit.channels.samples import (
    AT,
    CREDITOR,
    DEBTOR,
    DOMAIN,
    LINE,
    hand_over,
    mail,
    part,
    read_back,
    reminder,
)

KNOWN_HEADERS = [
    "MIME-Version", "Content-Type", "From", "To", "Subject", "Date", "Message-ID", "Content-Language",
    "Auto-Submitted", "X-Auto-Response-Suppress", "Reply-To",
]  # fmt: skip


def test_a_mail_program_reads_what_was_meant() -> None:
    composed = mail()
    message = read_back(composed.raw)
    assert message["Message-ID"] == composed.message_id == f"<{reminder().notice_id}@{DOMAIN}>"
    assert composed.envelope_sender == f"notice+{reminder().notice_id}@{DOMAIN}"
    assert message["From"].addresses[0].display_name == "Drukkerij De Hoop B.V."
    assert message["To"].addresses[0].addr_spec == composed.recipient == "administratie@jansen.example"
    assert message["Reply-To"] == "debiteuren@dehoop.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == AT
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects
    assert composed.sha256 == hashlib.sha256(composed.raw).hexdigest()


def test_equal_letters_make_equal_bytes_that_any_server_takes() -> None:
    composed = mail()
    assert mail() == composed
    assert composed.raw.isascii()
    lines = composed.raw.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 998


names = st.text(st.characters(codec="utf-8"), max_size=300)


@settings(deadline=None)  # the first letter compiles its templates
@given(
    creditor=names,
    debtor=names,
    contact=names,
    number=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40),
)
@example(creditor="evil\u202egnp.exe\0\x1b[2J", debtor="", contact="", number="1")
@example(creditor="x\r\nBcc: all@evil.example", debtor="\n\n<b>", contact="a\u2028b\x85c", number="1\u0301")
@example(
    creditor='"; <evil@evil.example>, (', debtor="=?utf-8?q?=0D=0ABcc:_x?=", contact="é" * 300, number="=?x?="
)
def test_no_name_breaks_the_headers_and_number_and_amount_arrive(
    creditor: str, debtor: str, contact: str, number: str
) -> None:
    letter = reminder(
        creditor=replace(CREDITOR, name=creditor),
        debtor=replace(DEBTOR, name=debtor),
        contact_name=contact,
        lines=(replace(LINE, number=number),),
    )
    raw = mail(letter).raw
    message = read_back(raw)
    assert message.keys() == KNOWN_HEADERS
    for header, address in (("From", CREDITOR.email), ("To", DEBTOR.email)):
        assert [entry.addr_spec for entry in message[header].addresses] == [address]
        assert not set('@:,"<>\0\x1b\u202e') & set(message[header].addresses[0].display_name)
    text = part(raw, "plain")
    assert number in text
    assert "710,00" in text


@pytest.mark.parametrize("separator", ["\n", "\r", "\r\n", "\x0b", "\x00", "\u2028", "\x85"])
@pytest.mark.parametrize("field", ["debtor", "creditor", "reply-to"])
def test_a_line_break_in_an_address_is_refused_without_repeating_it(field: str, separator: str) -> None:
    evil = f"a@b.example{separator}Bcc: all@evil.example"
    letter = {
        "debtor": reminder(debtor=replace(DEBTOR, email=evil)),
        "creditor": reminder(creditor=replace(CREDITOR, email=evil)),
        "reply-to": reminder(reply_to=evil),
    }[field]
    with pytest.raises(DomainError) as refused:
        mail(letter)
    assert refused.value.code == "header_injection"
    assert refused.value.values == {"field": field}
    assert "evil" not in refused.value.message


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("", "no_email_address"),
        ("  ", "no_email_address"),
        ("jansen", "bad_email_address"),
        ("a@b.example, c@d.example", "bad_email_address"),
        ("Eva <a@b.example>", "bad_email_address"),
        ("a@b@c.example", "bad_email_address"),
        ("a@", "bad_email_address"),
        ("jansén@b.example", "bad_email_address"),
    ],
)
def test_an_address_that_cannot_be_mailed_is_named_as_such(email: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        mail(reminder(debtor=Party(name="Jansen", email=email)))
    assert refused.value.code == code


def test_a_domain_with_accents_is_written_as_servers_know_it() -> None:
    assert (
        mail(reminder(debtor=replace(DEBTOR, email="a@bücher.example"))).recipient
        == "a@xn--bcher-kva.example"
    )


def test_a_notice_id_that_would_not_fit_an_address_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        compose(reminder(notice_id="1@evil.example> <"), message_id_domain=DOMAIN, at=AT)
    assert refused.value.code == "bad_notice_id"


def test_the_hand_over_goes_to_the_agency_with_the_dossier_intact() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("claim.txt", "710.00")
    composed = compose_hand_over(hand_over(), packed.getvalue(), message_id_domain=DOMAIN, at=AT)
    assert composed == compose_hand_over(hand_over(), packed.getvalue(), message_id_domain=DOMAIN, at=AT)
    assert composed.recipient == "zaken@incassonoord.example"
    (attachment,) = read_back(composed.raw).iter_attachments()
    assert attachment.get_filename() == "dossier-2026-0117.zip"
    assert attachment.get_content() == packed.getvalue()
    assert "2026-0117" in part(composed.raw, "plain")
    assert read_back(composed.raw).keys() == [k for k in KNOWN_HEADERS if k != "Reply-To"]
