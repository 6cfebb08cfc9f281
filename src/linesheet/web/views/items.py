"""An item: one record's fate in a run, with the calls that were made for it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from linesheet.sync.models import Exchange, Item
from linesheet.web.access import MemberRequest
from linesheet.web.declared import task_name

MOST_EXCHANGES = 50


@require_safe
def show(request: MemberRequest, run_id: int, item_id: int) -> HttpResponse:
    """Why the record is where it is, what was sent, and what was answered."""
    item = get_object_or_404(
        request.may.only_seen(Item.objects.filter(run_id=run_id), by="run__connection")
        .select_related("run__connection", "inbox")
        .defer("run__connection__credentials"),
        pk=item_id,
    )
    exchanges = Exchange.objects.filter(run_id=run_id, item_ids__contains=[item.pk])[:MOST_EXCHANGES]
    return render(
        request,
        "web/item.html",
        {
            "item": item,
            "run": item.run,
            "connection": item.run.connection,
            "task": task_name(item.run.connection, item.run.task),
            "exchanges": exchanges,
        },
    )
