"""What is read of a request: within limits, and only text that can be kept."""

import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from pydantic import BaseModel, ConfigDict

from linesheet.sync.serving.problems import INVALID_JSON, INVALID_PARAMETER, TOO_LARGE, ApiProblem, Issue

MOST_BYTES = 5 * 1024 * 1024
MOST_BYTES_IN_BULK = 20 * 1024 * 1024
MOST_LINES = 5_000
"""Lines of an order, or records of a bulk request; for `max_length` of lists in schemas."""
MOST_UNKNOWN = 20
"""Unknown parameters that are told one by one."""


class Body(BaseModel):
    """Base of what is sent to endpoints; a field that it does not know is refused, as it would be lost in silence.

    No `ninja.Schema`: that takes any object for one with these attributes, a list of nothing for one with none.
    """

    model_config = ConfigDict(extra="forbid")


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


def refuse_unknown(request: HttpRequest, known: Collection[str]) -> None:
    """Raise ApiProblem when the query has a parameter that is not one of these: misspelt, it would be passed over."""
    unknown = [name for name in dict.fromkeys(request.GET) if name not in known]
    if not unknown:
        return
    there = f"It has {', '.join(sorted(known))}." if known else "It has none."
    issues = [
        Issue(
            code=INVALID_PARAMETER.code,
            message=f"This endpoint has no parameter of this name. {there}",
            pointer=f"?{name}".replace("\0", ""),
        )
        for name in unknown[:MOST_UNKNOWN]
    ]
    more = f" {len(unknown) - 1} more like it." if len(unknown) > 1 else ""
    raise ApiProblem(INVALID_PARAMETER, f"{issues[0].pointer}: {issues[0].message}{more}", issues)


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
