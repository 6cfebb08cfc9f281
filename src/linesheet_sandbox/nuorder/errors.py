"""Refusals in NuORDER's form (sheet 2.1)."""

from typing import Any, NoReturn

from linesheet_sandbox.common.http import Answer, error_answer

_WORDS = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    409: "Conflict",
    413: "Payload too large",
    429: "Too many requests",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
}


class RefusedError(Exception):
    """A call refused with a status and a message; `extra` joins the error body."""

    def __init__(self, status: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.extra = extra


def invalid(message: str) -> NoReturn:
    """Refuse with 400: the arguments are wrong, and the message names which."""
    raise RefusedError(400, message)


def missing(what: str) -> NoReturn:
    """Refuse with 404: `missing("product")` says `product not found`."""
    raise RefusedError(404, f"{what} not found")


def conflict(message: str, existing: str | None = None) -> NoReturn:
    """Refuse with 409, naming the `_id` of the record in the way."""
    extra = {"_id": existing} if existing else {}
    raise RefusedError(409, message, **extra)


def refusal(status: int, message: str = "", **extra: Any) -> Answer:
    """The answer to a refused call."""
    return error_answer(status, message or _WORDS.get(status, "Error"), **extra)


def oops() -> Answer:
    """The plain-text failure recorded for unrouted and empty-body calls in 2014 (sheet 2.1)."""
    return Answer(500, b"Oops, there was a problem!", {"content-type": "text/plain; charset=utf-8"})
