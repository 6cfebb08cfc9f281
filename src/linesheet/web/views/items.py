"""An item: one record's fate in a run, with the calls that were made for it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from linesheet.sync import activity
from linesheet.sync.contexts import comparisons_of
from linesheet.sync.differences import fields_of
from linesheet.sync.models import Exchange, Item, Run
from linesheet.sync.platform import Direction
from linesheet.sync.runs import kind_in_books
from linesheet.web.access import MemberRequest
from linesheet.web.activity.calls import BODIES
from linesheet.web.declared import platform_of, task_name
from linesheet.web.why import item_whys

MOST_EXCHANGES = 50
MOST_FIELDS = 300


@require_safe
def show(request: MemberRequest, run_id: int, item_id: int) -> HttpResponse:
    """Why the record is where it is, what was sent, and what was answered; a part of the list where a script asks."""
    item = get_object_or_404(
        request.may.only_seen(Item.objects.filter(run_id=run_id), by="run__connection")
        .select_related("run__connection", "inbox__order")
        .defer("run__connection__credentials"),
        pk=item_id,
    )
    made_for = Exchange.objects.filter(run_id=run_id, item_ids__contains=[item.pk])
    exchanges = list(made_for.order_by("pk").defer(*BODIES)[:MOST_EXCHANGES])
    compared = comparisons_of(item.run.connection, item.run.task)
    return render(
        request,
        "web/activity/_item.html" if request.htmx else "web/item.html",
        {
            "item": item,
            "run": item.run,
            "connection": item.run.connection,
            "task": task_name(item.run.connection, item.run.task),
            "exchanges": exchanges,
            "opened": Exchange.objects.get(pk=exchanges[-1].pk) if exchanges and not request.htmx else None,
            "in_books": _in_books(item),
            "sends": _sends(item),
            "why": item_whys(item.run.connection)(item.run.task, item),
            "outbound": _direction(item.run) is Direction.OUT and item.leg not in compared,
            "compared": activity.mismatches_of(item.run.connection, item.run.task),
            "compares": item.leg in compared,
            "final": item.run.state in Run.FINAL,
        },
    )


def _sends(item: Item) -> list[tuple[str, Any]]:
    """What a record that is new to the platform is sent with; changes of the others say that."""
    new = item.action == Item.Action.CREATE and not item.changes
    return fields_of(item.payload)[:MOST_FIELDS] if new and item.payload is not None else []


def _in_books(item: Item) -> str:
    """The address of the record in the books; "" where it has no page."""
    pk: int | str | None
    if item.inbox:
        name, pk = "order", item.inbox.order_id
    else:
        name, pk = kind_in_books(item.run.connection, item.run.task, item.kind), item.record_id
    try:
        return reverse(name, args=[int(pk)]) if pk else ""
    except (NoReverseMatch, ValueError):
        return ""


def _direction(run: Run) -> Direction | None:
    platform = platform_of(run.connection)
    return next((task.direction for task in platform.tasks if task.key == run.task), None) if platform else None
