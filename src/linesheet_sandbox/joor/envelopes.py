"""The answers of both generations of the API: `{data, errors}` of v4, and v2's with a `response` node (sheet 2)."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec

from linesheet_sandbox.common.http import Answer, Call, decode_json, json_answer, whole_number
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.portal import JoorPortal

ApiHandler = Callable[[JoorPortal, Call], Answer]
"""Answers a call that was admitted. Refuses with RefusedCallError; what it stored is durable afterwards."""

DUPLICATED = "DUPLICATED"
NOT_FOUND = "NOT_FOUND"
VALIDATION_ERROR = "VALIDATION_ERROR"

_V4_WORDS = {
    400: VALIDATION_ERROR,
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: NOT_FOUND,
    413: "PAYLOAD_TOO_LARGE",
    429: "TOO_MANY_REQUESTS",
}
_V2_CODES = {400: 1, 404: 2, 401: 4, 403: 4}

V2_VALIDATION = 3

_DEFAULT_PAGE = 50


class RefusedCallError(Exception):
    """A whole call refused; `code` is what v2 says when it is not what goes with the status."""

    def __init__(self, status: int, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


class ItemError(Exception):
    """One item of a v4 list refused; the others are not concerned."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def refusal(raw_path: str, status: int, message: str, code: int | None = None) -> Answer:
    """A whole call refused, in the form of the generation its path belongs to."""
    message = message or f"HTTP {status}"
    if raw_path.startswith("/auth"):
        error = "invalid_grant" if status == 401 else "temporarily_unavailable"
        return json_answer({"error": error, "error_description": message}, status)
    if raw_path.startswith("/v2"):
        code = _V2_CODES.get(status, 1) if code is None else code
        return json_answer({"response": {"code": code, "comment": message, "log_id": str(uuid4())}}, status)
    return json_answer({"data": [], "errors": [v4_error(_V4_WORDS.get(status, "ERROR"), message, {})]}, status)


def v4_error(status: str, message: str, details: Any) -> Record:
    """One entry of `errors`; `details` echoes the item it is about."""
    return {"status": status, "message": message, "details": details}


def v4_answer(data: list[Any], errors: list[Record] | None = None, status: int = 200) -> Answer:
    """An answer of v4."""
    return json_answer({"data": data, "errors": errors or []}, status)


def v4_written(portal: JoorPortal, call: Call, write: Callable[[Record], Record]) -> Answer:
    """Write each item of the list sent on its own: `write` stores one and gives what to answer, or raises ItemError."""
    items = v4_items(portal, call)
    spoiled = v4_spoiled(call, items)
    outcomes: list[Record | ItemError] = []
    for position, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise ItemError(VALIDATION_ERROR, "each item must be an object")
            outcomes.append(spoiled[position] if position in spoiled else write(item))
        except ItemError as problem:
            outcomes.append(problem)
    return v4_outcome(portal, items, outcomes)


def v4_outcome(portal: JoorPortal, items: list[Any], outcomes: list[Record | ItemError]) -> Answer:
    """The answer that tells what became of which item, by `data` and `errors`.

    Its status is 400, or what the settings say, when every item failed.
    """
    data = [outcome for outcome in outcomes if not isinstance(outcome, ItemError)]
    errors = [
        v4_error(outcome.status, outcome.message, item)
        for item, outcome in zip(items, outcomes, strict=True)
        if isinstance(outcome, ItemError)
    ]
    return v4_answer(data, errors, portal.settings.item_error_status if errors and not data else 200)


def v4_spoiled(call: Call, items: list[Any]) -> dict[int, ItemError]:
    """By position, the items that a fault makes fail at being stored."""
    return dict.fromkeys(call.spoiled(len(items)), ItemError(VALIDATION_ERROR, "the item could not be saved"))


def v4_items(portal: JoorPortal, call: Call) -> list[Any]:
    """The list sent. Refuses with 400 what is no list, and what is longer than a write may be."""
    items = json_body(call)
    limit = portal.settings.v4_list_limit
    if not isinstance(items, list):
        raise RefusedCallError(400, "the body must be a list")
    if limit is not None and len(items) > limit:
        raise RefusedCallError(400, f"a list may have {limit} items at most, and this has {len(items)}")
    return items


def paged(portal: JoorPortal, call: Call, ids: list[str]) -> list[str]:
    """The ids of the page asked for: `page` from 1 and `page_size`; all of them when neither is given (sheet 2)."""
    query = call.query()
    if "page" not in query and "page_size" not in query:
        return ids
    page, size = whole_number(query.get("page", "1")), whole_number(query.get("page_size", str(_DEFAULT_PAGE)))
    most = portal.settings.page_size_limit
    if not page or not size or (most is not None and size > most):
        raise RefusedCallError(400, f"page must be 1 or more, and page_size from 1 to {most or 'any number'}")
    return ids[(page - 1) * size : page * size]


def v2_answer(name: str, content: Record, *, comment: str = "", **counts: Any) -> Answer:
    """An answer of v2 that went well: `{name: {response: {code: 0, ...}, **content}}`.

    `counts` go into the `response` node: `start_from`, `next_start`, `count` of a list.
    """
    response = {"code": 0, "comment": comment, **counts, "log_id": str(uuid4())}
    return json_answer({name: {"response": response, **content}})


def json_body(call: Call) -> Any:
    """The JSON sent. Refuses with 400 what cannot be read."""
    try:
        return decode_json(call.body)
    except msgspec.DecodeError as problem:
        raise RefusedCallError(400, f"the body is not JSON: {problem}") from None


def chosen(call: Call, parameter: str) -> list[str] | None:
    """The values of a comma list in the query, each once; None when the parameter is not there."""
    text = call.query().get(parameter)
    return None if text is None else list(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))


def records(found: Iterable[Record | None]) -> list[Record]:
    """The records that there are."""
    return [record for record in found if record is not None]
