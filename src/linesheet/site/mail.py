"""Where e-mail goes: to the console, or to the server that LINESHEET_SMTP_URL names."""

from typing import Any
from urllib.parse import unquote, urlsplit

CONSOLE = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


def mail_settings(url: str) -> dict[str, Any]:
    """Django's settings for `smtp://user:password@host:587` (STARTTLS) or `smtps://...:465` (TLS from the start).

    `smtp://host:25?tls=no` sends in the clear. Without a URL, mails are printed. Raises ValueError for any other.
    """
    if not url:
        return CONSOLE
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("LINESHEET_SMTP_URL must look like smtp://user:password@mail.example.com:587")
    from_start = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if from_start else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": from_start,
        "EMAIL_USE_TLS": not from_start and parts.query != "tls=no",
        "EMAIL_TIMEOUT": 20,
    }
