"""Secrets in use, and blotting them out of whatever is written down meanwhile."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

BLOT = "***"
SHORTEST = 6
"""Shorter secrets are left alone: they would be found by chance."""


@dataclass(slots=True)
class _InUse:
    forms: set[str] = field(default_factory=set)
    pattern: re.Pattern[str] | None = None


_in_use: ContextVar[_InUse | None] = ContextVar("secrets_in_use", default=None)


@contextmanager
def hiding(secrets: Iterable[str] = ()) -> Iterator[None]:
    """Have `hide` blot these secrets out inside, and those given to `hide_too`; also in threads started inside."""
    token = _in_use.set(_InUse())
    try:
        hide_too(secrets)
        yield
    finally:
        _in_use.reset(token)


def hide_too(secrets: Iterable[str]) -> None:
    """Blot these out too, from now to the end of the innermost `hiding`."""
    held = _in_use.get()
    if held is None:
        raise RuntimeError("Nothing is hidden here: wrap this in hiding().")
    for secret in secrets:
        if len(secret) >= SHORTEST:
            held.forms |= {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
            held.forms.add(base64.b64encode(secret.encode()).decode())
    longest_first = sorted(held.forms, key=len, reverse=True)
    held.pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def hide(text: str) -> str:
    """The text, with the secrets in use blotted out as they are, as in a URL, as in JSON, or as headers have them."""
    pattern = _pattern_in(text)
    return pattern.sub(BLOT, text) if pattern else text


def hide_start(text: str, length: int) -> str:
    """The first `length` signs of the text with the secrets in use blotted out, one that goes on beyond them too."""
    pattern = _pattern_in(text)
    if pattern is None:
        return text[:length]
    end = length
    for found in pattern.finditer(text):
        if found.start() >= length:
            break
        end = max(length, found.end())
    return pattern.sub(BLOT, text[:end])


def _pattern_in(text: str) -> re.Pattern[str] | None:
    """What finds the secrets in use, None when the text has none.

    Hardly any has one, and to look for each in turn takes a quarter of what one pattern of them all takes.
    """
    held = _in_use.get()
    return held.pattern if held and any(form in text for form in held.forms) else None
