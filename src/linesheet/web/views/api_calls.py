"""The calls that programs made of us, and one of them with what was sent and answered."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from linesheet.sync.models import ApiCall
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.activity.api_calls import calls_to_us
from linesheet.web.declared import connection_or_404, platform_of


def of_members(request: MemberRequest) -> HttpResponseBase:
    """The calls with keys of members: with one's own, or with everybody's for whoever manages members."""
    return lists.show(request, calls_to_us("api_calls", _of_members, "web/api/calls.html"), {})


def of_connection(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The calls of a connection's platform, newest first."""
    connection = connection_or_404(request, connection_id)
    platform = platform_of(connection)
    if platform is None or platform.endpoints is None:
        raise Http404

    def calls(request: MemberRequest) -> Any:
        return ApiCall.objects.filter(connection=connection)

    context = {"connection": connection, "part": "calls_in"}
    return lists.show(request, calls_to_us("calls_in", calls, "web/api/connection_calls.html"), context)


@require_safe
def one(request: MemberRequest, api_call_id: int) -> HttpResponse:
    """One call, secrets masked; a page of its own where no script asks for it."""
    calls = ApiCall.objects.select_related("connection").defer("connection__credentials")
    call: ApiCall = get_object_or_404(request.may.only_seen(calls), pk=api_call_id)
    if call.connection_id is None and not _of_members(request).filter(pk=call.pk).exists():
        raise Http404
    template = "web/api/_call.html" if request.htmx else "web/api/call.html"
    return render(request, template, {"call": call, "connection": call.connection})


def _of_members(request: MemberRequest) -> Any:
    calls = ApiCall.objects.filter(connection=None)
    return calls if request.may.manage_people else calls.filter(member=request.member)
