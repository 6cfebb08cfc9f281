"""What is read of a request: within limits, and only text that can be kept."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from pydantic import BaseModel

from linesheet.sync.serving.problems import INVALID_JSON, TOO_LARGE, ApiProblem

MOST_BYTES = 5 * 1024 * 1024
MOST_BYTES_IN_BULK = 20 * 1024 * 1024
MOST_LINES = 5_000
"""Lines of an order, or records of a bulk request; for `max_length` of lists in schemas."""


class Body(BaseModel):
    """Base of what is sent to endpoints; what it does not know it passes over.

    No `ninja.Schema`: that takes any object for one with these attributes, a list of nothing for one with none.
    """


F = TypeVar("F", bound=Callable[..., Any])


def in_bulk(endpoint: F) -> F:
    """Let an endpoint have bodies of up to MOST_BYTES_IN_BULK. Stands below the router's decorator."""
    endpoint._in_bulk = True  # type: ignore[attr-defined]
    return endpoint


def is_in_bulk(endpoint: Callable[..., Any]) -> bool:
    """Whether the endpoint was marked so."""
    return getattr(endpoint, "_in_bulk", False)


def leave_unread(request: HttpRequest) -> None:
    """Have the request be without a body until `read_body`, so that nobody reads it by the way."""
    request._body = b""


def read_body(request: HttpRequest, most: int) -> None:
    """Read the body into the request. Raises ApiProblem when it is longer than `most` bytes, or breaks off."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > most:
        raise _too_large(most)
    try:
        # Django's own limit is meant for forms, and too low for this.
        body = _stream(request).read(most + 1)
    except OSError:
        raise ApiProblem(INVALID_JSON, "The body broke off.") from None
    if len(body) > most:
        raise _too_large(most)
    request._body = body


def _stream(request: HttpRequest) -> Any:
    """Where the body is read from. Django takes one that comes in chunks, without its length, for none at all."""
    chunked = "CONTENT_LENGTH" not in request.META and request.META.get("wsgi.input_terminated")
    return request.META["wsgi.input"] if chunked else request


class StrictParser(Parser):
    """JSON without NaN, characters that PostgreSQL cannot keep, or halves of characters; queries without NUL."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        try:
            value = json.loads(body.decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ApiProblem(INVALID_JSON, f"The body cannot be read as JSON: {error}.") from None
        # Only escapes bring such characters into JSON that is UTF-8.
        if b"\\u" in body and not _keepable(json.dumps(value, ensure_ascii=False)):
            raise ApiProblem(INVALID_JSON, "The body has a NUL, or half a character, in a text.")
        return value

    def parse_querydict(self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest) -> Any:
        clean: MultiValueDict[str, Any] = MultiValueDict()
        for name, values in data.lists():
            clean.setlist(name, [value.replace("\0", "") for value in values])
        return super().parse_querydict(clean, list_fields, request)


def _too_large(most: int) -> ApiProblem:
    return ApiProblem(TOO_LARGE, f"A body has at most {most // 1024 // 1024} MB here.")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _keepable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text
