"""What every request carries: a policy for what the browser may load, and the company in hand."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from linesheet.books.models import Member
from linesheet.books.tenancy import acting_for
from linesheet.web.access import OPERATORS, MemberRequest

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


class ContentSecurityPolicy:
    """Forbids inline scripts and styles, framing, and anything from elsewhere."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class CompanyInHand:
    """Takes the member's company and its time zone in hand for the length of the request.

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
        if not getattr(view, "login_required", True):
            return None
        request = cast(MemberRequest, request)
        if not request.user.is_authenticated:
            return _log_in_first(request)
        memberships = list(Member.everywhere.filter(user=request.user).select_related("company").order_by("pk"))
        if not memberships:
            return render(request, "web/no_company.html", status=403)
        _take_in_hand(request, memberships)
        return None


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
    request.may_operate = member.role in OPERATORS
    request.held.enter_context(acting_for(member.company_id))
    request.held.enter_context(timezone.override(member.company.zone))
