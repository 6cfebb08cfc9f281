"""Where e-mail goes, by the address of its server."""

import pytest

from linesheet.site.mail import mail_settings


def test_without_a_server_mails_are_printed():
    assert mail_settings("")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.com", 587, True, False),
        ("smtp://mail.example.com:2525", 2525, True, False),
        ("smtps://mail.example.com", 465, False, True),
        ("smtp://127.0.0.1:25?tls=no", 25, False, False),
    ],
)
def test_the_scheme_says_how_it_is_encrypted(url, port, tls, ssl):
    found = mail_settings(url)

    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)


def test_signs_in_a_password_are_written_as_in_any_address():
    found = mail_settings("smtp://ada%40example.com:p%3Aw%2F1@mail.example.com")

    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("ada@example.com", "p:w/1")


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://"])
def test_anything_else_is_refused(url):
    with pytest.raises(ValueError, match="LINESHEET_SMTP_URL must look like"):
        mail_settings(url)
