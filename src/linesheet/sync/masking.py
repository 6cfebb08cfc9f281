"""What is kept of a call, with its secrets masked: by their names, and those in use wherever they stand."""

import re
from collections.abc import Mapping
from functools import lru_cache

from linesheet.site.hiding import hide, hide_start
from linesheet.sync.errors import MOST_SAID, one_line

KEPT_BODY = 64 * 1024
_LONGEST_SECRET = 4096
MASK = "***"
SECRET_NAMES = re.compile(
    r"authorization|cookie|token|secret|password|signature|api[-_]?key|consumer[-_]?key|nonce", re.IGNORECASE
)
# Every name that `_SECRET_IN_JSON` looks for has one of these in it; looking for them first is 50 times as fast.
_SECRET_HINTS = ("token", "secret", "password", "signature", "key")
# The look ahead is over one name only and never taken again, so that no text makes these take long.
_SECRET_IN_JSON = re.compile(
    r'("(?=[^"]*?(?:token|secret|password|signature|api[-_]?key|consumer[-_]?key))[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"?',
    re.IGNORECASE,
)
_SECRET_IN_QUERY = re.compile(
    r"([?&](?=[^=&?]*?(?:token|secret|password|signature|key|sig))[^=&?]*=)[^&]*", re.IGNORECASE
)


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the values of secret ones replaced, and the secrets in use blotted out of the others."""
    shown = {name: MASK if _is_secret(name) else value for name, value in headers.items()}
    # Most headers are fit to be shown; to look at all of them at once takes a fifth of looking at each.
    return shown if _is_one_line(" ".join(shown.values())) else {name: one_line(value) for name, value in shown.items()}


def masked_url(url: str) -> str:
    """A URL with secret query values replaced, and the secrets in use blotted out."""
    return hide(_SECRET_IN_QUERY.sub(rf"\1{MASK}", url))


def masked_body(body: bytes) -> str:
    """The start of a body as text, with the values of secret JSON fields and the secrets in use replaced."""
    text = body[:KEPT_BODY].decode(errors="replace")
    if len(body) <= KEPT_BODY:
        text = hide(text)
    else:
        text = hide_start(body[: KEPT_BODY + _LONGEST_SECRET].decode(errors="replace"), len(text))
    text = text.replace("\x00", "�")
    folded = text.lower() if text.isascii() else text.casefold()
    if any(hint in folded for hint in _SECRET_HINTS):
        text = _SECRET_IN_JSON.sub(rf'\1"{MASK}"', text)
    return text if len(body) <= KEPT_BODY else f"{text}… ({len(body):,} bytes)"


def masked_form(body: bytes) -> str:
    """The same of a body as a web form sends it."""
    return masked_url("?" + body[:KEPT_BODY].decode(errors="replace")).removeprefix("?")


def _is_one_line(text: str) -> bool:
    """Whether `one_line` surely leaves each part of the text as it is."""
    plain = text.isprintable() and "  " not in text and text == text.strip() and len(text) <= MOST_SAID
    return plain and hide(text) == text


@lru_cache(1000)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None
