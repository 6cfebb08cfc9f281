"""Doing again what was done: a whole run, or one item of it."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from linesheet.books.reasons import Refused
from linesheet.sync import replays
from linesheet.sync.models import Item
from linesheet.web.access import MemberRequest
from linesheet.web.declared import run_or_404

AT_WORK = "A run of this task is at work already: this one. Nothing new was queued."


@require_POST
def run(request: MemberRequest, run_id: int) -> HttpResponseBase:
    """Queue the same task once more, as it was asked for then."""
    old = run_or_404(request, run_id)
    request.may.run_or_refuse(old.connection, "start runs")
    try:
        new, fresh = replays.again(old, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("run", old.pk)
    if not fresh:
        messages.info(request, AT_WORK)
    return redirect("run", new.pk)


@require_POST
def item(request: MemberRequest, run_id: int, item_id: int) -> HttpResponseBase:
    """Queue a run of this record alone; `how` says whether it sends what was sent, or what the books have now."""
    old = get_object_or_404(
        request.may.only_seen(Item.objects.filter(run_id=run_id), by="run__connection")
        .select_related("run__connection")
        .defer("run__connection__credentials"),
        pk=item_id,
    )
    request.may.run_or_refuse(old.run.connection, "start runs")
    how = request.POST.get("how")
    try:
        if how == "as-sent":
            new, fresh = replays.send_again(old, by=request.user)
        else:
            new, fresh = replays.try_again(old, preview=how == "preview", by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("item", run_id, old.pk)
    if not fresh:
        messages.info(request, AT_WORK)
    return redirect("run", new.pk)
