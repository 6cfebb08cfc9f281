"""What every call passes: limits, who calls, one shape of problems, ETags, and the row it leaves in Activity.

Calls go past sessions, cookies and forms: whatever begins with /api/ is answered here.
"""

import hashlib
import logging
from collections.abc import Callable
from typing import cast

from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.db import Error, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve
from django.utils.http import parse_etags

from linesheet.api.answers import problem_answer
from linesheet.api.mounting import ROOT, address_at
from linesheet.site.hiding import hiding
from linesheet.site.origin import address_of, is_private
from linesheet.sync.serving import activity, bodies
from linesheet.sync.serving.callers import ApiRequest, Call
from linesheet.sync.serving.problems import (
    DEFECT,
    INVALID_PARAMETER,
    MAINTENANCE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    ApiProblem,
)

log = logging.getLogger(__name__)

_SAFE = ("GET", "HEAD")


class Door:
    """Answers calls; all other requests go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        call = Call(
            request_id=request.META["HTTP_X_REQUEST_ID"],
            address=address_of(request).partition("%")[0],
            private=is_private(request),
        )
        asked = cast(ApiRequest, request)
        asked.call = call
        bodies.leave_unread(asked)
        with hiding(), call.held:
            response = _conditional(asked, _answer(asked))
            _keep(asked, response)
        return response


def _answer(request: ApiRequest) -> HttpResponse:
    asked_as = request.method
    try:
        request.get_host()
        if "\0" in request.path_info:
            raise Http404
        match = resolve(request.path_info)
        request.resolver_match = match
        address = address_at(match)
        request.call.route = f"/{match.route}"
        request.call.opens = address.opens
        request.call.most_bytes = address.most_bytes
        if asked_as == "HEAD":
            request.method = "GET"
        request.call.known = address.known.get(request.method or "")
        response = match.func(request, *match.args, **match.kwargs)
        return _in_shape(request, response)
    except ApiProblem as problem:
        return problem_answer(request, problem)
    except Http404:
        return problem_answer(request, ApiProblem(NOT_FOUND, "There is nothing at this address."))
    except DisallowedHost:
        return problem_answer(request, ApiProblem(INVALID_PARAMETER, "Linesheet does not go by this host name."))
    except TooManyFieldsSent:
        return problem_answer(request, ApiProblem(INVALID_PARAMETER, "The address has too many parameters."))
    except OperationalError:
        log.exception("the database could not do what was called for")
        says = "The database could not do this now."
        return problem_answer(request, ApiProblem(MAINTENANCE, says, headers={"Retry-After": "30"}))
    except Exception:
        log.exception("a call failed")
        says = "This is a defect of Linesheet. Its log has the rest, by this request's id."
        return problem_answer(request, ApiProblem(DEFECT, says))
    finally:
        request.method = asked_as


def _in_shape(request: ApiRequest, response: HttpResponse) -> HttpResponse:
    """What ninja refuses without an exception, as a problem."""
    if response.status_code != METHOD_NOT_ALLOWED.status:
        return response
    allowed = response.headers.get("Allow", "")
    says = f"{request.method} is not understood here; {allowed} is."
    return problem_answer(request, ApiProblem(METHOD_NOT_ALLOWED, says, headers={"Allow": allowed}))


def _conditional(request: ApiRequest, response: HttpResponse) -> HttpResponse:
    """With its length, and an ETag; without a body when the caller has that already. What is streamed goes as it is.

    Nobody between us and the caller may keep it: it is for one key, which need not be in `Authorization`.
    """
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if response.streaming:
        return response
    if request.method in _SAFE and response.status_code == 200:
        if not response.has_header("ETag"):
            response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        if _has(request, response.headers["ETag"]):
            response.status_code, response.content = 304, b""
            del response.headers["Content-Type"]
    response.headers["Content-Length"] = str(len(response.content))
    if request.method == "HEAD":
        response.content = b""
    return response


def _has(request: ApiRequest, etag: str) -> bool:
    """Whether the caller has what has this ETag."""
    theirs = [one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))]
    return "*" in theirs or etag.removeprefix("W/") in theirs


def _keep(request: ApiRequest, response: HttpResponse) -> None:
    """Leave a row in Activity; a call that was answered is not failed for want of it."""
    try:
        activity.keep(request, response.status_code, b"" if response.streaming else response.content)
    except Error:
        log.exception("a call could not be kept")
