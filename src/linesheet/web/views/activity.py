"""What a connection did: every run, with the records in it behind the "+"."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linesheet.sync import activity
from linesheet.sync.models import Exchange, Run
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.accounting import terms_of
from linesheet.web.activity.runs import runs_of
from linesheet.web.declared import connection_or_404, run_or_404, task_name

LATEST_CALLS = 5


def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The runs of a connection, newest first."""
    connection = connection_or_404(request, connection_id)
    return lists.show(request, runs_of(connection), {"connection": connection, "part": "runs"})


@require_safe
def details(request: MemberRequest, run_id: int) -> HttpResponse:
    """What is behind the "+" of a run; a page of its own where no script asks for it."""
    run = run_or_404(request, run_id)
    calls = Exchange.objects.filter(run=run).order_by("-started_at", "-pk")
    return render(
        request,
        "web/activity/_run.html" if request.htmx else "web/activity/run.html",
        {
            "run": run,
            "connection": run.connection,
            "task": task_name(run.connection, run.task),
            "terms": terms_of(run, compares=activity.compares(run.connection, run.task)),
            "compared": activity.mismatches_of(run.connection, run.task),
            "final": run.state in Run.FINAL,
            "groups": activity.groups_of(run),
            "calls": calls.defer("request_body", "response_body", "request_headers", "response_headers")[:LATEST_CALLS],
        },
    )
