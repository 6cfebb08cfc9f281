"""The inbox of a connection: orders as the platform gave them, and which of them wait for somebody."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linesheet.sync.inbox import rows_of
from linesheet.sync.models import InboxRecord
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404
from linesheet.web.paging import page_of


@require_safe
def show(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Imported orders, newest first; `state` in the query string shows those of one state."""
    connection = connection_or_404(request, connection_id)
    records = InboxRecord.objects.filter(connection=connection)
    counts = dict(records.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("state", "")
    if state in InboxRecord.State.values:
        records = records.filter(state=state)
    page = page_of(records, request.GET, newest_first=True)
    return render(
        request,
        "web/inbox.html",
        {
            "connection": connection,
            "state": state,
            "total": sum(counts.values()),
            "states": [(value, label, counts.get(value, 0)) for value, label in InboxRecord.State.choices],
            "page": page.map(rows_of),
        },
    )
