"""The mail server's address as an operator writes it."""

from __future__ import annotations

import pytest

from channels.email.smtp_url import SmtpServer, parse_smtp_url
from domain.errors import DomainError


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25, implicit_tls=False, starttls="auto")),
        (
            "smtp://me%40x.example:p%3Aw@mail.example",
            SmtpServer(
                "mail.example",
                587,
                implicit_tls=False,
                starttls="required",
                user="me@x.example",
                password="p:w",
            ),
        ),
        (
            "smtps://u:p@mail.example",
            SmtpServer("mail.example", 465, implicit_tls=True, starttls="off", user="u", password="p"),
        ),
        (
            "smtp://127.0.0.1:1025?starttls=off",
            SmtpServer("127.0.0.1", 1025, implicit_tls=False, starttls="off"),
        ),
        ("smtp://[::1]:1025/", SmtpServer("::1", 1025, implicit_tls=False, starttls="auto")),
    ],
)
def test_an_address_says_how_to_connect(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:25",
        "http://mail.example",
        "smtp://",
        "smtp://u:hemlock@mail.example:port",
        "smtp://u:hemlock@mail.example?starttls=maybe",
        "smtps://u:hemlock@mail.example?starttls=required",
        "smtp://u:hemlock@mail.example?tls=1",
        "smtp://u:hemlock@mail.example/inbox",
        "smtp://u:hemlock@[mail.example",
    ],
)
def test_a_wrong_address_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_smtp_url(url)
    assert refused.value.code == "bad_smtp_url"
    assert "hemlock" not in f"{refused.value.message}{refused.value.values}"


def test_a_password_is_not_printed_with_the_settings() -> None:
    assert "hemlock" not in repr(parse_smtp_url("smtp://u:hemlock@mail.example"))
