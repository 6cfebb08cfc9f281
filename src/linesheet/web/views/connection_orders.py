"""The orders a connection brought in, and what is behind each: why it waits, and its log."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linesheet.books.reasons import Refused
from linesheet.sync import replays
from linesheet.sync.contexts import tells
from linesheet.sync.models import InboxRecord, Item
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.activity.orders import orders_of
from linesheet.web.declared import connection_or_404, task_name

LATEST_ITEMS = 10


def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The orders that came in, newest first."""
    connection = connection_or_404(request, connection_id)
    return lists.show(request, orders_of(connection), {"connection": connection})


@require_safe
def inbox(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Where the orders were listed before: leads to where they are now."""
    connection = connection_or_404(request, connection_id)
    query = request.GET.urlencode()
    address = reverse("connection_orders", args=[connection.pk])
    return redirect(f"{address}?{query}" if query else address)


@require_safe
def details(request: MemberRequest, inbox_id: int) -> HttpResponse:
    """Why a record is where it is, and what runs did with it; a page of its own where no script asks for it."""
    record = _record(request, inbox_id)
    items = Item.objects.filter(inbox=record).select_related("run").order_by("-pk")[:LATEST_ITEMS]
    return render(
        request,
        "web/activity/_order.html" if request.htmx else "web/activity/order.html",
        {
            "record": record,
            "connection": record.connection,
            "log": [(item, task_name(record.connection, item.run.task)) for item in items],
            "tells": tells(record.connection, record.kind),
            "undecided": record.state in InboxRecord.UNDECIDED,
        },
    )


@require_POST
def resolve(request: MemberRequest, inbox_id: int) -> HttpResponseBase:
    """Take in one record that waits, by the books as they are now and from its kept payload."""
    record = _record(request, inbox_id)
    request.may.run_or_refuse(record.connection, "resolve the orders")
    try:
        run, _ = replays.resolve(record, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("connection_orders", record.connection_id)
    return redirect("run", run.pk)


def _record(request: MemberRequest, inbox_id: int) -> InboxRecord:
    records = InboxRecord.objects.select_related("connection", "order").defer("payload", "connection__credentials")
    record: InboxRecord = get_object_or_404(request.may.only_seen(records), pk=inbox_id)
    return record
