"""An OpenAPI document with everything that an endpoint may answer, which its types do not tell."""

from collections.abc import Iterable, Iterator
from typing import Any

from ninja.openapi.schema import REF_TEMPLATE
from ninja.operation import Operation

from linesheet.sync.serving import problems
from linesheet.sync.serving.described import problem_responses
from linesheet.sync.serving.problems import Code, Problem


def complete(document: dict[str, Any], operations: Iterable[Operation]) -> None:
    """Add problems, 304, and the scope a key needs."""
    scopes = {operation.view_func.__name__: _scope(operation) for operation in operations}
    for methods in document["paths"].values():
        for method, told in methods.items():
            own = told["responses"]
            common = problem_responses(*_common(told))
            if method == "get":
                common[304] = {"description": "As it was, by the ETag given in `If-None-Match`."}
            # Statuses as texts: as numbers, JSON would have some of them twice.
            told["responses"] = {str(status): answer for status, answer in sorted({**common, **own}.items())}
            scope = scopes.get(told["operationId"])
            needs = f"Needs a key with the scope `{scope}`." if scope else "Every key will do."
            told["description"] = f"{told.get('description', '')}\n\n{needs}".strip()
    document["components"]["schemas"].update(_problem_schemas())
    if not document["servers"]:
        document["servers"] = [{"url": "/"}]


def _common(told: dict[str, Any]) -> Iterator[Code]:
    """The problems that come with what an endpoint takes."""
    yield problems.INVALID_PARAMETER
    yield problems.UNAUTHORISED
    yield problems.FORBIDDEN_SCOPE
    yield problems.IP_NOT_ALLOWED
    yield problems.HTTPS_REQUIRED
    yield problems.TOO_LARGE
    if any(one["in"] == "path" for one in told["parameters"]):
        yield problems.NOT_FOUND
    if any(one["name"] == "cursor" for one in told["parameters"]):
        yield problems.CURSOR_EXPIRED
    if "requestBody" in told:
        yield problems.INVALID_JSON
        yield problems.SCHEMA_VIOLATION
        yield problems.REFUSED
    yield problems.RATE_LIMITED
    yield problems.MAINTENANCE


def _scope(operation: Operation) -> str:
    return next((getattr(one, "scope", "") for one in operation.auth_callbacks), "")


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template=REF_TEMPLATE, mode="serialization")
    return {**schema.pop("$defs"), "Problem": schema}
