"""What every request carries: its id, a policy for what the browser may load, and the company in hand."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from linesheet.books import companies
from linesheet.books.models import Member
from linesheet.books.tenancy import acting_for
from linesheet.site.logs import about
from linesheet.web.access import May, MayNot, MemberRequest, refused
from linesheet.web.entrance import sessions
from linesheet.web.views import machines

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)

_PATH_SHOWN = 60
"""Characters of a path that are logged: too few for a signed token to be of use."""
_WITHOUT_SET_UP = {"set_up", "picture"}
"""The page itself, and what is asked for by signed link and so often that it asks the database for nothing."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class RequestId:
    """Gives every request an id, or keeps the one a proxy gave it; it is in the logs and in the answer.

    One line is logged per request, with the route instead of the address, because addresses may hold signed tokens;
    where no route matches, with the beginning of the path, and never with what follows the question mark.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request_id
        with about(request=request_id):
            began = time.monotonic()
            response = self.get_response(request)
            milliseconds = (time.monotonic() - began) * 1000
            log.info("%s %s in %.0f ms", request.method, _answered(request, response), milliseconds)
        response.headers["X-Request-ID"] = request_id
        return response


def _answered(request: HttpRequest, response: HttpResponse) -> str:
    """What was asked for, and the status of the answer."""
    if request.resolver_match:
        return f"/{request.resolver_match.route} {response.status_code}"
    path = request.path if len(request.path) <= _PATH_SHOWN else f"{request.path[:_PATH_SHOWN]}..."
    return f"{path} {response.status_code}{' (no route)' if response.status_code == 404 else ''}"


class Machines:
    """Answers what machines ask before anything else looks at the request: by any host name, without a session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return machines.BY_PATH.get(request.path, self.get_response)(request)


class ContentSecurityPolicy:
    """Forbids inline scripts and styles, framing, and anything from elsewhere."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class KeepableText:
    """Leaves the NUL character out of all that is asked and sent: PostgreSQL keeps no text with one in it.

    Nobody types it; it comes along with what is copied out of broken files. An address with one in it leads nowhere.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Once the request's form is read to see that it is our own, and before anybody looks into it."""
        if "\0" in request.path_info:
            raise Http404
        request.GET = _keepable(request.GET)
        request.POST = _keepable(request.POST)


def _keepable(query: QueryDict) -> Any:
    # Any: the stubs know of a form that may be changed, and of one that may not.
    texts = [(key, values) for key, values in query.lists() if "\0" in key or any("\0" in text for text in values)]
    if not texts:
        return query
    kept = query.copy()
    for key, values in texts:
        del kept[key]
        kept.setlist(key.replace("\0", ""), [text.replace("\0", "") for text in values])
    return kept


class CompanyInHand:
    """Takes the member's company, and the time zone they read times in, in hand for the length of the request.

    Every view wants a logged-in member, except those marked `login_not_required`; these know no company.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as held:
            cast(MemberRequest, request).held = held
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Log-in first, then a membership; None lets the view go on."""
        request = cast(MemberRequest, request)
        if _awaits_set_up(request):
            return HttpResponseClientRedirect(resolve_url("set_up")) if request.htmx else redirect("set_up")
        if not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return _log_in_first(request)
        sessions.note(request, request.user)
        memberships = list(Member.everywhere.filter(user=request.user).select_related("company").order_by("pk"))
        if not memberships:
            return render(request, "web/no_company.html", status=403)
        _take_in_hand(request, memberships)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say who may do what this member may not."""
        return refused(cast(MemberRequest, request), error) if isinstance(error, MayNot) else None


def _awaits_set_up(request: MemberRequest) -> bool:
    """Whether nobody can log in yet, so that every page leads to the first set-up."""
    if request.resolver_match and request.resolver_match.url_name in _WITHOUT_SET_UP:
        return False
    return not request.user.is_authenticated and not companies.is_set_up()


def _log_in_first(request: MemberRequest) -> HttpResponseBase:
    if request.htmx:
        # A redirect would be followed behind the page's back, and the log-in page swapped into a part of it.
        return HttpResponseClientRedirect(resolve_url("login"))
    return redirect_to_login(request.get_full_path())


def _take_in_hand(request: MemberRequest, memberships: list[Member]) -> None:
    chosen = request.session.get("company")
    member = next((one for one in memberships if one.company_id == chosen), memberships[0])
    member.user = request.user
    request.member, request.memberships, request.company = member, memberships, member.company
    request.may = May(member)
    request.held.enter_context(acting_for(member.company_id))
    request.held.enter_context(timezone.override(request.user.zone_in(member.company)))
