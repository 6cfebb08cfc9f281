"""Open problems of a connection, one by one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linesheet.sync.models import Problem
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404
from linesheet.web.paging import page_of


@require_safe
def show(request: MemberRequest, connection_id: int) -> HttpResponse:
    """The records that share a reason; all open problems without one."""
    connection = connection_or_404(request, connection_id)
    problems = Problem.objects.filter(connection=connection, cleared_at=None)
    reason = request.GET.get("reason", "")
    if reason:
        problems = problems.filter(reason_code=reason)
    return render(
        request,
        "web/problems.html",
        {
            "connection": connection,
            "reason": reason,
            "count": problems.count(),
            "page": page_of(problems, request.GET),
        },
    )
