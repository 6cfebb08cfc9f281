"""Problems as answers, and what ninja says in words of its own put into ours."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.responses import Response

from linesheet.books.reasons import Refused
from linesheet.sync.serving.callers import ApiRequest
from linesheet.sync.serving.problems import (
    CONTENT_TYPE,
    INVALID_JSON,
    INVALID_PARAMETER,
    NOT_FOUND,
    SCHEMA_VIOLATION,
    UNAUTHORISED,
    ApiProblem,
    Issue,
)

MOST_ISSUES = 100


def problem_answer(request: HttpRequest, problem: ApiProblem) -> HttpResponse:
    """The problem as an answer; the call remembers it."""
    call = cast(ApiRequest, request).call
    call.refused = problem
    response = Response(problem.as_json(call.request_id), status=problem.code.status, content_type=CONTENT_TYPE)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def as_problem(error: Exception) -> ApiProblem:
    """What an endpoint, or ninja on its behalf, raised; raised again where it is a defect."""
    match error:
        case ApiProblem():
            return error
        case Refused():
            return ApiProblem.from_refused(error)
        case ValidationError():
            return _not_as_declared(error.errors)
        case AuthenticationError():
            says = "Send a key, as Authorization: Bearer <key> or as X-API-Key."
            return ApiProblem(UNAUTHORISED, says, headers={"WWW-Authenticate": "Bearer"})
        case HttpError() if isinstance(error.__cause__, ApiProblem):
            return error.__cause__
        case HttpError():
            return ApiProblem(INVALID_JSON, str(error))
        case Http404():
            return ApiProblem(NOT_FOUND, "There is no such record.")
    raise error


def _not_as_declared(errors: Sequence[dict[str, Any]]) -> ApiProblem:
    """Of a parameter 400, else 422 with pointers into the body."""
    of_parameters = [one for one in errors if one["loc"][0] != "body"]
    code = INVALID_PARAMETER if of_parameters else SCHEMA_VIOLATION
    told = of_parameters or errors
    issues = [Issue(code=code.code, message=_says(one), pointer=_pointer(one["loc"])) for one in told[:MOST_ISSUES]]
    more = f" {len(told) - 1} more like it." if len(told) > 1 else ""
    return ApiProblem(code, f"{issues[0].pointer or 'The body'}: {issues[0].message}.{more}", issues)


def _says(error: dict[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "There is no field of this name here"
    return str(error["msg"]).removeprefix("Value error, ")


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer into the body, or the parameter's name."""
    source, *path = location
    if source != "body":
        return f"?{path[-1]}" if source == "query" else str(path[-1])
    # The first is the endpoint's own name for the body.
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path[1:])
