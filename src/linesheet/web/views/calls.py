"""The calls a connection made, and one of them with what was sent and answered."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from linesheet.sync.models import Exchange
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.activity.calls import calls_of
from linesheet.web.declared import connection_or_404


def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The calls of a connection, newest first."""
    connection = connection_or_404(request, connection_id)
    return lists.show(request, calls_of(connection), {"connection": connection, "part": "calls"})


@require_safe
def call(request: MemberRequest, exchange_id: int) -> HttpResponse:
    """One call, secrets masked; a page of its own where no script asks for it."""
    found = get_object_or_404(
        request.may.only_seen(Exchange.objects.select_related("connection").defer("connection__credentials")),
        pk=exchange_id,
    )
    template = "web/activity/_call.html" if request.htmx else "web/activity/call.html"
    return render(request, template, {"exchange": found, "connection": found.connection})
