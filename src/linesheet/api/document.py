"""An OpenAPI document with everything that an endpoint may answer, which its types do not tell."""

from collections.abc import Iterable, Iterator
from typing import Any

from ninja.openapi.schema import REF_TEMPLATE
from ninja.operation import Operation

from linesheet.sync.serving import problems
from linesheet.sync.serving.described import problem_responses
from linesheet.sync.serving.problems import Code, Problem

_ALWAYS = {"X-Request-Id": "As it was sent, or made here; Activity and logs have it too."}
_HEADERS = {
    "401": {"WWW-Authenticate": "`Bearer`."},
    "429": {"Retry-After": "Seconds until calls are answered again."},
    "503": {"Retry-After": "Seconds after which it is worth another try."},
}
"""Headers that answers always have, by status."""


def complete(document: dict[str, Any], operations: Iterable[Operation]) -> None:
    """Add problems, 304, headers, and the scope a key needs."""
    scopes = {operation.view_func.__name__: _scope(operation) for operation in operations}
    for methods in document["paths"].values():
        for method, told in methods.items():
            own = told["responses"]
            common = problem_responses(*_common(method, told))
            if method == "get":
                common[304] = {"description": "As it was, by the ETag given in `If-None-Match`."}
            # Statuses as texts: as numbers, JSON would have some of them twice.
            both = {status: _joined(common.get(status), own.get(status)) for status in sorted({*common, *own})}
            told["responses"] = {str(status): answer for status, answer in both.items()}
            for status, answer in told["responses"].items():
                etag = {"ETag": "Send it as `If-None-Match`."} if (method, status) == ("get", "200") else {}
                answer["headers"] = _headers({**_ALWAYS, **_HEADERS.get(status, {}), **etag})
            scope = scopes.get(told["operationId"])
            needs = f"Needs a key with the scope `{scope}`." if scope else "Every key will do."
            told["description"] = f"{told.get('description', '')}\n\n{needs}".strip()
    document["components"]["schemas"].update(_problem_schemas())
    if not document["servers"]:
        document["servers"] = [{"url": "/"}]


def _joined(common: dict[str, Any] | None, own: dict[str, Any] | None) -> dict[str, Any]:
    """Of one status, what every endpoint answers and what this one does besides."""
    if common is None or own is None:
        return own or common or {}
    news = own["description"].removeprefix(common["description"]).strip()
    return {**own, "description": f"{common['description']} {news}".strip()}


def _headers(told: dict[str, str]) -> dict[str, Any]:
    return {name: {"description": says, "required": True, "schema": {"type": "string"}} for name, says in told.items()}


def _common(method: str, told: dict[str, Any]) -> Iterator[Code]:
    """The problems that come with what an endpoint does and takes."""
    yield problems.INVALID_PARAMETER
    yield problems.UNAUTHORISED
    yield problems.FORBIDDEN_SCOPE
    yield problems.IP_NOT_ALLOWED
    yield problems.HTTPS_REQUIRED
    yield problems.TOO_LARGE
    if any(one["in"] == "path" for one in told["parameters"]):
        yield problems.NOT_FOUND
    if any(one["name"] == "cursor" and _is_text(one["schema"]) for one in told["parameters"]):
        yield problems.CURSOR_EXPIRED
    if "requestBody" in told:
        yield problems.INVALID_JSON
        yield problems.SCHEMA_VIOLATION
    if method != "get":
        yield problems.REFUSED
    yield problems.RATE_LIMITED
    yield problems.MAINTENANCE


def _is_text(schema: dict[str, Any]) -> bool:
    """Whether it is a cursor of a collect; those of other lists are ids, and do not expire."""
    return any(one.get("type") == "string" for one in schema.get("anyOf", [schema]))


def _scope(operation: Operation) -> str:
    return next((getattr(one, "scope", "") for one in operation.auth_callbacks), "")


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template=REF_TEMPLATE, mode="serialization")
    return {**schema.pop("$defs"), "Problem": schema}
